#include "fill.h"
#include "philox.h"
#include "reduce.h"

namespace pw {
namespace {

// kWidth neighbouring channels at once.
template <class T, int kWidth>
struct Forward {
  View<T> p, skip;
  Global<const float> keep;
  Global<T> y;

  PW_GPU void operator()(int64_t i) const {
    const int64_t at = i * kWidth, row = at / p.c, channel = at % p.c;
    const auto raw = p.template fetch<kWidth>(row, channel);
    typename View<T>::template Raw<kWidth> other{};
    if (skip.data != nullptr) other = skip.template fetch<kWidth>(row, channel);
    const float kept = keep != nullptr ? keep[p.image_of(row)] : 1.0f;
    float value[kWidth], added[kWidth] = {};
    p.template finish<kWidth>(raw, row, channel, value);
    if (skip.data != nullptr) skip.template finish<kWidth>(other, row, channel, added);
    Pack<T, kWidth> sum;
    PW_UNROLL
    for (int k = 0; k < kWidth; ++k) put(sum.v[k], value[k] * kept + added[k]);
    y.template store<kWidth>(at, sum);
  }
};

template <class T, int kColumns>
struct BackwardSums {
  static constexpr int kValues = 2, kWidth = kColumns;
  using Constants = Norm<kWidth>;
  View<T> p;
  Global<const float> keep;
  Global<const T> dy;

  PW_GPU Constants constants(int64_t, int64_t channel) const { return {p.bn, channel, p.c}; }
  PW_GPU void operator()(const Constants &norm, int64_t row, int64_t channel, float *values) const {
    const auto raw = p.template fetch<kWidth>(row, channel);
    const auto d = dy.template load<kWidth>(row * p.c + channel);
    const float kept = keep != nullptr ? keep[p.image_of(row)] : 1.0f;
    PW_UNROLL
    for (int k = 0; k < kWidth; ++k) {
      values[k] = to_float(d.v[k]) * kept;
      values[kWidth + k] = values[k] * norm.xhat(k, to_float(raw.v[k]));
    }
  }
};

struct DropPath {
  pw_drop_path d;
  Global<const pw_step> step;
  Global<float> keep;

  PW_GPU void operator()(int64_t i) const {
    keep[i] = drop_path_of(d, step[0], static_cast<int32_t>(i));
  }
};

void forward(Pool &pool, const pw_tensor &t, const pw_view &p, const float *keep,
             const pw_view &skip, void *y) {
  const Shape shape = shape_of(t);
  dispatch_storage(t.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    dispatch_width<T>(shape.c, [&](auto width) {
      each(pool, shape.elements() / width(),
           Forward<T, width()>{View<T>(p, shape, PW_BN), View<T>(skip, shape, t.transform),
                               input<float>(keep, shape.n), output<T>(y, shape.elements())});
    });
  });
}

int64_t workspace(int, const pw_tensor &t) {
  const Shape shape = shape_of(t);
  return SumPlan{1, shape.rows(), shape.c}.workspace(2);
}

void backward(Pool &pool, const pw_tensor &t, const pw_view &p, const float *keep, const void *dy,
              float *sums, void *workspace) {
  const Shape shape = shape_of(t);
  dispatch_storage(t.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    dispatch_width<T>(shape.c, [&](auto width) {
      sum_all(pool, SumPlan{1, shape.rows(), shape.c},
              BackwardSums<T, width()>{View<T>(p, shape, PW_BN), input<float>(keep, shape.n),
                                       input<T>(dy, shape.elements())},
              workspace, store_sums<2>(sums, 1, shape.c));
    });
  });
}

void drop_path(Pool &pool, const pw_drop_path &d, const pw_step *step, float *keep) {
  each(pool, d.n, DropPath{d, input<pw_step>(step, 1), output<float>(keep, d.n)});
}

}  // namespace

void fill_residual(Kernels &k) {
  k.residual_forward = forward;
  k.residual_workspace = workspace;
  k.residual_backward = backward;
  k.drop_path = drop_path;
}

}  // namespace pw
