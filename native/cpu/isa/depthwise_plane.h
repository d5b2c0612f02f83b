// What surrounds the row kernels of the depthwise convolutions: rows are transformed into padded
// lines as they are loaded, and results leave from a line with the fused rest of the pass.
#pragma once

#include "depthwise_rows.h"
#include "moments.h"
#include "silu.h"

namespace pw::PW_ISA {

// A ring of padded rows [vector][slot][column][lane], f32; row r lives in slot r mod slots. Padding
// columns stay 0.
struct Lines {
  float *data = nullptr;
  int64_t slots = 0;    // power of two
  int64_t columns = 0;  // with padding
  int64_t left = 0;     // columns of padding before column 0

  int64_t floats(int64_t vectors) const { return vectors * slots * columns * kLanes; }
  PW_INLINE float *padded(int64_t vector, int64_t row) const {
    return data + ((vector * slots + (row & (slots - 1))) * columns) * kLanes;
  }
  PW_INLINE float *row(int64_t vector, int64_t row) const {
    return padded(vector, row) + left * kLanes;
  }
};

// Rows [from, to) of channels [c, c + count) of one image of a [n][h][w][channels] tensor.
struct PlanePatch {
  int64_t n, h, w, channels;
  int64_t c;
  int count;
  int64_t vector;  // of the lines
  int64_t from, to;

  PW_INLINE int64_t offset(int64_t row) const { return ((n * h + row) * w) * channels + c; }
};

// Columns [from, from + width) in steps of 4, 2 and 1: body(Index<step>{}, column).
template <class Body>
PW_INLINE void by_columns(int64_t width, Body &&body) {
  int64_t col = 0;
  for (; col + 4 <= width; col += 4) body(Index<4>{}, col);
  if (col + 2 <= width) {
    body(Index<2>{}, col);
    col += 2;
  }
  if (col < width) body(Index<1>{}, col);
}

// Loads kColumns pixels `step` elements apart and asks for those of the next row.
template <int kColumns, class T>
PW_INLINE void load_columns(const T *from, int64_t step, int64_t pitch, int count,
                            vf (&to)[kColumns]) {
  unroll<kColumns>([&](auto i) PW_LAMBDA {
    __builtin_prefetch(from + i.value * step + pitch);
    to[i.value] = load_n(from + i.value * step, count);
  });
}

template <int kColumns>
PW_INLINE void store_columns(const vf (&values)[kColumns], float *to) {
  unroll<kColumns>([&](auto i) PW_LAMBDA { store(to + i.value * kLanes, values[i.value]); });
}

// With kSides, also the derivative and (for a gate) the activation without the gate, for the
// backward pass.
template <class T, int kKind, bool kSides, bool kFull>
PW_INLINE void fill_view_rows(const PlanePatch &p, const pw_view &view, const Lines &values,
                              const Lines &derivatives, const Lines &activations) {
  const ViewLanes lanes(kKind, view, p.channels, p.n, p.c, p.count);
  const int64_t pitch = p.w * p.channels;
  const int count = kFull ? kLanes : p.count;
  for (int64_t r = p.from; r < p.to; ++r) {
    const T *x = static_cast<const T *>(view.data) + p.offset(r);
    float *value = values.row(p.vector, r);
    float *derivative = kSides && kKind != PW_NONE ? derivatives.row(p.vector, r) : nullptr;
    float *activation = kSides && kKind == PW_BN_SILU_GATE ? activations.row(p.vector, r) : nullptr;
    by_columns(p.w, [&](auto columns, int64_t col) PW_LAMBDA {
      constexpr int kColumns = decltype(columns)::value;
      vf z[kColumns];
      load_columns<kColumns>(x + col * p.channels, p.channels, pitch, count, z);
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
}

template <class T, int kKind, bool kSides>
void fill_view(const PlanePatch &p, const pw_view &view, const Lines &values,
               const Lines &derivatives, const Lines &activations) {
  if (p.count == kLanes) {
    fill_view_rows<T, kKind, kSides, true>(p, view, values, derivatives, activations);
  } else {
    fill_view_rows<T, kKind, kSides, false>(p, view, values, derivatives, activations);
  }
}
using FillView = void (*)(const PlanePatch &, const pw_view &, const Lines &, const Lines &,
                          const Lines &);

template <class T, int kKind, bool kFull>
PW_INLINE void fill_gradient_rows(const PlanePatch &p, const pw_gradient &gradient,
                                  const Lines &values) {
  const GradientLanes lanes(kKind, gradient, p.channels, p.n, p.c, p.count);
  const int64_t pitch = p.w * p.channels;
  const int count = kFull ? kLanes : p.count;
  for (int64_t r = p.from; r < p.to; ++r) {
    const T *dy = static_cast<const T *>(gradient.dy) + p.offset(r);
    const T *y = kKind == PW_GRAD_PLAIN ? dy : static_cast<const T *>(gradient.y) + p.offset(r);
    float *value = values.row(p.vector, r);
    by_columns(p.w, [&](auto columns, int64_t col) PW_LAMBDA {
      constexpr int kColumns = decltype(columns)::value;
      vf g[kColumns];
      load_columns<kColumns>(dy + col * p.channels, p.channels, pitch, count, g);
      if constexpr (kKind != PW_GRAD_PLAIN) {
        vf raw[kColumns];
        load_columns<kColumns>(y + col * p.channels, p.channels, pitch, count, raw);
        if constexpr (kKind == PW_GRAD_BN_SILU_GATE) {
          vf z[kColumns], d[kColumns];
          for (int i = 0; i < kColumns; ++i) z[i] = raw[i] * lanes.scale + lanes.shift;
          silu_pairs<kColumns>(z, d);
          for (int i = 0; i < kColumns; ++i) g[i] = (g[i] * lanes.gate + lanes.dpool) * d[i];
        }
        for (int i = 0; i < kColumns; ++i)
          g[i] = lanes.alpha * g[i] + (lanes.beta * raw[i] + lanes.gamma);
      }
      store_columns<kColumns>(g, value + col * kLanes);
    });
  }
}

template <class T, int kKind>
void fill_gradient(const PlanePatch &p, const pw_gradient &gradient, const Lines &values) {
  if (p.count == kLanes) {
    fill_gradient_rows<T, kKind, true>(p, gradient, values);
  } else {
    fill_gradient_rows<T, kKind, false>(p, gradient, values);
  }
}
using FillGradient = void (*)(const PlanePatch &, const pw_gradient &, const Lines &);

// Stores one output row.
template <class T>
void put_row(const PlanePatch &p, int64_t row, const float *line, void *to) {
  T *y = static_cast<T *>(to) + p.offset(row);
  if (p.count == kLanes) {
    const int64_t pitch = p.w * p.channels;
    for (int64_t col = 0; col < p.w; ++col, y += p.channels) {
      __builtin_prefetch(y + pitch, 1);
      store(y, load(line + col * kLanes));
    }
  } else {
    for (int64_t col = 0; col < p.w; ++col, y += p.channels)
      store_n(y, load(line + col * kLanes), p.count);
  }
}
using PutRow = void (*)(const PlanePatch &, int64_t row, const float *line, void *to);

// Sums of pw_input_gradient, without the factor rstd of xhat.
struct GradientSums {
  vf sum[3]{};
};

// Finishes one row of the input's gradient, `line` holding W^T dL/dy.
template <class T, int kKind, bool kFull>
PW_INLINE void put_gradient_row(const PlanePatch &p, int64_t row, const float *line,
                                const pw_view &view, const pw_input_gradient &to,
                                const Lines &derivatives, const Lines &activations, vf mean,
                                GradientSums &sums) {
  const int64_t at = p.offset(row);
  T *dx = static_cast<T *>(to.dx) + at;
  const T *addend = to.addend == nullptr ? nullptr : static_cast<const T *>(to.addend) + at;
  const T *x = static_cast<const T *>(view.data) + at;
  const float *derivative = kKind == PW_NONE ? nullptr : derivatives.row(p.vector, row);
  const float *activation = kKind == PW_BN_SILU_GATE ? activations.row(p.vector, row) : nullptr;
  const int count = kFull ? kLanes : p.count;
  const int64_t pitch = p.w * p.channels;
  vf sum[3]{};
  for (int64_t col = 0; col < p.w; ++col) {
    const int64_t i = col * p.channels;
    __builtin_prefetch(dx + i + pitch, 1);
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
  for (int i = 0; i < 3; ++i) sums.sum[i] += sum[i];
}

template <class T, int kKind>
void put_gradient(const PlanePatch &p, int64_t row, const float *line, const pw_view &view,
                  const pw_input_gradient &to, const Lines &derivatives, const Lines &activations,
                  vf mean, GradientSums &sums) {
  if (p.count == kLanes) {
    put_gradient_row<T, kKind, true>(p, row, line, view, to, derivatives, activations, mean, sums);
  } else {
    put_gradient_row<T, kKind, false>(p, row, line, view, to, derivatives, activations, mean, sums);
  }
}
using PutGradient = void (*)(const PlanePatch &, int64_t row, const float *line, const pw_view &,
                             const pw_input_gradient &, const Lines &derivatives,
                             const Lines &activations, vf mean, GradientSums &);

}  // namespace pw::PW_ISA
