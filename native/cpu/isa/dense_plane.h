// Rows of the dense convolutions as they are loaded and stored. A row lies in memory as pixels of
// `step` floats, step >= channels: the wide side's pixels are padded to whole vectors, the narrow
// side's are not (step = channels), so that a window of pixels is contiguous.
#pragma once

#include <type_traits>

#include "moments.h"
#include "transform.h"

namespace pw::PW_ISA {

struct PixelRow {
  int64_t n, w, channels, step;
  int64_t offset;  // of the row in its tensor
};

// Channels [c, c + kLanes) of pixel `col`. Whole vectors are read while they stay in the row: what
// lies beyond the channels is then the next pixel's.
template <class T>
PW_INLINE vf load_pixel(const PixelRow &row, const T *from, int64_t col, int64_t c) {
  const T *p = from + row.offset + col * row.channels + c;
  const int64_t left = (row.w - col) * row.channels - c;
  return left >= kLanes ? load(p) : load_n(p, static_cast<int>(left));
}

// Stores a vector of a pixel: beyond the channels only where the next pixel, stored later, or
// nothing follows.
PW_INLINE void put_pixel(const PixelRow &row, float *to, int64_t col, int64_t c, vf value) {
  float *p = to + col * row.step + c;
  if (row.step > kLanes && c + kLanes > row.step) {
    store_n(p, value, static_cast<int>(row.step - c));
  } else {
    store(p, value);
  }
}

template <class T>
PW_INLINE void copy_row(const PixelRow &row, const T *from, float *to) {
  const int64_t floats = row.w * row.channels;
  int64_t i = 0;
  for (; i + kLanes <= floats; i += kLanes) store(to + i, load(from + row.offset + i));
  if (i < floats) {
    const int left = static_cast<int>(floats - i);
    store_n(to + i, load_n(from + row.offset + i, left), left);
  }
}

PW_INLINE int pixel_lanes(const PixelRow &row, int64_t c) {
  return static_cast<int>(least(kLanes, row.channels - c));
}

// Keeps the lanes below `count`: what a whole load brought along from the next pixel becomes 0.
PW_INLINE vf keep_lanes(vf v, int count) {
  if (count == kLanes) return v;
  float lanes[kLanes];
  store(lanes, v);
  for (int i = count; i < kLanes; ++i) lanes[i] = 0;
  return load(lanes);
}

template <class T, int kKind, bool kSides>
void fill_view_pixels(const PixelRow &row, const pw_view &view, float *value, float *derivative,
                      float *activation) {
  const T *x = static_cast<const T *>(view.data);
  if (kKind == PW_NONE && row.step == row.channels) return copy_row(row, x, value);
  for (int64_t c = 0; c < row.channels; c += kLanes) {
    const int count = pixel_lanes(row, c);
    const ViewLanes lanes(kKind, view, row.channels, row.n, c, count);
    for (int64_t col = 0; col < row.w; ++col) {
      const vf raw = keep_lanes(load_pixel(row, x, col, c), count);
      if constexpr (!kSides || kKind == PW_NONE) {
        put_pixel(row, value, col, c, view_value<kKind>(lanes, raw));
      } else {
        const SiluPair pair = silu_pair(lanes.z(raw));
        put_pixel(row, derivative, col, c, pair.derivative);
        if constexpr (kKind == PW_BN_SILU_GATE) {
          put_pixel(row, activation, col, c, pair.value);
          put_pixel(row, value, col, c, pair.value * lanes.gate);
        } else {
          put_pixel(row, value, col, c, pair.value);
        }
      }
    }
  }
}
using FillViewPixels = void (*)(const PixelRow &, const pw_view &, float *value, float *derivative,
                                float *activation);

template <class T, int kKind>
void fill_gradient_pixels(const PixelRow &row, const pw_gradient &gradient, float *value) {
  const T *dy = static_cast<const T *>(gradient.dy);
  const T *y = static_cast<const T *>(gradient.y);
  const int64_t site = row.offset / row.channels;
  if (kKind == PW_GRAD_PLAIN && row.step == row.channels) return copy_row(row, dy, value);
  for (int64_t c = 0; c < row.channels; c += kLanes) {
    const int count = pixel_lanes(row, c);
    const GradientLanes lanes(kKind, gradient, row.channels, row.n, c, count);
    for (int64_t col = 0; col < row.w; ++col) {
      vf raw{};
      if constexpr (kKind != PW_GRAD_PLAIN) raw = keep_lanes(load_pixel(row, y, col, c), count);
      const vf d = keep_lanes(load_pixel(row, dy, col, c), count);
      const int32_t pooled = kKind == PW_GRAD_BN_SILU_GATE ? pooled_bits(gradient, site + col) : 0;
      put_pixel(row, value, col, c, gradient_value<kKind>(lanes, d, raw, pooled));
    }
  }
}
using FillGradientPixels = void (*)(const PixelRow &, const pw_gradient &, float *value);

// Stores a finished row.
template <class T>
void put_pixels(const PixelRow &row, const float *line, void *to) {
  T *y = static_cast<T *>(to) + row.offset;
  const int64_t stretch = row.step == row.channels ? row.w * row.channels : row.channels;
  const int64_t stretches = row.step == row.channels ? 1 : row.w;
  for (int64_t s = 0; s < stretches; ++s, y += row.channels, line += row.step) {
    int64_t i = 0;
    for (; i + kLanes <= stretch; i += kLanes) store(y + i, load(line + i));
    if (i < stretch) store_n(y + i, load(line + i), static_cast<int>(stretch - i));
  }
}
using PutPixels = void (*)(const PixelRow &, const float *line, void *to);

// Finishes a row of the input's gradient, `line` holding W^T dL/dy, and adds its channel sums,
// without the factor rstd of xhat, to sums [3][sums_step].
template <class T, int kKind>
void put_gradient_pixels(const PixelRow &row, const float *line, const pw_view &view,
                         const pw_input_gradient &to, const float *derivative,
                         const float *activation, float *sums, int64_t sums_step) {
  const T *x = static_cast<const T *>(view.data) + row.offset;
  const T *addend = to.addend == nullptr ? nullptr : static_cast<const T *>(to.addend) + row.offset;
  T *dx = static_cast<T *>(to.dx) + row.offset;
  for (int64_t c = 0; c < row.channels; c += kLanes) {
    const int count = pixel_lanes(row, c);
    const vf mean = kKind == PW_NONE ? vf{} : load_n(view.bn + 2 * row.channels + c, count);
    vf sum[3]{};
    for (int64_t col = 0; col < row.w; ++col) {
      const int64_t i = col * row.channels + c;
      const int64_t at = col * row.step + c;
      vf g = load(line + at);
      if (addend != nullptr) g += load_n(addend + i, count);
      if constexpr (kKind == PW_BN_SILU) {
        g *= load(derivative + at);
        sum[0] += g;
        sum[1] += g * (load_n(x + i, count) - mean);
      } else if constexpr (kKind == PW_BN_SILU_GATE) {
        const vf dz = g * load(derivative + at);
        sum[0] += g * load(activation + at);
        sum[1] += dz;
        sum[2] += dz * (load_n(x + i, count) - mean);
      }
      store_n(dx + i, g, count);
    }
    if constexpr (kKind != PW_NONE) {
      for (int i = 0; i < 3; ++i) {
        float *s = sums + i * sums_step + c;
        store(s, load(s) + sum[i]);
      }
    }
  }
}
using PutGradientPixels = void (*)(const PixelRow &, const float *line, const pw_view &,
                                   const pw_input_gradient &, const float *derivative,
                                   const float *activation, float *sums, int64_t sums_step);

// sums[c] += the row's sum of each channel.
inline void add_channel_sums(const PixelRow &row, const float *line, float *sums) {
  for (int64_t c = 0; c < row.channels; c += kLanes) {
    vf s0{}, s1{};
    int64_t col = 0;
    for (; col + 2 <= row.w; col += 2) {
      s0 += load(line + col * row.step + c);
      s1 += load(line + (col + 1) * row.step + c);
    }
    if (col < row.w) s0 += load(line + col * row.step + c);
    store(sums + c, load(sums + c) + s0 + s1);
  }
}

}  // namespace pw::PW_ISA
