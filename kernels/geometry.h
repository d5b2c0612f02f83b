// Which pixels of a convolution's input and output meet.
#pragma once

#include "transform.h"

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

}  // namespace pw
