#include "fill.h"
#include "product.h"
#include "reduce.h"

namespace pw {
namespace {

Shape shape_of(const pw_squeeze_excite &d) { return {d.n, static_cast<int64_t>(d.h) * d.w, d.c}; }

// Of SiLU(z): itself, its derivative, the derivative times xhat.
template <class T>
struct Pooled {
  static constexpr int kValues = 3;
  View<T> x;

  PW_GPU void operator()(int64_t i, float *values) const {
    const float z = x.z(i), slope = silu_slope(z);
    values[0] = silu(z);
    values[1] = slope;
    values[2] = slope * x.xhat(i);
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
  PW_GPU void operator()(int64_t row, int64_t column, float sum, int64_t) const {
    const float z = sum + bias[column];
    to[row * n + column] = kSigmoid ? sigmoid(z) : z;
  }
};

int64_t workspace(int, const pw_squeeze_excite &d, int32_t pass) {
  const Shape shape = shape_of(d);
  if (pass == PW_FORWARD) return SumPlan{shape.n, shape.pixels, shape.c}.workspace(3);
  // Gradients before the sigmoid and before the hidden SiLU.
  return round_up(4 * shape.n * (shape.c + d.squeeze), 256);
}

void forward(Pool &pool, const pw_squeeze_excite &d, const pw_view &x, const float *w1,
             const float *b1, const float *w2, const float *b2, float *pooled, float *hidden,
             float *gate, void *workspace) {
  const Shape shape = shape_of(d);
  const SumPlan plan{shape.n, shape.pixels, shape.c};
  dispatch_storage(d.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    sum_all(pool, plan, Pooled<T>{View<T>(x, shape, PW_BN_SILU)}, workspace,
            store_sums<3>(pooled, plan, 1.0 / static_cast<double>(shape.pixels)));
  });
  const int64_t n = shape.n, c = shape.c, s = d.squeeze;
  multiply(pool, {n, s, c}, Rows<float>{input<float>(pooled, n * c), c},
           Transposed{input<float>(w1, s * c), c},
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
  PW_GPU void operator()(int64_t row, int64_t column, float sum, int64_t) const {
    to[row * n + column] = sum * silu_slope(hidden[row * n + column]);
  }
};

struct PutScaled {
  Global<float> to;
  int64_t n;
  float factor;
  PW_GPU void operator()(int64_t row, int64_t column, float sum, int64_t) const {
    to[row * n + column] = sum * factor;
  }
};

// The sums over the images that batch norm needs.
struct NormSums {
  Global<const float> gate, gate_sums, dpool, pooled;
  Global<float> sums;
  int64_t n, c;
  PW_GPU void operator()(int64_t i) const {
    const int64_t q = i / c + 1, channel = i % c;
    double total = 0;
    for (int64_t image = 0; image < n; ++image) {
      const int64_t at = image * c + channel;
      total += static_cast<double>(gate[at] * gate_sums[q * n * c + at] +
                                   dpool[at] * pooled[q * n * c + at]);
    }
    sums[i] = static_cast<float>(total);
  }
};

void backward(Pool &pool, const pw_squeeze_excite &d, const float *w1, const float *w2,
              const float *pooled, const float *hidden, const float *gate, const float *gate_sums,
              float *dw1, float *db1, float *dw2, float *db2, float *dpool, float *sums,
              void *workspace) {
  const int64_t n = d.n, c = d.c, s = d.squeeze;
  const Global<float> dgate = output<float>(workspace, n * c);
  const Global<float> dhidden = output<float>(static_cast<float *>(workspace) + n * c, n * s);
  const auto read = [](Global<float> g, int64_t count) { return input<float>(g.data(), count); };
  const Global<const float> gates = input<float>(gate, n * c);
  const Global<const float> gate_terms = input<float>(gate_sums, 3 * n * c);
  const Global<const float> hiddens = input<float>(hidden, n * s);
  const Global<const float> means = input<float>(pooled, 3 * n * c);
  each(pool, n * c, GateGradient{gates, gate_terms, dgate});
  multiply(pool, {n, s, c}, Rows<float>{read(dgate, n * c), c}, Plain{input<float>(w2, c * s), s},
           PutHiddenGradient{hiddens, dhidden, s});
  multiply(
      pool, {n, c, s}, Rows<float>{read(dhidden, n * s), s}, Plain{input<float>(w1, s * c), c},
      PutScaled{output<float>(dpool, n * c), c, 1.0f / static_cast<float>(shape_of(d).pixels)});
  multiply(pool, {s, c, n}, Columns{read(dhidden, n * s), s}, Plain{means, c},
           Put{output<float>(dw1, s * c), c, d.accumulate});
  multiply(pool, {c, s, n}, Columns{read(dgate, n * c), c}, SiluPlain{hiddens, s},
           Put{output<float>(dw2, c * s), s, d.accumulate});
  each(pool, s, ColumnSum{read(dhidden, n * s), output<float>(db1, s), n, s, d.accumulate});
  each(pool, c, ColumnSum{read(dgate, n * c), output<float>(db2, c), n, c, d.accumulate});
  each(pool, 2 * c,
       NormSums{gates, gate_terms, input<float>(dpool, n * c), means, output<float>(sums, 2 * c), n,
                c});
}

}  // namespace

void fill_squeeze_excite(Kernels &k) {
  k.squeeze_excite_workspace = workspace;
  k.squeeze_excite_forward = forward;
  k.squeeze_excite_backward = backward;
}

}  // namespace pw
