// Which pixels of a convolution's input and output meet.
#pragma once

#include "reduce.h"

namespace pw {

struct Geometry {
  int64_t h, w, out_h, out_w, kernel, stride, pad;
  bool transposed;

  explicit Geometry(const pw_conv &d)
      : h(d.h),
        w(d.w),
        out_h(d.transposed != 0 ? 2 * h : ceil_div(h, d.stride)),
        out_w(d.transposed != 0 ? 2 * w : ceil_div(w, d.stride)),
        kernel(d.kernel),
        stride(d.stride),
        pad((d.kernel - 1) / 2),
        transposed(d.transposed != 0) {}

  PW_BOTH int64_t taps() const { return kernel * kernel; }

  // Row or column of the input that meets `out` in row or column k of the kernel; negative where
  // none does.
  PW_GPU int64_t source(int64_t out, int64_t k, int64_t size) const {
    return transposed ? divided(out + pad - k, size) : inside(out * stride + k - pad, size);
  }
  // The same of the output for an input's.
  PW_GPU int64_t target(int64_t in, int64_t k, int64_t out_size) const {
    return transposed ? inside(in * stride + k - pad, out_size) : divided(in + pad - k, out_size);
  }

  // Pixel [n][h][w] of the input that meets pixel `out` of [n][out_h][out_w] in a tap; negative
  // where none does. And the other way round.
  PW_GPU int64_t source_pixel(int64_t out, int64_t tap) const {
    const int64_t column = source(out % out_w, tap % kernel, w);
    const int64_t row = source(out / out_w % out_h, tap / kernel, h);
    return row < 0 || column < 0 ? -1 : (out / (out_w * out_h) * h + row) * w + column;
  }
  PW_GPU int64_t target_pixel(int64_t in, int64_t tap) const {
    const int64_t column = target(in % w, tap % kernel, out_w);
    const int64_t row = target(in / w % h, tap / kernel, out_h);
    return row < 0 || column < 0 ? -1 : (in / (w * h) * out_h + row) * out_w + column;
  }

 private:
  PW_GPU static int64_t inside(int64_t i, int64_t size) { return i < size ? i : -1; }
  PW_GPU int64_t divided(int64_t i, int64_t size) const {
    return i < 0 || i % stride != 0 ? -1 : inside(i / stride, size);
  }
};

inline Shape input_shape(const pw_conv &d) {
  return {d.n, static_cast<int64_t>(d.h) * d.w, d.c_in};
}
inline Shape output_shape(const pw_conv &d) {
  const Geometry g(d);
  return {d.n, g.out_h * g.out_w, d.c_out};
}

// The gradient of an input's element from that of its transformed value (pw_input_gradient).
template <class T>
struct InputGradient {
  View<T> x;
  Global<T> dx;
  Global<const T> addend;

  InputGradient(const pw_input_gradient &d, const View<T> &x, const Shape &shape)
      : x(x), dx(output<T>(d.dx, shape.elements())), addend(input<T>(d.addend, shape.elements())) {}

  PW_GPU void put(int64_t i, float g) const {
    if (addend != nullptr) g += addend.at(i);
    dx.set(i, x.kind == PW_BN_SILU ? g * silu_slope(x.z(i)) : g);
  }
};

// The sums that go with it, of what was stored.
template <class T>
struct NormTerms {
  static constexpr int kValues = 2;
  View<T> x;
  Global<const T> dx;

  PW_GPU void operator()(int64_t i, float *values) const {
    values[0] = dx.at(i);
    values[1] = values[0] * x.xhat(i);
  }
};
template <class T>
struct GateTerms {
  static constexpr int kValues = 3;
  View<T> x;
  Global<const T> dx;

  PW_GPU void operator()(int64_t i, float *values) const {
    const float du = dx.at(i), z = x.z(i), slope = du * silu_slope(z);
    values[0] = du * silu(z);
    values[1] = slope;
    values[2] = slope * x.xhat(i);
  }
};

inline int64_t input_sums_workspace(const Shape &shape) {
  return most(SumPlan{1, shape.rows(), shape.c}.workspace(2),
              SumPlan{shape.n, shape.pixels, shape.c}.workspace(3));
}
template <class T>
void input_sums(Pool &pool, const View<T> &x, const pw_input_gradient &d, const Shape &shape,
                void *workspace) {
  const Global<const T> dx = input<T>(d.dx, shape.elements());
  if (x.kind == PW_BN_SILU) {
    const SumPlan plan{1, shape.rows(), shape.c};
    sum_all(pool, plan, NormTerms<T>{x, dx}, workspace, store_sums<2>(d.sums, plan));
  } else if (x.kind == PW_BN_SILU_GATE) {
    const SumPlan plan{shape.n, shape.pixels, shape.c};
    sum_all(pool, plan, GateTerms<T>{x, dx}, workspace, store_sums<3>(d.sums, plan));
  }
}

}  // namespace pw
