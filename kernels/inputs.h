// The gradient of a convolution's input from that of its transformed value (pw_input_gradient).
#pragma once

#include "reduce.h"

namespace pw {

template <class T>
struct InputGradient {
  View<T> x;
  Global<T> dx;
  Global<const T> addend;

  InputGradient() {}
  InputGradient(const pw_input_gradient &d, const View<T> &x, const Shape &shape)
      : x(x), dx(output<T>(d.dx, shape.elements())), addend(input<T>(d.addend, shape.elements())) {}

  PW_GPU void put(int64_t i, float g) const {
    if (addend != nullptr) g += addend.at(i);
    dx.set(i, x.kind == PW_BN_SILU ? g * silu_slope(x.z(i)) : g);
  }
};

constexpr int kMostSums = 3;

// How many sums go with it.
PW_BOTH inline int input_sums_of(int32_t transform) {
  return transform == PW_BN_SILU ? 2 : transform == PW_BN_SILU_GATE ? 3 : 0;
}

// Adds what goes with an element: `stored` as its gradient.
PW_GPU void add_input_sums(int32_t kind, float z, float xhat, float stored,
                           float (&sums)[kMostSums]) {
  if (kind == PW_BN_SILU) {
    sums[0] += stored;
    sums[1] += stored * xhat;
  } else if (kind == PW_BN_SILU_GATE) {
    const float s = sigmoid(z), slope = stored * (s * (1.0f + z * (1.0f - s)));
    sums[0] += stored * (z * s);
    sums[1] += slope;
    sums[2] += slope * xhat;
  }
}

// The sums as a pass of their own, over what was stored.
template <class T, int kColumns>
struct InputTerms {
  static constexpr int kValues = kMostSums, kWidth = kColumns;
  using Constants = Norm<kWidth>;
  View<T> x;
  Global<const T> dx;

  PW_GPU Constants constants(int64_t, int64_t channel) const { return {x.bn, channel, x.c}; }
  PW_GPU void operator()(const Constants &norm, int64_t row, int64_t channel, float *values) const {
    const auto raw = x.template fetch<kWidth>(row, channel);
    const auto stored = dx.template load<kWidth>(row * x.c + channel);
    PW_UNROLL
    for (int k = 0; k < kWidth; ++k) {
      const float v = to_float(raw.v[k]);
      float sums[kMostSums] = {0, 0, 0};
      add_input_sums(x.kind, norm.z(k, v), norm.xhat(k, v), to_float(stored.v[k]), sums);
      PW_UNROLL
      for (int q = 0; q < kMostSums; ++q) values[q * kWidth + k] = sums[q];
    }
  }
};

// Writes the first `values` of kMostSums sums as pw_input_gradient has them.
struct StoreInputSums {
  Global<float> to;
  int64_t segments, channels;
  int values;

  PW_GPU void operator()(int64_t segment, int64_t column, double total) const {
    const int64_t q = column / channels;
    if (q >= values) return;
    to[(q * segments + segment) * channels + column % channels] = static_cast<float>(total);
  }
};
inline StoreInputSums store_input_sums(const pw_input_gradient &d, int32_t transform,
                                       const Shape &shape) {
  const int values = input_sums_of(transform);
  const int64_t segments = transform == PW_BN_SILU_GATE ? shape.n : 1;
  return {output<float>(d.sums, values * segments * shape.c), segments, shape.c, values};
}

inline SumPlan input_sums_plan(int32_t transform, const Shape &shape) {
  return transform == PW_BN_SILU_GATE ? SumPlan{shape.n, shape.pixels, shape.c}
                                      : SumPlan{1, shape.rows(), shape.c};
}
template <class T>
void input_sums(Pool &pool, const View<T> &x, const pw_input_gradient &d, const Shape &shape,
                void *workspace) {
  if (input_sums_of(x.kind) == 0) return;
  const Global<const T> dx = input<T>(d.dx, shape.elements());
  dispatch_width<T>(shape.c, [&](auto width) {
    sum_all(pool, input_sums_plan(x.kind, shape), InputTerms<T, width()>{x, dx}, workspace,
            store_input_sums(d, x.kind, shape));
  });
}

}  // namespace pw
