// What surrounds the row kernels of the depthwise convolutions: rows are transformed into padded
// lines as they are loaded, and results leave from a line with the fused rest of the pass.
#pragma once

#include "depthwise_rows.h"
#include "moments.h"
#include "silu.h"
#include "tasks.h"

namespace pw::PW_ISA {

// A ring of padded rows [vector][slot][column][lane], f32; row r lives in slot r mod slots.
struct Lines {
  float *data = nullptr;
  int64_t slots = 0;    // power of two
  int64_t columns = 0;  // with padding
  int64_t left = 0;     // columns of padding before column 0

  int64_t floats(int64_t vectors) const { return vectors * slots * columns * kLanes; }
  PW_INLINE float *of(int64_t vector) const { return data + floats(1) * vector; }
  // Clears the padding columns beside rows of `width`; nothing else writes there.
  void clear_padding(int64_t vectors, int64_t width) const {
    for (float *row = data; row < of(vectors); row += columns * kLanes) {
      clear(row, left * kLanes);
      clear(row + (left + width) * kLanes, (columns - left - width) * kLanes);
    }
  }

  // Where a row begins among those of its vector, and where behind its padding.
  PW_INLINE int64_t padded(int64_t row) const { return (row & (slots - 1)) * columns * kLanes; }
  PW_INLINE int64_t inside(int64_t row) const { return padded(row) + left * kLanes; }
  PW_INLINE float *row(int64_t vector, int64_t row) const { return of(vector) + inside(row); }
};

// Asks for the memory of the next batch of rows while a block's vectors sweep over this one, one
// after the other. What comes next is asked for pixel by pixel, a whole block at a time, into the
// second-level cache: a cache line of every pixel takes memory two to four times as long as runs of
// a few lines do.
struct Ahead {
  int64_t at = 0;      // bytes from the start of the tensor
  int64_t offset = 0;  // in the run
  int64_t run = 0;     // bytes of the block in a pixel
  int64_t pitch = 0;   // bytes of a pixel

  // The next `kBytes`; tensors of one shape share them.
  template <int kBytes>
  PW_INLINE void next(const void *tensor, const void *other) {
    const int64_t from = at + offset;
    __builtin_prefetch(static_cast<const char *>(tensor) + from, 0, 2);
    if (other != tensor) __builtin_prefetch(static_cast<const char *>(other) + from, 0, 2);
    offset += kBytes;
    if (offset >= run) {
      offset = 0;
      at += pitch;
    }
  }
};

// Rows [from, to) of channels [c, c + count) of one image of a [n][h][w][channels] tensor.
struct PlanePatch {
  int64_t n, h, w, channels;
  int64_t c;
  int count;
  int64_t vector;  // of the lines
  int64_t from, to;

  // Vector v of a block of channels that begins with `first`.
  PW_INLINE void take(int64_t first, int64_t v) {
    vector = v;
    c = first + v * kLanes;
    count = static_cast<int>(least(kLanes, channels - c));
  }
  PW_INLINE int64_t offset(int64_t row) const { return ((n * h + row) * w) * channels + c; }
};

// Columns [0, width) in steps of 4 and what is left: body(Kind<step>{}, column).
template <class Body>
PW_INLINE void by_columns(int64_t width, Body &&body) {
  int64_t col = 0;
  for (; col + 4 <= width; col += 4) body(Kind<4>{}, col);
  switch (width - col) {
    case 3:
      return body(Kind<3>{}, col);
    case 2:
      return body(Kind<2>{}, col);
    case 1:
      return body(Kind<1>{}, col);
    default:
      return;
  }
}

// Loads kColumns pixels `step` elements apart.
template <int kColumns, class T>
PW_INLINE void load_columns(const T *from, int64_t step, int count, vf (&to)[kColumns]) {
#pragma GCC unroll 4
  for (int i = 0; i < kColumns; ++i) to[i] = load_n(from + i * step, count);
}

template <int kColumns>
PW_INLINE void store_columns(const vf (&values)[kColumns], float *to) {
#pragma GCC unroll 4
  for (int i = 0; i < kColumns; ++i) store(to + i * kLanes, values[i]);
}

// With kSides, also the derivative and (for a gate) the activation without the gate, for the
// backward pass.
template <class T, int kKind, bool kSides, bool kFull>
PW_INLINE void fill_view_rows(const PlanePatch &p, const pw_view &view, const Lines &values,
                              const Lines &derivatives, const Lines &activations, Ahead &next) {
  const ViewLanes lanes(kKind, view, p.channels, p.n, p.c, p.count);
  Ahead ahead = next;
  const int count = kFull ? kLanes : p.count;
  for (int64_t r = p.from; r < p.to; ++r) {
    const T *x = static_cast<const T *>(view.data) + p.offset(r);
    float *value = values.row(p.vector, r);
    float *derivative = kSides && kKind != PW_NONE ? derivatives.row(p.vector, r) : nullptr;
    float *activation = kSides && kKind == PW_BN_SILU_GATE ? activations.row(p.vector, r) : nullptr;
    by_columns(p.w, [&](auto columns, int64_t col) PW_LAMBDA {
      constexpr int kColumns = decltype(columns)::value;
      vf z[kColumns];
      for (int i = 0; i < kColumns; ++i) ahead.next<sizeof(T) * kLanes>(view.data, view.data);
      load_columns<kColumns>(x + col * p.channels, p.channels, count, z);
      if constexpr (kKind != PW_NONE) {
        vf d[kColumns];
        for (int i = 0; i < kColumns; ++i) z[i] = lanes.z(z[i]);
        silu_pairs<kColumns>(z, d);
        if constexpr (kSides) store_columns<kColumns>(d, derivative + col * kLanes);
        if constexpr (kKind == PW_BN_SILU_GATE) {
          if constexpr (kSides) store_columns<kColumns>(z, activation + col * kLanes);
          for (int i = 0; i < kColumns; ++i) z[i] *= lanes.gate;
        }
      }
      store_columns<kColumns>(z, value + col * kLanes);
    });
  }
  next = ahead;
}

template <class T, int kKind, bool kSides>
void fill_view(const PlanePatch &p, const pw_view &view, const Lines &values,
               const Lines &derivatives, const Lines &activations, Ahead &next) {
  if (p.count == kLanes) {
    fill_view_rows<T, kKind, kSides, true>(p, view, values, derivatives, activations, next);
  } else {
    fill_view_rows<T, kKind, kSides, false>(p, view, values, derivatives, activations, next);
  }
}
using FillView = void (*)(const PlanePatch &, const pw_view &, const Lines &, const Lines &,
                          const Lines &, Ahead &);

template <class T, int kKind, bool kFull>
PW_INLINE void fill_gradient_rows(const PlanePatch &p, const pw_gradient &gradient,
                                  const Lines &values, Ahead &next) {
  const GradientLanes lanes(kKind, gradient, p.channels, p.n, p.c, p.count);
  Ahead ahead = next;
  const int count = kFull ? kLanes : p.count;
  for (int64_t r = p.from; r < p.to; ++r) {
    const T *dy = static_cast<const T *>(gradient.dy) + p.offset(r);
    const T *y = kKind == PW_GRAD_PLAIN ? dy : static_cast<const T *>(gradient.y) + p.offset(r);
    float *value = values.row(p.vector, r);
    const int64_t site = (p.n * p.h + r) * p.w;
    by_columns(p.w, [&](auto columns, int64_t col) PW_LAMBDA {
      constexpr int kColumns = decltype(columns)::value;
      vf g[kColumns];
      for (int i = 0; i < kColumns; ++i) {
        ahead.next<sizeof(T) * kLanes>(gradient.dy,
                                       kKind == PW_GRAD_PLAIN ? gradient.dy : gradient.y);
      }
      load_columns<kColumns>(dy + col * p.channels, p.channels, count, g);
      if constexpr (kKind != PW_GRAD_PLAIN) {
        vf raw[kColumns];
        load_columns<kColumns>(y + col * p.channels, p.channels, count, raw);
        if constexpr (kKind == PW_GRAD_BN_SILU_GATE) {
          vf z[kColumns], d[kColumns];
          for (int i = 0; i < kColumns; ++i) z[i] = raw[i] * lanes.scale + lanes.shift;
          silu_pairs<kColumns>(z, d);
          int32_t pooled[kColumns];
          for (int i = 0; i < kColumns; ++i) pooled[i] = pooled_bits(gradient, site + col + i);
          for (int i = 0; i < kColumns; ++i) {
            g[i] = (g[i] * lanes.gate + keep_bits(lanes.dpool, pooled[i])) * d[i];
          }
        }
        for (int i = 0; i < kColumns; ++i)
          g[i] = lanes.alpha * g[i] + (lanes.beta * raw[i] + lanes.gamma);
      }
      store_columns<kColumns>(g, value + col * kLanes);
    });
  }
  next = ahead;
}

template <class T, int kKind>
void fill_gradient(const PlanePatch &p, const pw_gradient &gradient, const Lines &values,
                   Ahead &next) {
  if (p.count == kLanes) {
    fill_gradient_rows<T, kKind, true>(p, gradient, values, next);
  } else {
    fill_gradient_rows<T, kKind, false>(p, gradient, values, next);
  }
}
using FillGradient = void (*)(const PlanePatch &, const pw_gradient &, const Lines &, Ahead &);

// Stores the output's rows [p.from, p.to), `line` holding them one behind the other, and adds them
// to the moments.
template <class T, bool kFull>
PW_INLINE void put_pixels(const PlanePatch &p, const float *line, void *to, Moments *moments,
                          Ahead &next) {
  T *y = static_cast<T *>(to) + p.offset(p.from);
  const int count = kFull ? kLanes : p.count;
  const int64_t pixels = (p.to - p.from) * p.w;
  Ahead ahead = next;
  vf s[2]{}, q[2]{};
  const vf pivot = moments == nullptr ? vf{} : moments->begin(load(line));
  by_columns(pixels, [&](auto columns, int64_t col) PW_LAMBDA {
    constexpr int kColumns = decltype(columns)::value;
#pragma GCC unroll 4
    for (int i = 0; i < kColumns; ++i) {
      ahead.next<sizeof(T) * kLanes>(to, to);
      const vf v = load(line + (col + i) * kLanes);
      store_n(y + (col + i) * p.channels, v, count);
      const vf d = v - pivot;
      s[i % 2] += d;
      q[i % 2] += d * d;
    }
  });
  if (moments != nullptr) moments->end(s[0] + s[1], q[0] + q[1], pixels);
  next = ahead;
}

template <class T>
void put_rows(const PlanePatch &p, const float *line, void *to, Moments *moments, Ahead &next) {
  if (p.count == kLanes) {
    put_pixels<T, true>(p, line, to, moments, next);
  } else {
    put_pixels<T, false>(p, line, to, moments, next);
  }
}
using PutRows = void (*)(const PlanePatch &, const float *line, void *to, Moments *, Ahead &);

// Sums of pw_input_gradient, without the factor rstd of xhat.
struct GradientSums {
  vf sum[3]{};
};

// Finishes rows [p.from, p.to) of the input's gradient, `line` holding those of W^T dL/dy one
// behind the other.
template <class T, int kKind, bool kFull>
PW_INLINE void put_gradient_rows(const PlanePatch &p, const float *line, const pw_view &view,
                                 const pw_input_gradient &to, const Lines &derivatives,
                                 const Lines &activations, vf mean, GradientSums &sums,
                                 Ahead &next) {
  const int count = kFull ? kLanes : p.count;
  Ahead ahead = next;
  vf sum[3]{};
  for (int64_t r = p.from; r < p.to; ++r, line += p.w * kLanes) {
    const int64_t at = p.offset(r);
    T *dx = static_cast<T *>(to.dx) + at;
    const T *addend = to.addend == nullptr ? nullptr : static_cast<const T *>(to.addend) + at;
    const T *x = static_cast<const T *>(view.data) + at;
    const float *derivative = kKind == PW_NONE ? nullptr : derivatives.row(p.vector, r);
    const float *activation = kKind == PW_BN_SILU_GATE ? activations.row(p.vector, r) : nullptr;
    for (int64_t col = 0; col < p.w; ++col) {
      const int64_t i = col * p.channels;
      ahead.next<sizeof(T) * kLanes>(to.dx, to.dx);
      vf g = load(line + col * kLanes);
      if (addend != nullptr) g += load_n(addend + i, count);
      if constexpr (kKind == PW_BN_SILU) {
        g *= load(derivative + col * kLanes);
        sum[0] += g;
        sum[1] += g * (load_n(x + i, count) - mean);
      } else if constexpr (kKind == PW_BN_SILU_GATE) {
        const vf dz = g * load(derivative + col * kLanes);
        sum[0] += g * load(activation + col * kLanes);
        sum[1] += dz;
        sum[2] += dz * (load_n(x + i, count) - mean);
      }
      store_n(dx + i, g, count);
    }
  }
  for (int i = 0; i < 3; ++i) sums.sum[i] += sum[i];
  next = ahead;
}

template <class T, int kKind>
void put_gradient(const PlanePatch &p, const float *line, const pw_view &view,
                  const pw_input_gradient &to, const Lines &derivatives, const Lines &activations,
                  vf mean, GradientSums &sums, Ahead &next) {
  if (p.count == kLanes) {
    put_gradient_rows<T, kKind, true>(p, line, view, to, derivatives, activations, mean, sums,
                                      next);
  } else {
    put_gradient_rows<T, kKind, false>(p, line, view, to, derivatives, activations, mean, sums,
                                       next);
  }
}
using PutGradient = void (*)(const PlanePatch &, const float *line, const pw_view &,
                             const pw_input_gradient &, const Lines &derivatives,
                             const Lines &activations, vf mean, GradientSums &, Ahead &);

}  // namespace pw::PW_ISA
