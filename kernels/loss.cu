#include "fill.h"
#include "loss.h"
#include "reduce.h"

namespace pw {
namespace {

constexpr int kOutputs = 5, kTargets = 3;
constexpr int64_t kPixels = 1024;  // of a block

PW_GPU float cross_entropy(float z, float t) {
  return fmaxf(z, 0.0f) - z * t + log1pf(expf(-fabsf(z)));
}

template <class T>
struct Pixels {
  Global<const T> output, target;

  PW_GPU float o(int64_t pixel, int k) const { return output.at(pixel * kOutputs + k); }
  PW_GPU float t(int64_t pixel, int k) const { return target.at(pixel * kTargets + k); }
  PW_GPU bool inside(int64_t pixel) const { return t(pixel, 0) > 0.0f; }
  // Of the cluster's (0) or the threshold's mask.
  PW_GPU float mask(int64_t pixel, int which) const {
    return which == 0 ? (inside(pixel) ? 1.0f : 0.0f) : t(pixel, 2);
  }
  PW_GPU float logit(int64_t pixel, int which) const { return o(pixel, 3 + which); }
};

// Adds a pixel to sums in the order of Sums.
template <class T>
PW_GPU void add_pixel(const pw_autoencoder_loss &d, const Pixels<T> &pixels, int64_t pixel,
                      float *sum) {
  float error = 0, empty = 0;
  for (int k = 0; k < 3; ++k) {
    const float difference = pixels.o(pixel, k) - pixels.t(pixel, k);
    error += difference * difference;
    empty += pixels.t(pixel, k) * pixels.t(pixel, k);
  }
  const float w = pixels.inside(pixel) ? d.hit_weight : d.empty_weight;
  sum[0] += w;
  sum[1] += w * error;
  sum[2] += error;
  sum[3] += empty;
  for (int which = 0; which < 2; ++which) {
    float *const to = sum + 4 + 7 * which;
    const float z = pixels.logit(pixel, which), t = pixels.mask(pixel, which);
    const bool present = t > 0.5f, predicted = z > 0.0f;
    const float v = present ? d.mask_hit_weight : d.mask_empty_weight, q = sigmoid(z);
    to[0] += v;
    to[1] += v * cross_entropy(z, t);
    to[2] += q * t;
    to[3] += q;
    to[4] += t;
    to[5] += present && predicted ? 1.0f : 0.0f;
    to[6] += present || predicted ? 1.0f : 0.0f;
  }
}

// A block sums kPixels pixels of an image.
template <class T>
__global__ void sum_pixels(pw_autoencoder_loss d, Pixels<T> pixels, int64_t size, int64_t chunks,
                           Global<Sums> sums) {
  const Shared<float> shared(0, kThreads * kSums);
  const int thread = static_cast<int>(threadIdx.x);
  const int64_t image = blockIdx.x / chunks, chunk = blockIdx.x % chunks;
  float sum[kSums];
  for (float &s : sum) s = 0;
  const int64_t end = least(size, (chunk + 1) * kPixels);
  for (int64_t p = chunk * kPixels + thread; p < end; p += kThreads) {
    add_pixel(d, pixels, image * size + p, sum);
  }
  for (int k = 0; k < kSums; ++k) shared.set(k * kThreads + thread, sum[k]);
  __syncthreads();
  if (thread >= kSums) return;
  double total = 0;
  for (int t = 0; t < kThreads; ++t) {
    total += static_cast<double>(shared.get(thread * kThreads + t));
  }
  sums[image * chunks + chunk].sum[thread] = total;
}

struct FinishImage {
  pw_autoencoder_loss d;
  Global<const Sums> sums;
  int64_t chunks;
  Global<float> columns;
  Global<GradientFactors> factors;

  PW_GPU void operator()(int64_t n) const {
    factors[n] = finish_image(d, sums.from(n * chunks), chunks, columns.from(n * PW_LOSS_COLUMNS));
  }
};

struct FinishLosses {
  pw_autoencoder_loss d;
  Global<const float> columns;
  Global<float> losses;
  PW_GPU void operator()(int64_t) const { finish_losses(d, columns, losses); }
};

template <class T>
struct PixelGradient {
  pw_autoencoder_loss d;
  Pixels<T> pixels;
  int64_t size;
  Global<const GradientFactors> factors;
  Global<T> doutput;

  PW_GPU void operator()(int64_t pixel) const {
    const GradientFactors f = factors[pixel / size];
    const float w = (pixels.inside(pixel) ? d.hit_weight : d.empty_weight) * f.image;
    for (int k = 0; k < 3; ++k) {
      doutput.set(pixel * kOutputs + k, w * (pixels.o(pixel, k) - pixels.t(pixel, k)));
    }
    for (int which = 0; which < 2; ++which) {
      const float z = pixels.logit(pixel, which), t = pixels.mask(pixel, which);
      const float v = t > 0.5f ? d.mask_hit_weight : d.mask_empty_weight, q = sigmoid(z);
      // 1 - q without cancellation.
      const float rest = sigmoid(-z);
      const float excess = z >= 0.0f ? (1.0f - t) - rest : q - t;
      const MaskFactors &m = f.mask[which];
      doutput.set(pixel * kOutputs + 3 + which,
                  m.cross_entropy * v * excess + (m.dice_present * t + m.dice_all) * (q * rest));
    }
  }
};

struct Plan {
  int64_t n, size, chunks;
  explicit Plan(const pw_autoencoder_loss &d)
      : n(d.n), size(static_cast<int64_t>(d.h) * d.w), chunks(ceil_div(size, kPixels)) {}
  int64_t sums_bytes() const {
    return round_up(n * chunks * static_cast<int64_t>(sizeof(Sums)), 256);
  }
  int64_t bytes() const { return sums_bytes() + n * static_cast<int64_t>(sizeof(GradientFactors)); }
};

int64_t workspace(int, const pw_autoencoder_loss &d) { return Plan(d).bytes(); }

void forward(Pool &pool, const pw_autoencoder_loss &d, const void *result, const void *target,
             void *doutput, float *losses, float *columns, void *workspace) {
  const Plan plan(d);
  const int64_t pixels = plan.n * plan.size, cells = plan.n * PW_LOSS_COLUMNS;
  void *const rest = static_cast<char *>(workspace) + plan.sums_bytes();
  dispatch_storage(d.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    const Pixels<T> view{input<T>(result, pixels * kOutputs), input<T>(target, pixels * kTargets)};
    launch(pool,
           {plan.n * plan.chunks, kThreads, kThreads * kSums * static_cast<int64_t>(sizeof(float))},
           sum_pixels<T>, d, view, plan.size, plan.chunks,
           output<Sums>(workspace, plan.n * plan.chunks));
    each(pool, plan.n,
         FinishImage{d, input<Sums>(workspace, plan.n * plan.chunks), plan.chunks,
                     output<float>(columns, cells), output<GradientFactors>(rest, plan.n)});
    if (doutput != nullptr) {
      each(pool, pixels,
           PixelGradient<T>{d, view, plan.size, input<GradientFactors>(rest, plan.n),
                            output<T>(doutput, pixels * kOutputs)});
    }
  });
  each(pool, 1, FinishLosses{d, input<float>(columns, cells), output<float>(losses, 4)});
}

// A thread does an image.
struct SupervisedImage {
  Supervised<Global<const float>, Global<const int32_t>, Global<float>> all;
  PW_GPU void operator()(int64_t n) const {
    all.image(n, all.columns.from(n * PW_SUPERVISED_COLUMNS));
  }
};

struct FinishSupervised {
  pw_supervised_loss d;
  Global<const float> columns;
  Global<float> losses;
  PW_GPU void operator()(int64_t) const { finish_supervised(d, columns, losses); }
};

void supervised(Pool &pool, const pw_supervised_loss &d, const float *result, const int32_t *labels,
                const float *values, const float *class_weights, float *doutput, float *losses,
                float *columns) {
  const int64_t n = d.n, cells = n * PW_SUPERVISED_COLUMNS, outputs = n * (d.classes + d.targets);
  each(pool, n,
       SupervisedImage{{d, input<float>(result, outputs), input<int32_t>(labels, n),
                        input<float>(values, n * d.targets), input<float>(class_weights, d.classes),
                        output<float>(doutput, outputs), output<float>(columns, cells)}});
  each(pool, 1, FinishSupervised{d, input<float>(columns, cells), output<float>(losses, 3)});
}

// A thread does a cluster.
struct HitsLossOfCluster {
  HitsLoss<Global<const int32_t>, Global<const float>, Global<float>> all;
  Global<float> columns;
  PW_GPU void operator()(int64_t n) const {
    all.cluster(n, columns.from(n * PW_HITS_LOSS_COLUMNS));
  }
};

struct FinishHitsLoss {
  pw_hits_loss d;
  Global<const float> columns;
  Global<float> losses;
  PW_GPU void operator()(int64_t) const { finish_hits_loss(d, columns, losses); }
};

void hits(Pool &pool, const pw_hits_loss &d, const int32_t *offsets, const float *result,
          const float *target, float *doutput, float *losses, float *columns) {
  const int64_t n = d.n, cells = n * PW_HITS_LOSS_COLUMNS;
  const int64_t values = static_cast<int64_t>(d.capacity) * PW_HITS_HEADS;
  each(pool, n,
       HitsLossOfCluster{{d, input<int32_t>(offsets, n + 1), input<float>(result, values),
                          input<float>(target, values), output<float>(doutput, values)},
                         output<float>(columns, cells)});
  each(pool, 1, FinishHitsLoss{d, input<float>(columns, cells), output<float>(losses, 4)});
}

}  // namespace

void fill_loss(Kernels &k) {
  k.autoencoder_loss_workspace = workspace;
  k.autoencoder_loss_forward = forward;
  k.supervised_loss_forward = supervised;
  k.hits_loss_forward = hits;
}

}  // namespace pw
