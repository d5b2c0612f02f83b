#include "fill.h"
#include "product.h"
#include "reduce.h"

namespace pw {
namespace {

Shape shape_of(const pw_squeeze_excite &d) { return {d.n, static_cast<int64_t>(d.h) * d.w, d.c}; }

// Of SiLU(z): itself, its derivative, the derivative times xhat.
template <class T, int kColumns>
struct Pooled {
  static constexpr int kValues = 3, kWidth = kColumns;
  using Constants = Norm<kWidth>;
  View<T> x;
  Sites sites;

  PW_GPU Constants constants(int64_t, int64_t channel) const { return {x.bn, channel, x.c}; }
  PW_GPU void operator()(const Constants &norm, int64_t row, int64_t channel, float *values) const {
    if (!sites.at(row)) {
      PW_UNROLL
      for (int k = 0; k < kValues * kWidth; ++k) values[k] = 0;
      return;
    }
    const auto raw = x.template fetch<kWidth>(row, channel);
    PW_UNROLL
    for (int k = 0; k < kWidth; ++k) {
      const float v = to_float(raw.v[k]), z = norm.z(k, v), s = sigmoid(z);
      const float slope = s * (1.0f + z * (1.0f - s));
      values[k] = z * s;
      values[kWidth + k] = slope;
      values[2 * kWidth + k] = slope * norm.xhat(k, v);
    }
  }
};

// SiLU of a row-major matrix as left factor.
struct SiluRows {
  static constexpr bool kAlongDepth = true;
  Global<const float> data;
  int64_t columns;
  PW_GPU float operator()(int64_t row, int64_t k) const { return silu(data[row * columns + k]); }
};
struct SiluPlain {
  static constexpr bool kAlongDepth = false;
  Global<const float> data;
  int64_t n;
  PW_GPU float operator()(int64_t k, int64_t column) const { return silu(data[k * n + column]); }
};

template <bool kSigmoid>
struct PutLayer {
  Global<float> to;
  Global<const float> bias;
  int64_t n;
  PW_GPU void operator()(int64_t row, int64_t column, float sum, int64_t = 0) const {
    const float z = sum + bias[column];
    to[row * n + column] = kSigmoid ? sigmoid(z) : z;
  }
};

// The three sums, of which the first becomes a mean.
struct StorePooled {
  Global<float> to;
  Sites sites;
  int64_t images, pixels, channels;

  PW_GPU void operator()(int64_t image, int64_t column, double total) const {
    const int64_t q = column / channels;
    const double factor = q == 0 ? 1.0 / sites.divisor(image, pixels) : 1.0;
    to[(q * images + image) * channels + column % channels] = static_cast<float>(total * factor);
  }
};

// The hidden layer, whose depth is that of all channels, and its gradient's.
ProductPlan hidden_product(const pw_squeeze_excite &d) { return deep_product(d.n, d.squeeze, d.c); }

int64_t workspace(int, const pw_squeeze_excite &d, int32_t pass) {
  const Shape shape = shape_of(d);
  const int64_t products = deep_workspace(hidden_product(d));
  if (pass == PW_FORWARD) {
    return most(products, SumPlan{shape.n, shape.pixels, shape.c}.workspace(3));
  }
  // Gradients before the sigmoid and before the hidden SiLU.
  return round_up(4 * shape.n * (shape.c + d.squeeze), 256) +
         most(products, SumPlan{1, shape.n, shape.c}.workspace(2));
}

void forward(Pool &pool, const pw_squeeze_excite &d, const pw_view &x, const float *active,
             const float *w1, const float *b1, const float *w2, const float *b2, float *pooled,
             float *hidden, float *gate, void *workspace) {
  const Shape shape = shape_of(d);
  const Sites sites(active, shape);
  dispatch_storage(d.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    dispatch_width<T>(shape.c, [&](auto width) {
      sum_all(pool, SumPlan{shape.n, shape.pixels, shape.c},
              Pooled<T, width()>{View<T>(x, shape, PW_BN_SILU), sites}, workspace,
              StorePooled{output<float>(pooled, 3 * shape.n * shape.c), sites, shape.n,
                          shape.pixels, shape.c});
    });
  });
  const int64_t n = shape.n, c = shape.c, s = d.squeeze;
  multiply_deep(pool, hidden_product(d), Rows<float>{input<float>(pooled, n * c), c},
                Transposed{input<float>(w1, s * c), c}, workspace,
                PutLayer<false>{output<float>(hidden, n * s), input<float>(b1, s), s});
  multiply(pool, {n, c, s}, SiluRows{input<float>(hidden, n * s), s},
           Transposed{input<float>(w2, c * s), s},
           PutLayer<true>{output<float>(gate, n * c), input<float>(b2, c), c});
}

struct GateGradient {
  Global<const float> gate, gate_sums;
  Global<float> dgate;
  PW_GPU void operator()(int64_t i) const {
    dgate[i] = gate_sums[i] * (gate[i] * (1.0f - gate[i]));
  }
};

struct PutHiddenGradient {
  Global<const float> hidden;
  Global<float> to;
  int64_t n;
  PW_GPU void operator()(int64_t row, int64_t column, float sum) const {
    to[row * n + column] = sum * silu_slope(hidden[row * n + column]);
  }
};

struct PutShare {
  Global<float> to;
  int64_t n;
  Sites sites;
  int64_t pixels;
  PW_GPU void operator()(int64_t row, int64_t column, float sum, int64_t) const {
    to[row * n + column] = sum * (1.0f / static_cast<float>(sites.divisor(row, pixels)));
  }
};

// The sums over the images that batch norm needs.
struct NormSums {
  static constexpr int kValues = 2, kWidth = 1;
  struct Constants {};
  Global<const float> gate, gate_sums, dpool, pooled;
  int64_t n, c;

  PW_GPU Constants constants(int64_t, int64_t) const { return {}; }
  PW_GPU void operator()(const Constants &, int64_t image, int64_t channel, float *values) const {
    const int64_t at = image * c + channel;
    PW_UNROLL
    for (int q = 0; q < kValues; ++q) {
      const int64_t from = (q + 1) * n * c + at;
      values[q] = gate[at] * gate_sums[from] + dpool[at] * pooled[from];
    }
  }
};

void backward(Pool &pool, const pw_squeeze_excite &d, const float *active, const float *w1,
              const float *w2, const float *pooled, const float *hidden, const float *gate,
              const float *gate_sums, float *dw1, float *db1, float *dw2, float *db2, float *dpool,
              float *sums, void *workspace) {
  const int64_t n = d.n, c = d.c, s = d.squeeze;
  const Global<float> dgate = output<float>(workspace, n * c);
  const Global<float> dhidden = output<float>(static_cast<float *>(workspace) + n * c, n * s);
  const auto read = [](Global<float> g, int64_t count) { return input<float>(g.data(), count); };
  const Global<const float> gates = input<float>(gate, n * c);
  const Global<const float> gate_terms = input<float>(gate_sums, 3 * n * c);
  const Global<const float> hiddens = input<float>(hidden, n * s);
  const Global<const float> means = input<float>(pooled, 3 * n * c);
  void *const space = static_cast<char *>(workspace) + round_up(4 * n * (c + s), 256);
  each(pool, n * c, GateGradient{gates, gate_terms, dgate});
  multiply_deep(pool, hidden_product(d), Rows<float>{read(dgate, n * c), c},
                Plain{input<float>(w2, c * s), s}, space, PutHiddenGradient{hiddens, dhidden, s});
  multiply(
      pool, {n, c, s}, Rows<float>{read(dhidden, n * s), s}, Plain{input<float>(w1, s * c), c},
      PutShare{output<float>(dpool, n * c), c, Sites(active, shape_of(d)), shape_of(d).pixels});
  multiply(pool, {s, c, n}, Columns{read(dhidden, n * s), s}, Plain{means, c},
           Put{output<float>(dw1, s * c), c, d.accumulate});
  multiply(pool, {c, s, n}, Columns{read(dgate, n * c), c}, SiluPlain{hiddens, s},
           Put{output<float>(dw2, c * s), s, d.accumulate});
  sum_columns(pool, dhidden.data(), n, s, db1, d.accumulate);
  sum_columns(pool, dgate.data(), n, c, db2, d.accumulate);
  sum_all(pool, SumPlan{1, n, c},
          NormSums{gates, gate_terms, input<float>(dpool, n * c), means, n, c}, space,
          store_sums<2>(sums, 1, c));
}

}  // namespace

void fill_squeeze_excite(Kernels &k) {
  k.squeeze_excite_workspace = workspace;
  k.squeeze_excite_forward = forward;
  k.squeeze_excite_backward = backward;
}

}  // namespace pw
