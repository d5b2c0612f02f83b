// Register-tiled matrix products C[rows][panel] (+)= A[rows][depth] B[depth][panel], for one panel
// of kPanel columns at a time. B is packed ([depth][kPanel]), so that the innermost loop reads it
// in order and from the first-level cache; A stays as it is. C is f32; an element E of A and B is a
// float or, where the processor multiplies them, a Pair: depth then counts pairs.
#pragma once

#include "transpose.h"
#include "vec.h"

namespace pw::PW_ISA {

// A tile's accumulators fill the registers: 12 of 16, 24 of 32; of the portable path, 8 of SSE2's
// 16 half-width ones.
#if defined(__AVX512F__)
constexpr int kTileRows = 12;
constexpr int kTileVectors = 2;
#elif defined(__AVX2__)
constexpr int kTileRows = 6;
constexpr int kTileVectors = 2;
#else
constexpr int kTileRows = 4;
constexpr int kTileVectors = 1;
#endif
constexpr int kPanel = kTileVectors * kLanes;

// Two bf16 that are neighbours in depth, the first in the lower half.
struct Pair {
  bf16 halves[2];
};

#if defined(__AVX512BF16__)
constexpr bool kMultipliesPairs = true;
#else
constexpr bool kMultipliesPairs = false;
#endif

// Of a row of E, the type of the numbers in it and how many there are in an element.
template <class E>
struct ElementOf {
  typedef float Number;
  static constexpr int64_t kNumbers = 1;
};
template <>
struct ElementOf<Pair> {
  typedef bf16 Number;
  static constexpr int64_t kNumbers = 2;
};
template <class E>
using Number = typename ElementOf<E>::Number;

// Elements that hold a depth of so many numbers.
template <class E>
PW_INLINE int64_t elements(int64_t depth) {
  return ceil_div(depth, ElementOf<E>::kNumbers);
}

// sum + a * b, for the kLanes columns of b.
PW_INLINE vf multiply_add(vf sum, float a, vf b) { return sum + b * a; }
PW_INLINE vf load(const Pair *p) { return load(reinterpret_cast<const float *>(p)); }
PW_INLINE void store(Pair *p, vf v) { store(reinterpret_cast<float *>(p), v); }

// kLanes elements of a row of numbers, of which `count` are left; the rest is zero.
PW_INLINE vf elements_at(const float *p, int64_t count, float *) {
  return load_n(p, static_cast<int>(least(count, kLanes)));
}

#if defined(__AVX512BF16__)
PW_INLINE vf multiply_add(vf sum, Pair a, vf b) {
  int32_t both;
  std::memcpy(&both, &a, 4);
  return reinterpret_cast<vf>(
      _mm512_dpbf16_ps(reinterpret_cast<__m512>(sum), reinterpret_cast<__m512bh>(b),
                       reinterpret_cast<__m512bh>(_mm512_set1_epi32(both))));
}
PW_INLINE vf elements_at(const float *p, int64_t count, Pair *) {
  const vf first = load_n(p, static_cast<int>(least(count, kLanes)));
  const vf second =
      count > kLanes ? load_n(p + kLanes, static_cast<int>(least(count - kLanes, kLanes))) : vf{};
  return reinterpret_cast<vf>(
      _mm512_cvtne2ps_pbh(reinterpret_cast<__m512>(second), reinterpret_cast<__m512>(first)));
}
#endif

// The pairs of two rows' numbers.
PW_INLINE vf paired(vf first, vf second) {
  const vu low = __builtin_convertvector(narrowed(first), vu);
  const vu high = __builtin_convertvector(narrowed(second), vu);
  return reinterpret_cast<vf>(low | (high << 16));
}

// Depth after which C is put down: a panel of B this deep (20 KiB with 16 columns) still leaves
// room for A in the first-level cache.
constexpr int64_t kMaxDepth = kPanel > 16 ? 224 : 320;

// Depths are cut into equal steps of at most kMaxDepth.
PW_INLINE int64_t depth_step(int64_t depth) { return ceil_div(depth, ceil_div(depth, kMaxDepth)); }

// Length in elements of a scratch row of `columns`: whole cache lines, and an odd number of them
// where there are many, so that a column of a scratch matrix spreads over all sets of a cache.
PW_INLINE int64_t scratch_stride(int64_t columns) {
  const int64_t lines = ceil_div(columns, 16);
  return (lines > 2 ? lines | 1 : lines) * 16;
}

PW_INLINE int panel_vectors(int64_t columns) {
  return columns > kPanel - kLanes ? kTileVectors : static_cast<int>(ceil_div(columns, kLanes));
}

// The product for one panel of which the first `vectors` vectors are wanted; depth at most about
// kMaxDepth. Element (row, d) of A is a[row * lda + d], or, with kColumns, a[d * lda + row].
// Defined in gemm.cpp: its tiles are many and slow to compile.
template <bool kColumns, class E>
void panel_product(int64_t rows, int64_t depth, const E *a, int64_t lda, const E *b, int vectors,
                   float *c, int64_t ldc, bool add);

// The same for any depth.
template <bool kColumns, class E>
void deep_panel_product(int64_t rows, int64_t depth, const E *a, int64_t lda, const E *b,
                        int vectors, float *c, int64_t ldc, bool add) {
  const int64_t step = depth_step(depth);
  for (int64_t d = 0; d < depth; d += step) {
    panel_product<kColumns>(rows, least(step, depth - d), a + (kColumns ? d * lda : d), lda,
                            b + d * kPanel, vectors, c, ldc, add || d > 0);
  }
}

// A panel's part of a row of weights is a line or two, and the next part is a page away: nothing
// but this fetches it in time. What lies beyond the matrix is asked for too; that does no harm.
constexpr int64_t kRowsAhead = 16;
PW_INLINE void prefetch_rows(const float *w, int64_t ld, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < least(columns, kPanel); c += 16) __builtin_prefetch(w + r * ld + c);
  }
}

// Panel [depth][kPanel] from rows of a matrix: panel[d][j] = w[d * ld + j], zero for j >= columns.
// For pairs, two rows make one of the panel.
template <class E>
void pack_rows(E *panel, const float *w, int64_t ld, int64_t depth, int64_t columns) {
  const auto vector = [&](int64_t d, int v) __attribute__((always_inline)) {
    const int64_t count = d < depth ? columns - v * kLanes : 0;
    return count >= kLanes ? load(w + d * ld + v * kLanes)
           : count > 0     ? load_n(w + d * ld + v * kLanes, static_cast<int>(count))
                           : vf{};
  };
  constexpr int64_t kNumbers = ElementOf<E>::kNumbers;
  for (int64_t d = 0; d < depth; d += kNumbers) {
    prefetch_rows(w + (d + kRowsAhead) * ld, ld, kNumbers, columns);
    for (int v = 0; v < kTileVectors; ++v) {
      E *const to = panel + d / kNumbers * kPanel + v * kLanes;
      if constexpr (kNumbers == 1) {
        store(to, vector(d, v));
      } else {
        store(to, paired(vector(d, v), vector(d + 1, v)));
      }
    }
  }
}

// Panel [depth][kPanel] from columns of a matrix: panel[d][j] = w[j * ld + d], zero for j >=
// columns.
template <class E>
void pack_columns(E *panel, const float *w, int64_t ld, int64_t depth, int64_t columns) {
  constexpr int64_t kNumbers = ElementOf<E>::kNumbers;
  for (int v = 0; v < kTileVectors; ++v) {
    const int64_t count = columns - v * kLanes;
    for (int64_t d = 0; d < depth; d += kLanes * kNumbers) {
      const float *const from = w + v * kLanes * ld + d;
      vf rows[kLanes];
      // The next step's lines, row by row: no stream for the processor to follow.
      for (int j = 0; j < least(count, kLanes); ++j) {
        for (int64_t ahead = 0; ahead < kLanes * kNumbers; ahead += 16) {
          __builtin_prefetch(from + j * ld + kLanes * kNumbers + ahead);
        }
      }
      for (int j = 0; j < kLanes; ++j) {
        rows[j] = j < count ? elements_at(from + j * ld, depth - d, panel) : vf{};
      }
      transpose(rows);
      E *const to = panel + d / kNumbers * kPanel + v * kLanes;
      const int64_t length = least(kLanes, elements<E>(depth - d));
      if (length == kLanes) {
        for (int i = 0; i < kLanes; ++i) store(to + i * kPanel, rows[i]);
      } else {
        for (int i = 0; i < length; ++i) store(to + i * kPanel, rows[i]);
      }
    }
  }
}

// Rows of `columns` bf16 (whole vectors; the last row of an odd number stands beside zeros) as
// [rows / 2][columns] pairs of one row and the next. to == from is allowed where the strides, in
// elements of 4 bytes, are ld_to == 2 ld_from.
inline void interleave_rows(Pair *to, int64_t ld_to, const Pair *from, int64_t ld_from,
                            int64_t rows, int64_t columns) {
  const bf16 *const numbers = reinterpret_cast<const bf16 *>(from);
  for (int64_t r = 0; r < rows; r += 2) {
    const bf16 *const first = numbers + 2 * r * ld_from;
    // A whole row pair of at most kPanel columns is read before it is written, for to == from.
    for (int64_t c = 0; c < columns; c += kPanel) {
      vf low[kTileVectors], high[kTileVectors];
      const int vectors = static_cast<int>(least(kTileVectors, (columns - c) / kLanes));
      for (int v = 0; v < vectors; ++v) {
        low[v] = load(first + c + v * kLanes);
        high[v] = r + 1 < rows ? load(first + 2 * ld_from + c + v * kLanes) : vf{};
      }
      for (int v = 0; v < vectors; ++v) {
        const vu bits = reinterpret_cast<vu>(low[v]) >> 16 | reinterpret_cast<vu>(high[v]);
        store(to + r / 2 * ld_to + c + v * kLanes, reinterpret_cast<vf>(bits));
      }
    }
  }
}

}  // namespace pw::PW_ISA
