#include "kernels.h"
#include "rows.h"

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace pw::PW_ISA {
namespace {

constexpr int64_t kElements = 65536;

int64_t gradient_norm_workspace(int, int64_t count) {
  return most(ceil_div(count, kElements), 1) * static_cast<int64_t>(sizeof(double));
}

double sum_of_squares(const float *p, int64_t count) {
  Wide total[4];
  int64_t i = 0;
  for (; i + 4 * kLanes <= count; i += 4 * kLanes) {
    for (int k = 0; k < 4; ++k) total[k].add_square(load(p + i + k * kLanes));
  }
  double rest = 0;
  for (; i < count; ++i) rest += static_cast<double>(p[i]) * static_cast<double>(p[i]);
  return ((total[0].sum() + total[1].sum()) + (total[2].sum() + total[3].sum())) + rest;
}

void gradient_norm(Pool &pool, int64_t count, const float *gradient, float *norm, void *workspace) {
  double *parts = static_cast<double *>(workspace);
  const int64_t chunks = ceil_div(count, kElements);
  parallel(pool, chunks, [&](int64_t chunk, int) {
    const int64_t first = chunk * kElements;
    parts[chunk] = sum_of_squares(gradient + first, least(kElements, count - first));
  });
  double total = 0;
  for (int64_t i = 0; i < chunks; ++i) total += parts[i];
  *norm = static_cast<float>(__builtin_sqrt(total));
}

// Flushes denormal results and operands to zero while it lives. The moments of a parameter that
// gets no gradient decay into the denormal range, where each operation costs a hundred cycles; next
// to eps they are nothing.
class FlushDenormals {
 public:
#if defined(__SSE__)
  FlushDenormals() : saved_(_mm_getcsr()) { _mm_setcsr(saved_ | 0x8040u); }
  ~FlushDenormals() { _mm_setcsr(saved_); }

 private:
  unsigned saved_;
#else
  FlushDenormals() {}
  ~FlushDenormals() {}
#endif
};

struct Factors {
  float clip, decay, beta1, rest1, beta2, rest2, rate, bias2, eps, ema, rest_ema;
};

template <bool kEma>
void update(const Factors f, int64_t count, float *__restrict parameter,
            const float *__restrict gradient, float *__restrict m, float *__restrict v,
            float *__restrict ema) {
  for (int64_t i = 0; i < count; ++i) {
    const float g = gradient[i] * f.clip;
    const float first = f.beta1 * m[i] + f.rest1 * g;
    const float second = f.beta2 * v[i] + f.rest2 * (g * g);
    const float p =
        parameter[i] * f.decay - f.rate * (first / (__builtin_sqrtf(second) * f.bias2 + f.eps));
    m[i] = first;
    v[i] = second;
    parameter[i] = p;
    if constexpr (kEma) ema[i] = f.ema * ema[i] + f.rest_ema * p;
  }
}

void adamw_step(Pool &pool, const pw_adamw &d, const pw_step &step, const float *norm,
                float *parameter, const float *gradient, float *m, float *v, float *ema) {
  const double rate = step.learning_rate, beta1 = d.beta1, beta2 = d.beta2, decay = step.ema_decay;
  Factors f{};
  // Written so that a norm that is not a number reaches the parameters.
  f.clip = d.clip_norm == 0 || *norm <= d.clip_norm ? 1.0f : d.clip_norm / *norm;
  f.decay = static_cast<float>(1.0 - rate * static_cast<double>(d.weight_decay));
  f.beta1 = d.beta1;
  f.rest1 = static_cast<float>(1.0 - beta1);
  f.beta2 = d.beta2;
  f.rest2 = static_cast<float>(1.0 - beta2);
  f.rate = static_cast<float>(rate / static_cast<double>(step.bias1));
  f.bias2 = static_cast<float>(1.0 / __builtin_sqrt(static_cast<double>(step.bias2)));
  f.eps = d.eps;
  f.ema = step.ema_decay;
  f.rest_ema = static_cast<float>(1.0 - decay);
  parallel(pool, ceil_div(d.count, kElements), [&](int64_t chunk, int) {
    const FlushDenormals flush;
    const int64_t i = chunk * kElements, count = least(kElements, d.count - i);
    if (ema != nullptr) {
      update<true>(f, count, parameter + i, gradient + i, m + i, v + i, ema + i);
    } else {
      update<false>(f, count, parameter + i, gradient + i, m + i, v + i, nullptr);
    }
  });
}

}  // namespace

void fill_optimizer(Kernels &k) {
  k.gradient_norm_workspace = gradient_norm_workspace;
  k.gradient_norm = gradient_norm;
  k.adamw_step = adamw_step;
}

}  // namespace pw::PW_ISA
