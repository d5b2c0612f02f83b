#include "batchnorm.h"
#include "fill.h"
#include "reduce.h"

namespace pw {
namespace {

struct ForwardChannel {
  pw_batchnorm d;
  Global<const float> stats, gamma, beta;
  Global<float> running_mean, running_var, bn;

  PW_GPU void operator()(int64_t i) const {
    batchnorm_channel(d, i, stats, gamma, beta, running_mean, running_var, bn);
  }
};

struct BackwardChannel {
  pw_batchnorm d;
  Global<const float> sums, bn;
  Global<float> dgamma, dbeta, coef;

  PW_GPU void operator()(int64_t i) const {
    batchnorm_gradient_channel(d, i, sums, bn, dgamma, dbeta, coef);
  }
};

// kWidth neighbouring channels at once.
template <class T, int kWidth>
struct Apply {
  View<T> x;
  Global<T> y;

  PW_GPU void operator()(int64_t i) const {
    const int64_t at = i * kWidth, row = at / x.c, channel = at % x.c;
    float value[kWidth];
    x.template finish<kWidth>(x.template fetch<kWidth>(row, channel), row, channel, value);
    Pack<T, kWidth> pack;
    PW_UNROLL
    for (int k = 0; k < kWidth; ++k) put(pack.v[k], value[k]);
    y.template store<kWidth>(at, pack);
  }
};

void forward(Pool &pool, const pw_batchnorm &d, const float *stats, const float *gamma,
             const float *beta, float *running_mean, float *running_var, float *bn) {
  const int64_t c = d.c;
  each(pool, c,
       ForwardChannel{d, input<float>(stats, 2 * c), input<float>(gamma, c), input<float>(beta, c),
                      output<float>(running_mean, c), output<float>(running_var, c),
                      output<float>(bn, 4 * c)});
}

void backward(Pool &pool, const pw_batchnorm &d, const float *sums, const float *bn, float *dgamma,
              float *dbeta, float *coef) {
  const int64_t c = d.c;
  each(pool, c,
       BackwardChannel{d, input<float>(sums, 2 * c), input<float>(bn, 4 * c),
                       output<float>(dgamma, c), output<float>(dbeta, c),
                       output<float>(coef, 3 * c)});
}

void apply(Pool &pool, const pw_tensor &t, const pw_view &x, void *y) {
  const Shape shape = shape_of(t);
  dispatch_storage(t.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    dispatch_width<T>(shape.c, [&](auto width) {
      each(pool, shape.elements() / width(),
           Apply<T, width()>{View<T>(x, shape, t.transform), output<T>(y, shape.elements())});
    });
  });
}

}  // namespace

void fill_batchnorm(Kernels &k) {
  k.batchnorm_forward = forward;
  k.batchnorm_backward = backward;
  k.batchnorm_apply = apply;
}

}  // namespace pw
