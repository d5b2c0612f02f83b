#include "loss.h"

#include "kernels.h"
#include "planes.h"
#include "rows.h"

namespace pw::PW_ISA {
namespace {

constexpr int kOutputs = 5, kTargets = 3;
// Pixels whose sums are kept in f32, kPixels / kLanes values a lane.
constexpr int64_t kPixels = 2048;

PW_INLINE vf magnitude(vf v) { return reinterpret_cast<vf>(reinterpret_cast<vi>(v) & 0x7fffffff); }
PW_INLINE vf select(vi condition, float yes, float no) {
  return condition ? splat(yes) : splat(no);
}

// log(1 + e) for e in [0, 1], to a few ulp: 2 atanh(e / (2 + e)) by its series, whose rest is below
// 2e-8 of the value.
PW_INLINE vf log1p_unit(vf e) {
  const vf s = e / (2.0f + e), q = s * s;
  vf p = splat(2.0f / 17);
  p = p * q + 2.0f / 15;
  p = p * q + 2.0f / 13;
  p = p * q + 2.0f / 11;
  p = p * q + 2.0f / 9;
  p = p * q + 2.0f / 7;
  p = p * q + 2.0f / 5;
  p = p * q + 2.0f / 3;
  return s * (p * q) + 2.0f * s;
}

// A logit, all from e^-|z|, so that nothing overflows or cancels. NaN stays NaN.
struct Logit {
  vf z, e, r;  // r = 1 / (1 + e)

  PW_INLINE explicit Logit(vf logit) : z(logit), e(vexp(-magnitude(logit))) {
    e = z == z ? e : z;
    r = 1.0f / (1.0f + e);
  }
  PW_INLINE vf sigmoid() const { return z >= 0.0f ? r : e * r; }
  PW_INLINE vf slope() const { return e * r * r; }  // of the sigmoid
  // sigmoid - t
  PW_INLINE vf excess(vf t) const { return z >= 0.0f ? (1.0f - t) - e * r : e * r - t; }
  PW_INLINE vf cross_entropy(vf t) const { return (vmax(z, vf{}) - z * t) + log1p_unit(e); }
};

// f32 sums over a chunk, in the order of Sums.
struct Lanes {
  vf sum[kSums] = {};

  PW_INLINE void mask(const pw_autoencoder_loss &d, int which, vf logit, vf t, vf valid) {
    vf *to = sum + 4 + 7 * which;
    const Logit x(logit);
    const vi present = t > 0.5f, predicted = logit > 0.0f;
    const vf v = select(present, d.mask_hit_weight, d.mask_empty_weight) * valid;
    const vf q = x.sigmoid() * valid;
    to[0] += v;
    to[1] += v * x.cross_entropy(t);
    to[2] += q * t;
    to[3] += q;
    to[4] += t;
    to[5] += select(present & predicted, 1, 0);
    to[6] += select(present | predicted, 1, 0);
  }
};

template <class T>
void chunk_sums(const pw_autoencoder_loss &d, const T *output, const T *target, int64_t pixels,
                Sums &sums) {
  Lanes lanes;
  for_lanes(pixels, [&](int64_t i, int count) PW_INLINE_BODY {
    Planes<kOutputs> o;
    Planes<kTargets> t;
    o.read_n(output + i * kOutputs, count);
    t.read_n(target + i * kTargets, count);
    float ones[kLanes] = {};
    for (int l = 0; l < count; ++l) ones[l] = 1;
    const vf valid = load(ones);
    const vi inside = t.plane[0] > 0.0f;
    vf error{}, empty{};
    for (int k = 0; k < 3; ++k) {
      const vf difference = o.plane[k] - t.plane[k];
      error += difference * difference;
      empty += t.plane[k] * t.plane[k];
    }
    const vf w = select(inside, d.hit_weight, d.empty_weight) * valid;
    lanes.sum[0] += w;
    lanes.sum[1] += w * error;
    lanes.sum[2] += error;
    lanes.sum[3] += empty;
    lanes.mask(d, 0, o.plane[3], select(inside, 1, 0), valid);
    lanes.mask(d, 1, o.plane[4], t.plane[2], valid);
  });
  double totals[kSums];
  for (int k = 0; k < kSums; ++k) {
    Wide wide;
    wide.add(lanes.sum[k]);
    totals[k] = wide.sum();
  }
  std::memcpy(sums.sum, totals, sizeof totals);
}

PW_INLINE vf mask_gradient(const pw_autoencoder_loss &d, const MaskFactors &f, vf logit, vf t) {
  const Logit x(logit);
  const vf v = select(t > 0.5f, d.mask_hit_weight, d.mask_empty_weight);
  return f.cross_entropy * v * x.excess(t) + (f.dice_present * t + f.dice_all) * x.slope();
}

template <class T>
void chunk_gradient(const pw_autoencoder_loss &d, const GradientFactors &f, const T *output,
                    const T *target, int64_t pixels, T *doutput) {
  for_lanes(pixels, [&](int64_t i, int count) PW_INLINE_BODY {
    Planes<kOutputs> o, g;
    Planes<kTargets> t;
    o.read_n(output + i * kOutputs, count);
    t.read_n(target + i * kTargets, count);
    const vi inside = t.plane[0] > 0.0f;
    const vf w = select(inside, d.hit_weight, d.empty_weight) * f.image;
    for (int k = 0; k < 3; ++k) g.plane[k] = w * (o.plane[k] - t.plane[k]);
    g.plane[3] = mask_gradient(d, f.mask[0], o.plane[3], select(inside, 1, 0));
    g.plane[4] = mask_gradient(d, f.mask[1], o.plane[4], t.plane[2]);
    g.write_n(doutput + i * kOutputs, count);
  });
}

// Workspace: Sums [n][chunks], then GradientFactors [n].
struct Plan {
  int64_t n, pixels, chunks;
  explicit Plan(const pw_autoencoder_loss &d)
      : n(d.n), pixels(static_cast<int64_t>(d.h) * d.w), chunks(ceil_div(pixels, kPixels)) {}
  int64_t sums_bytes() const { return n * chunks * static_cast<int64_t>(sizeof(Sums)); }
  int64_t bytes() const { return sums_bytes() + n * static_cast<int64_t>(sizeof(GradientFactors)); }
};

int64_t autoencoder_loss_workspace(int, const pw_autoencoder_loss &d) { return Plan(d).bytes(); }

template <class T>
struct Job {
  const pw_autoencoder_loss &d;
  Plan plan;
  const T *output, *target;
  T *doutput;
  float *columns;
  Sums *sums;
  GradientFactors *factors;

  int64_t size(int64_t chunk) const { return least(kPixels, plan.pixels - chunk * kPixels); }
  void sum(int64_t n, int64_t chunk) const {
    const int64_t at = n * plan.pixels + chunk * kPixels;
    chunk_sums(d, output + at * kOutputs, target + at * kTargets, size(chunk),
               sums[n * plan.chunks + chunk]);
  }
  void close(int64_t n) const {
    factors[n] =
        finish_image(d, sums + n * plan.chunks, plan.chunks, columns + n * PW_LOSS_COLUMNS);
  }
  void gradient(int64_t n, int64_t chunk) const {
    const int64_t at = n * plan.pixels + chunk * kPixels;
    chunk_gradient(d, factors[n], output + at * kOutputs, target + at * kTargets, size(chunk),
                   doutput + at * kOutputs);
  }

  // Enough images: a task does one altogether, while it is in the cache. Else chunks are the tasks.
  // The chunks, so the results, are the same.
  void run(Pool &pool) const {
    if (plan.n >= 4 * pool.threads()) {
      parallel(pool, plan.n, [&](int64_t n, int) {
        for (int64_t chunk = 0; chunk < plan.chunks; ++chunk) sum(n, chunk);
        close(n);
        for (int64_t chunk = 0; doutput != nullptr && chunk < plan.chunks; ++chunk)
          gradient(n, chunk);
      });
      return;
    }
    const int64_t tasks = plan.n * plan.chunks;
    parallel(pool, tasks, [&](int64_t task, int) { sum(task / plan.chunks, task % plan.chunks); });
    for (int64_t n = 0; n < plan.n; ++n) close(n);
    if (doutput == nullptr) return;
    parallel(pool, tasks,
             [&](int64_t task, int) { gradient(task / plan.chunks, task % plan.chunks); });
  }
};

void autoencoder_loss_forward(Pool &pool, const pw_autoencoder_loss &d, const void *output,
                              const void *target, void *doutput, float *losses, float *columns,
                              void *workspace) {
  const Plan plan(d);
  Sums *sums = static_cast<Sums *>(workspace);
  auto *factors =
      reinterpret_cast<GradientFactors *>(static_cast<char *>(workspace) + plan.sums_bytes());
  dispatch_storage(d.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    const Job<T> job{d,
                     plan,
                     static_cast<const T *>(output),
                     static_cast<const T *>(target),
                     static_cast<T *>(doutput),
                     columns,
                     sums,
                     factors};
    job.run(pool);
  });
  finish_losses(d, columns, losses);
}

}  // namespace

void fill_loss(Kernels &k) {
  k.autoencoder_loss_workspace = autoencoder_loss_workspace;
  k.autoencoder_loss_forward = autoencoder_loss_forward;
}

}  // namespace pw::PW_ISA
