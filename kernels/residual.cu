#include "fill.h"
#include "philox.h"
#include "reduce.h"

namespace pw {
namespace {

template <class T>
struct Forward {
  View<T> p, skip;
  Global<const float> keep;
  Global<T> y;
  int64_t image;  // elements

  PW_GPU void operator()(int64_t i) const {
    float value = p.at(i);
    if (keep != nullptr) value *= keep[i / image];
    if (skip.data != nullptr) value += skip.at(i);
    y.set(i, value);
  }
};

template <class T>
struct BackwardSums {
  static constexpr int kValues = 2;
  View<T> p;
  Global<const float> keep;
  Global<const T> dy;
  int64_t image;

  PW_GPU void operator()(int64_t i, float *values) const {
    const float d = dy.at(i) * (keep != nullptr ? keep[i / image] : 1.0f);
    values[0] = d;
    values[1] = d * p.xhat(i);
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
    each(pool, shape.elements(),
         Forward<T>{View<T>(p, shape, PW_BN), View<T>(skip, shape, t.transform),
                    input<float>(keep, shape.n), output<T>(y, shape.elements()),
                    shape.pixels * shape.c});
  });
}

int64_t workspace(int, const pw_tensor &t) {
  const Shape shape = shape_of(t);
  return SumPlan{1, shape.rows(), shape.c}.workspace(2);
}

void backward(Pool &pool, const pw_tensor &t, const pw_view &p, const float *keep, const void *dy,
              float *sums, void *workspace) {
  const Shape shape = shape_of(t);
  const SumPlan plan{1, shape.rows(), shape.c};
  dispatch_storage(t.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    sum_all(pool, plan,
            BackwardSums<T>{View<T>(p, shape, PW_BN), input<float>(keep, shape.n),
                            input<T>(dy, shape.elements()), shape.pixels * shape.c},
            workspace, store_sums<2>(sums, plan));
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
