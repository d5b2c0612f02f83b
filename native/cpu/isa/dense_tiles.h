// Register-tiled products of the dense convolutions.
#pragma once

#include "vec.h"

namespace pw::PW_ISA {

// c[m][.] = sum over segments s and j < length of a[s][m * a_step + j] * b[s][j][.], for kPixels
// pixels and kVectors vectors of columns. A segment is one row of the kernel; overlapping windows
// of pixels are read in place.
constexpr int kMostSegments = 7;
struct Product {
  const float *a[kMostSegments];
  const float *b[kMostSegments];
  int segments;
  int64_t length;
  int64_t a_step, b_step;  // floats between pixels, between rows of b
};

// acc[i][.] += a[i * a_step] * b[.], for kRows i and kVectors vectors of columns.
template <int kRows, int kVectors>
PW_INLINE void add_outer_product(const float *a, int64_t a_step, const float *b,
                                 vf (&acc)[kRows][kVectors]) {
  vf row[kVectors];
#pragma GCC unroll 3
  for (int v = 0; v < kVectors; ++v) row[v] = load(b + v * kLanes);
#pragma GCC unroll 8
  for (int i = 0; i < kRows; ++i) {
    const vf value = splat(a[i * a_step]);
#pragma GCC unroll 3
    for (int v = 0; v < kVectors; ++v) acc[i][v] += value * row[v];
  }
}

template <int kPixels, int kVectors>
void product_tile(const Product &p, int64_t pixel, int64_t column, float *c, int64_t c_step) {
  vf acc[kPixels][kVectors] = {};
  for (int s = 0; s < p.segments; ++s) {
    const float *a = p.a[s] + pixel * p.a_step;
    const float *b = p.b[s] + column;
    for (int64_t j = 0; j < p.length; ++j, ++a, b += p.b_step) {
      add_outer_product(a, p.a_step, b, acc);
    }
  }
#pragma GCC unroll 8
  for (int m = 0; m < kPixels; ++m) {
#pragma GCC unroll 3
    for (int v = 0; v < kVectors; ++v) {
      store(c + (pixel + m) * c_step + column + v * kLanes, acc[m][v]);
    }
  }
}

template <int kVectors>
void product_columns(const Product &p, int64_t pixels, int64_t column, float *c, int64_t c_step) {
  constexpr int kPixels = kVectors == 3 ? 4 : kVectors == 2 ? 6 : 8;
  int64_t m = 0;
  for (; m + kPixels <= pixels; m += kPixels)
    product_tile<kPixels, kVectors>(p, m, column, c, c_step);
  for (; m + 2 <= pixels; m += 2) product_tile<2, kVectors>(p, m, column, c, c_step);
  if (m < pixels) product_tile<1, kVectors>(p, m, column, c, c_step);
}

inline void product(const Product &p, int64_t pixels, int64_t vectors, float *c, int64_t c_step) {
  int64_t v = 0;
  for (; vectors - v >= 3 && vectors - v != 4; v += 3)
    product_columns<3>(p, pixels, v * kLanes, c, c_step);
  for (; vectors - v >= 2; v += 2) product_columns<2>(p, pixels, v * kLanes, c, c_step);
  if (v < vectors) product_columns<1>(p, pixels, v * kLanes, c, c_step);
}

// weight[j][.] += sum over pixels x of fine[x * fine_step + j] * coarse[x * coarse_step + .], for
// kTaps j and kVectors vectors.
template <int kTaps, int kVectors>
void outer_tile(const float *fine, int64_t fine_step, const float *coarse, int64_t coarse_step,
                int64_t pixels, float *weight) {
  vf acc[kTaps][kVectors] = {};
  const int64_t row = coarse_step;
  for (int64_t x = 0; x < pixels; ++x, fine += fine_step, coarse += coarse_step) {
    add_outer_product(fine, 1, coarse, acc);
  }
#pragma GCC unroll 8
  for (int j = 0; j < kTaps; ++j) {
#pragma GCC unroll 3
    for (int v = 0; v < kVectors; ++v) {
      float *w = weight + j * row + v * kLanes;
      store(w, load(w) + acc[j][v]);
    }
  }
}

template <int kVectors>
void outer_taps(const float *fine, int64_t fine_step, int64_t taps, const float *coarse,
                int64_t coarse_step, int64_t pixels, float *weight) {
  constexpr int kTaps = kVectors == 3 ? 4 : kVectors == 2 ? 5 : 8;
  int64_t j = 0;
  for (; j + kTaps <= taps; j += kTaps) {
    outer_tile<kTaps, kVectors>(fine + j, fine_step, coarse, coarse_step, pixels,
                                weight + j * coarse_step);
  }
  for (; j + 3 <= taps; j += 3) {
    outer_tile<3, kVectors>(fine + j, fine_step, coarse, coarse_step, pixels,
                            weight + j * coarse_step);
  }
  for (; j < taps; ++j) {
    outer_tile<1, kVectors>(fine + j, fine_step, coarse, coarse_step, pixels,
                            weight + j * coarse_step);
  }
}

// All vectors of the coarse channels; a row of `weight` is as long as a pixel of `coarse`.
inline void outer(const float *fine, int64_t fine_step, int64_t taps, const float *coarse,
                  int64_t coarse_step, int64_t pixels, float *weight) {
  const int64_t vectors = coarse_step / kLanes;
  int64_t v = 0;
  for (; vectors - v >= 3 && vectors - v != 4; v += 3) {
    outer_taps<3>(fine, fine_step, taps, coarse + v * kLanes, coarse_step, pixels,
                  weight + v * kLanes);
  }
  for (; vectors - v >= 2; v += 2) {
    outer_taps<2>(fine, fine_step, taps, coarse + v * kLanes, coarse_step, pixels,
                  weight + v * kLanes);
  }
  if (v < vectors)
    outer_taps<1>(fine, fine_step, taps, coarse + v * kLanes, coarse_step, pixels,
                  weight + v * kLanes);
}

// line[x * step + j] += part[x][j]: windows of neighbouring pixels overlap. Pixels whose windows do
// not are taken in turn, so that no load waits for a store just made to a part of what it reads.
inline void add_windows(const float *part, int64_t part_step, int64_t pixels, float *line,
                        int64_t step) {
  const int64_t phases = ceil_div(part_step, step);
  for (int64_t phase = 0; phase < phases; ++phase) {
    for (int64_t x = phase; x < pixels; x += phases) {
      for (int64_t j = 0; j < part_step; j += kLanes) {
        float *to = line + x * step + j;
        store(to, load(to) + load(part + x * part_step + j));
      }
    }
  }
}

}  // namespace pw::PW_ISA
