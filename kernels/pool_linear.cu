#include "fill.h"
#include "philox.h"
#include "product.h"
#include "reduce.h"

namespace pw {
namespace {

// Writes dz and tells the terms of its sums.
template <class T, int kColumns>
struct PoolGradient {
  static constexpr int kValues = 2, kWidth = kColumns;
  using Constants = Norm<kWidth>;
  View<T> x;
  Global<const float> dembedding;
  Global<T> dz;

  PW_GPU Constants constants(int64_t, int64_t channel) const { return {x.bn, channel, x.c}; }
  PW_GPU void operator()(const Constants &norm, int64_t row, int64_t channel, float *values) const {
    const auto raw = x.template fetch<kWidth>(row, channel);
    const int64_t image = x.image_of(row);
    const float share = 1.0f / static_cast<float>(x.pixels);
    Pack<T, kWidth> stored;
    PW_UNROLL
    for (int k = 0; k < kWidth; ++k) {
      const float v = to_float(raw.v[k]);
      const float d = dembedding[image * x.c + channel + k] * share * silu_slope(norm.z(k, v));
      put(stored.v[k], d);
      values[k] = d;
      values[kWidth + k] = d * norm.xhat(k, v);
    }
    dz.template store<kWidth>(row * x.c + channel, stored);
  }
};

// The embedding needs partial sums but has no workspace: a thread sums a channel of an image.
template <class T>
struct PoolChannel {
  View<T> x;
  Global<float> embedding;

  PW_GPU void operator()(int64_t i) const {
    const int64_t image = i / x.c, channel = i % x.c;
    double total = 0;
    for (int64_t p = 0; p < x.pixels; ++p) {
      total += static_cast<double>(x.at((image * x.pixels + p) * x.c + channel));
    }
    embedding[i] = static_cast<float>(total / static_cast<double>(x.pixels));
  }
};

void pool_forward(Pool &pool, const pw_tensor &t, const pw_view &x, float *embedding) {
  const Shape shape = shape_of(t);
  dispatch_storage(t.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    each(
        pool, shape.n * shape.c,
        PoolChannel<T>{View<T>(x, shape, PW_BN_SILU), output<float>(embedding, shape.n * shape.c)});
  });
}

int64_t pool_workspace(int, const pw_tensor &t) {
  const Shape shape = shape_of(t);
  return SumPlan{1, shape.rows(), shape.c}.workspace(2);
}

void pool_backward(Pool &pool, const pw_tensor &t, const pw_view &x, const float *dembedding,
                   void *dz, float *sums, void *workspace) {
  const Shape shape = shape_of(t);
  dispatch_storage(t.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    dispatch_width<T>(shape.c, [&](auto width) {
      sum_all(pool, SumPlan{1, shape.rows(), shape.c},
              PoolGradient<T, width()>{View<T>(x, shape, PW_BN_SILU),
                                       input<float>(dembedding, shape.n * shape.c),
                                       output<T>(dz, shape.elements())},
              workspace, store_sums<2>(sums, 1, shape.c));
    });
  });
}

struct PutBiased {
  Global<float> y;
  Global<const float> bias;
  int64_t columns;
  PW_GPU void operator()(int64_t row, int64_t column, float sum, int64_t) const {
    y[row * columns + column] = sum + bias[column];
  }
};

void linear_forward(Pool &pool, const pw_linear &d, const float *x, const float *weight,
                    const float *bias, float *y) {
  const int64_t n = d.n, in = d.c_in, out = d.c_out;
  multiply(pool, {n, out, in}, Rows<float>{input<float>(x, n * in), in},
           Transposed{input<float>(weight, out * in), in},
           PutBiased{output<float>(y, n * out), input<float>(bias, out), out});
}

void linear_backward(Pool &pool, const pw_linear &d, const float *x, const float *weight,
                     const float *dy, float *dx, float *dweight, float *dbias) {
  const int64_t n = d.n, in = d.c_in, out = d.c_out;
  const Global<const float> gradient = input<float>(dy, n * out);
  if (dx != nullptr) {
    multiply(pool, {n, in, out}, Rows<float>{gradient, out},
             Plain{input<float>(weight, out * in), in}, Put{output<float>(dx, n * in), in, 0});
  }
  multiply(pool, {out, in, n}, Columns{gradient, out}, Plain{input<float>(x, n * in), in},
           Put{output<float>(dweight, out * in), in, d.accumulate});
  sum_columns(pool, dy, n, out, dbias, d.accumulate);
}

struct Dropout {
  pw_dropout d;
  int64_t groups;  // of an image
  Global<const pw_step> step;
  Global<const float> x;
  Global<float> y;

  PW_GPU void operator()(int64_t i) const {
    drop_group(d, step[0], static_cast<int32_t>(i / groups), static_cast<int32_t>(i % groups), x,
               y);
  }
};

void dropout(Pool &pool, const pw_dropout &d, const pw_step *step, const float *x, float *y) {
  const int64_t elements = static_cast<int64_t>(d.n) * d.c, groups = ceil_div(d.c, kDropoutGroup);
  each(pool, d.n * groups,
       Dropout{d, groups, input<pw_step>(step, 1), input<float>(x, elements),
               output<float>(y, elements)});
}

}  // namespace

void fill_pool_linear(Kernels &k) {
  k.pool_forward = pool_forward;
  k.pool_workspace = pool_workspace;
  k.pool_backward = pool_backward;
  k.linear_forward = linear_forward;
  k.linear_backward = linear_backward;
  k.dropout = dropout;
}

}  // namespace pw
