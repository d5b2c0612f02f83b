#include "kernels.h"
#include "rows.h"
#include "tasks.h"

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace pw::PW_ISA {
namespace {

// A task's part of the pieces.
constexpr int64_t kElements = 16384;

int64_t gradient_norm_workspace(int64_t elements) {
  return most(ceil_div(elements, kElements), 1) * static_cast<int64_t>(sizeof(double));
}

// body(piece, first, count) for the parts of pieces that a task has.
template <class Piece, class Body>
void for_parts(const Pieces<Piece> &all, int64_t task, Body &&body) {
  const int64_t begin = task * kElements, end = least(all.elements(), begin + kElements);
  int64_t low = 0, high = all.count;
  while (high - low > 1) {
    const int64_t middle = (low + high) / 2;
    (all.start[middle] <= begin ? low : high) = middle;
  }
  for (int64_t p = low; p < all.count && all.start[p] < end; ++p) {
    const int64_t first = most(begin - all.start[p], 0);
    const int64_t stop = least(end - all.start[p], all.piece[p].count);
    if (first < stop) body(all.piece[p], first, stop - first);
  }
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

void finish_norm(const double *parts, int64_t tasks, float *norm) {
  double total = 0;
  for (int64_t i = 0; i < tasks; ++i) total += parts[i];
  *norm = static_cast<float>(__builtin_sqrt(total));
}

// Cycles of an element, where memory is the limit.
constexpr int64_t kNormCycles = 1, kStepCycles = 5;

void gradient_norm(Pool &pool, const Pieces<pw_vector> &gradient, float *norm, void *workspace) {
  double *parts = static_cast<double *>(workspace);
  const int64_t tasks = ceil_div(gradient.elements(), kElements);
  run_tasks(pool, tasks, gradient.elements() * kNormCycles, [&](int64_t task, int) {
    parts[task] = 0;
    for_parts(gradient, task, [&](const pw_vector &vector, int64_t first, int64_t count) {
      parts[task] += sum_of_squares(vector.data + first, count);
    });
  });
  finish_norm(parts, tasks, norm);
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
  float clip, beta1, rest1, beta2, rest2, bias2, eps, ema, rest_ema;
  float pace, decay;  // a piece's own
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
        parameter[i] * f.decay - f.pace * (first / (__builtin_sqrtf(second) * f.bias2 + f.eps));
    m[i] = first;
    v[i] = second;
    parameter[i] = p;
    if constexpr (kEma) ema[i] = f.ema * ema[i] + f.rest_ema * p;
  }
}

void adamw_step(Pool &pool, const pw_adamw &d, const pw_step *step, const float *norm,
                const Pieces<pw_parameter> &parameters, float *measured, void *workspace) {
  const double rate = step->learning_rate, beta1 = d.beta1, beta2 = d.beta2, keep = step->ema_decay;
  Factors f{};
  // Written so that a norm that is not a number reaches the parameters.
  f.clip = d.clip_norm == 0 || *norm <= d.clip_norm ? 1.0f : d.clip_norm / *norm;
  f.beta1 = d.beta1;
  f.rest1 = static_cast<float>(1.0 - beta1);
  f.beta2 = d.beta2;
  f.rest2 = static_cast<float>(1.0 - beta2);
  f.bias2 = static_cast<float>(1.0 / __builtin_sqrt(static_cast<double>(step->bias2)));
  f.eps = d.eps;
  f.ema = step->ema_decay;
  f.rest_ema = static_cast<float>(1.0 - keep);
  double *parts = static_cast<double *>(workspace);
  const int64_t tasks = ceil_div(parameters.elements(), kElements);
  run_tasks(pool, tasks, parameters.elements() * kStepCycles, [&](int64_t task, int) {
    const FlushDenormals flush;
    double squares = 0;
    for_parts(parameters, task, [&](const pw_parameter &p, int64_t i, int64_t count) {
      // The update finds the gradient in the cache.
      if (measured != nullptr) squares += sum_of_squares(p.gradient + i, count);
      const double own = rate * static_cast<double>(p.rate);
      Factors mine = f;
      mine.pace = static_cast<float>(own / static_cast<double>(step->bias1));
      mine.decay = static_cast<float>(1.0 - own * static_cast<double>(p.weight_decay));
      if (p.ema != nullptr) {
        update<true>(mine, count, p.value + i, p.gradient + i, p.m + i, p.v + i, p.ema + i);
      } else {
        update<false>(mine, count, p.value + i, p.gradient + i, p.m + i, p.v + i, nullptr);
      }
    });
    if (measured != nullptr) parts[task] = squares;
  });
  if (measured != nullptr) finish_norm(parts, tasks, measured);
}

}  // namespace

void fill_optimizer(Kernels &k) {
  k.gradient_norm_workspace = gradient_norm_workspace;
  k.gradient_norm = gradient_norm;
  k.adamw_step = adamw_step;
}

}  // namespace pw::PW_ISA
