// The inference path: convolutions whose batch norm is folded in. Packed weights are the bias, then
// the weights as they are.
#include "fill.h"
#include "geometry.h"
#include "product.h"

namespace pw {
namespace {

int64_t weights_of(const pw_pack &p) {
  return static_cast<int64_t>(p.c_out) * p.c_in * p.kernel * p.kernel;
}

int64_t pack_size(const pw_pack &p) { return 4 * (p.c_out + weights_of(p)); }

struct PackedWeights {
  Global<const float> weight, bias;
  Global<float> packed;
  int64_t c_out;
  PW_GPU void operator()(int64_t i) const { packed[i] = i < c_out ? bias[i] : weight[i - c_out]; }
};

void pack_weights(Pool &pool, const pw_pack &p, const float *weight, const float *bias,
                  void *packed) {
  const int64_t count = weights_of(p);
  each(pool, p.c_out + count,
       PackedWeights{input<float>(weight, count), input<float>(bias, p.c_out),
                     output<float>(packed, p.c_out + count), p.c_out});
}

struct Layer {
  Global<const float> bias, weight;  // weight [c_out][c_in][taps]

  Layer(const void *packed, int64_t in, int64_t out, int64_t taps)
      : bias(input<float>(packed, out)),
        weight(input<float>(static_cast<const float *>(packed) + out, out * in * taps)) {}
};

PW_GPU float activated(float z, int32_t activation) {
  return activation == PW_SILU ? silu(z) : activation == PW_SIGMOID ? sigmoid(z) : z;
}

// A tensor's rows times the gate of their image, rounded as they would be stored.
template <class T>
struct GatedRows {
  static constexpr bool kAlongDepth = true;
  Global<const T> x, gate;
  int64_t c, pixels;
  PW_GPU float operator()(int64_t row, int64_t k) const {
    T stored;
    put(stored, x.at(row * c + k) * gate.at(row / pixels * c + k));
    return to_float(stored);
  }
};

template <class T>
struct PutActivated {
  Global<T> y;
  Global<const float> bias;
  Global<const T> addend;
  int64_t c;
  int32_t activation;

  PW_GPU void operator()(int64_t row, int64_t column, float sum, int64_t = 0) const {
    const int64_t i = row * c + column;
    float value = activated(sum + bias[column], activation);
    if (addend != nullptr) value += addend.at(i);
    y.set(i, value);
  }
};

template <class T, class To>
void layer(Pool &pool, int64_t rows, int64_t in, int64_t out, const T *x, const void *weights,
           int32_t activation, To *y) {
  const Layer w(weights, in, out, 1);
  multiply<T>(pool, {rows, out, in}, Rows<T>{input<T>(x, rows * in), in}, Transposed{w.weight, in},
              PutActivated<To>{output<To>(y, rows * out), w.bias, {}, out, activation});
}

template <class T, int kColumns>
struct Mean {
  static constexpr int kValues = 1, kWidth = kColumns;
  struct Constants {};
  Global<const T> x;
  Sites sites;
  int64_t channels;

  PW_GPU Constants constants(int64_t, int64_t) const { return {}; }
  PW_GPU void operator()(const Constants &, int64_t row, int64_t channel, float *values) const {
    if (!sites.at(row)) {
      PW_UNROLL
      for (int k = 0; k < kWidth; ++k) values[k] = 0;
      return;
    }
    const auto raw = x.template load<kWidth>(row * channels + channel);
    PW_UNROLL
    for (int k = 0; k < kWidth; ++k) values[k] = to_float(raw.v[k]);
  }
};
template <class T>
struct PutMean {
  Global<T> to;
  Sites sites;
  int64_t channels, pixels;
  PW_GPU void operator()(int64_t segment, int64_t channel, double total) const {
    const double factor = 1.0 / sites.divisor(segment, pixels);
    to.set(segment * channels + channel, static_cast<float>(total * factor));
  }
};
template <class T, class To>
void means(Pool &pool, const SumPlan &p, const T *x, const float *active, To *to, void *workspace) {
  const Sites sites(active, {p.segments, p.rows, p.channels});
  dispatch_width<T>(p.channels, [&](auto width) {
    sum_all(
        pool, p, Mean<T, width()>{input<T>(x, p.segments * p.rows * p.channels), sites, p.channels},
        workspace, PutMean<To>{output<To>(to, p.segments * p.channels), sites, p.channels, p.rows});
  });
}

SumPlan mean_plan(const pw_inference &d) { return {d.n, static_cast<int64_t>(d.h) * d.w, d.c_out}; }

int64_t pointwise_workspace(int, const pw_inference &d) { return mean_plan(d).workspace(1); }

void pointwise(Pool &pool, const pw_inference &d, const void *x, const float *sites,
               const void *weights, void *y, float *mean, void *workspace) {
  dispatch_storage(d.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    const SumPlan plan = mean_plan(d);
    layer(pool, plan.segments * plan.rows, d.c_in, d.c_out, static_cast<const T *>(x), weights,
          d.activation, static_cast<T *>(y));
    if (mean != nullptr)
      means<T, float>(pool, plan, static_cast<const T *>(y), sites, mean, workspace);
  });
}

Geometry geometry_of(int32_t h, int32_t w, int32_t kernel, int32_t stride) {
  pw_conv d{};
  d.h = h;
  d.w = w;
  d.kernel = kernel;
  d.stride = stride;
  return Geometry(d);
}

struct ImageNeighbourhood {
  static constexpr bool kAlongDepth = true;
  Global<const float> x;
  Geometry g;
  int64_t c;
  // Depth runs over input channels, then taps, as the weights do.
  PW_GPU float operator()(int64_t row, int64_t k) const {
    const int64_t pixel = g.source_pixel(row, k % g.taps());
    return pixel < 0 ? 0.0f : x[pixel * c + k / g.taps()];
  }
};

// Not used, but whoever calls for a workspace of no bytes has none to give.
int64_t dense_workspace(int, const pw_inference &) { return 256; }

void dense(Pool &pool, const pw_inference &d, const float *x, const void *weights, void *y,
           void *) {
  const Geometry g = geometry_of(d.h, d.w, d.kernel, d.stride);
  const int64_t rows = d.n * g.out_h * g.out_w, depth = d.c_in * g.taps();
  const Layer w(weights, d.c_in, d.c_out, g.taps());
  dispatch_storage(d.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    multiply(pool, {rows, d.c_out, depth},
             ImageNeighbourhood{input<float>(x, static_cast<int64_t>(d.n) * d.h * d.w * d.c_in), g,
                                d.c_in},
             Transposed{w.weight, depth},
             PutActivated<T>{output<T>(y, rows * d.c_out), w.bias, {}, d.c_out, d.activation});
  });
}

// The expansion is f32 in any storage; without one the input is the tensor itself.
template <class From, class T>
struct DepthwiseSilu {
  Global<const From> x;
  Geometry g;
  Global<const float> weight, bias;
  Global<T> y;
  int64_t c;

  PW_GPU void operator()(int64_t i) const {
    const int64_t channel = i % c, pixel = i / c;
    float sum = bias[channel];
    for (int64_t tap = 0; tap < g.taps(); ++tap) {
      const int64_t from = g.source_pixel(pixel, tap);
      if (from >= 0) sum += weight[channel * g.taps() + tap] * x.at(from * c + channel);
    }
    y.set(i, silu(sum));
  }
};

// Where a block keeps what, in bytes.
template <class T>
struct BlockPlan {
  Geometry g;
  SumPlan sums;
  int64_t expanded, activated, mean, hidden, gate, partial, bytes;

  explicit BlockPlan(const pw_block &d)
      : g(geometry_of(d.h, d.w, d.kernel, d.stride)), sums{d.n, g.out_h * g.out_w, d.expanded} {
    int64_t at = 0;
    const auto take = [&](int64_t count) {
      const int64_t begin = at;
      at += round_up(count * static_cast<int64_t>(sizeof(T)), 256);
      return begin;
    };
    const int64_t n = d.n;
    expanded = take(n * d.h * d.w * d.expanded * static_cast<int64_t>(sizeof(float) / sizeof(T)));
    activated = take(n * sums.rows * d.expanded);
    mean = take(n * d.expanded);
    hidden = take(n * d.squeeze);
    gate = take(n * d.expanded);
    partial = at;
    bytes = at + sums.workspace(1);
  }
};

int64_t block_workspace(int, const pw_block &d) {
  int64_t bytes = 0;
  dispatch_storage(d.storage, [&](auto *type) {
    bytes = BlockPlan<std::remove_pointer_t<decltype(type)>>(d).bytes;
  });
  return bytes;
}

template <class T>
void block_of(Pool &pool, const pw_block &d, const T *x, const float *sites,
              const pw_block_weights &w, T *y, char *workspace) {
  const BlockPlan<T> plan(d);
  const auto at = [&](int64_t offset) { return reinterpret_cast<T *>(workspace + offset); };
  const int64_t n = d.n, pixels = static_cast<int64_t>(d.h) * d.w;
  const Layer depthwise(w.depthwise, 1, d.expanded, plan.g.taps());
  const int64_t rows = n * plan.sums.rows, elements = rows * d.expanded;
  const auto convolve = [&](auto inner) {
    using From = typename decltype(inner)::Value;
    each(pool, elements,
         DepthwiseSilu<From, T>{inner, plan.g, depthwise.weight, depthwise.bias,
                                output<T>(at(plan.activated), elements), d.expanded});
  };
  const int64_t inner = n * pixels * d.expanded;
  if (w.expand != nullptr) {
    float *const expanded = reinterpret_cast<float *>(workspace + plan.expanded);
    layer(pool, n * pixels, d.c_in, d.expanded, x, w.expand, PW_SILU, expanded);
    convolve(input<float>(expanded, inner));
  } else {
    convolve(input<T>(x, inner));
  }
  means<T, T>(pool, plan.sums, at(plan.activated), sites, at(plan.mean), workspace + plan.partial);
  layer(pool, n, d.expanded, d.squeeze, at(plan.mean), w.squeeze, PW_SILU, at(plan.hidden));
  layer(pool, n, d.squeeze, d.expanded, at(plan.hidden), w.excite, PW_SIGMOID, at(plan.gate));
  const Layer project(w.project, d.expanded, d.c_out, 1);
  multiply<T>(
      pool, {rows, d.c_out, d.expanded},
      GatedRows<T>{input<T>(at(plan.activated), elements), input<T>(at(plan.gate), n * d.expanded),
                   d.expanded, plan.sums.rows},
      Transposed{project.weight, d.expanded},
      PutActivated<T>{output<T>(y, rows * d.c_out), project.bias,
                      input<T>(d.residual != 0 ? x : nullptr, rows * d.c_out), d.c_out, PW_LINEAR});
}

void block(Pool &pool, const pw_block &d, const void *x, const float *sites,
           const pw_block_weights &w, void *y, void *workspace) {
  dispatch_storage(d.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    block_of<T>(pool, d, static_cast<const T *>(x), sites, w, static_cast<T *>(y),
                static_cast<char *>(workspace));
  });
}

}  // namespace

void fill_inference(Kernels &k) {
  k.pack_size = pack_size;
  k.pack_weights = pack_weights;
  k.inference_pointwise_workspace = pointwise_workspace;
  k.inference_pointwise = pointwise;
  k.inference_dense_workspace = dense_workspace;
  k.inference_dense = dense;
  k.inference_block_workspace = block_workspace;
  k.inference_block = block;
}

}  // namespace pw
