// The tiles of gemm.h, compiled here once for all operations.
#include "gemm.h"

namespace pw::PW_ISA {
namespace {

// Element (row, d) of A is a[row * lda + d], or, with kColumns, a[d * lda + row].
template <int kRows, int kVectors, bool kColumns, class E>
void tile(int64_t depth, const E *a, int64_t lda, const E *b, float *c, int64_t ldc, bool add) {
  // A narrow tile has too few chains to hide the latency of the multiplier: it gets two a row.
  constexpr int kChains = kVectors < kTileVectors ? 2 : 1;
  vf acc[kChains][kRows][kVectors] = {};
  const auto step = [&](int chain, int64_t d) __attribute__((always_inline)) {
    vf columns[kVectors];
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) columns[v] = load(b + d * kPanel + v * kLanes);
#pragma GCC unroll 12
    for (int r = 0; r < kRows; ++r) {
      const E value = kColumns ? a[d * lda + r] : a[r * lda + d];
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) {
        acc[chain][r][v] = multiply_add(acc[chain][r][v], value, columns[v]);
      }
    }
  };
  int64_t d = 0;
  if constexpr (kChains == 2) {
    for (; d + 1 < depth; d += 2) {
      step(0, d);
      step(1, d + 1);
    }
  }
  for (; d < depth; ++d) step(0, d);
#pragma GCC unroll 12
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      vf sum = acc[0][r][v];
      if constexpr (kChains == 2) sum += acc[1][r][v];
      float *const p = c + r * ldc + v * kLanes;
      store(p, add ? load(p) + sum : sum);
    }
  }
}

template <int kRows, int kVectors, bool kColumns, class E>
PW_INLINE void tile_of(int rows, int64_t depth, const E *a, int64_t lda, const E *b, float *c,
                       int64_t ldc, bool add) {
  if (rows == kRows) {
    tile<kRows, kVectors, kColumns>(depth, a, lda, b, c, ldc, add);
  } else if constexpr (kRows > 1) {
    tile_of<kRows - 1, kVectors, kColumns>(rows, depth, a, lda, b, c, ldc, add);
  }
}

template <int kVectors, bool kColumns, class E>
void panel_product_of(int64_t rows, int64_t depth, const E *a, int64_t lda, const E *b, float *c,
                      int64_t ldc, bool add) {
  // Tiles of nearly equal height rather than a small last one.
  const int64_t tiles = ceil_div(rows, kTileRows);
  const int64_t low = rows / tiles, higher = rows % tiles;
  int64_t row = 0;
  for (int64_t t = 0; t < tiles; ++t) {
    const int height = static_cast<int>(low + (t < higher));
    tile_of<kTileRows, kVectors, kColumns>(height, depth, a + (kColumns ? row : row * lda), lda, b,
                                           c + row * ldc, ldc, add);
    row += height;
  }
}

}  // namespace

template <bool kColumns, class E>
void panel_product(int64_t rows, int64_t depth, const E *a, int64_t lda, const E *b, int vectors,
                   float *c, int64_t ldc, bool add) {
  if (vectors == kTileVectors) {
    panel_product_of<kTileVectors, kColumns>(rows, depth, a, lda, b, c, ldc, add);
  } else {
    panel_product_of<1, kColumns>(rows, depth, a, lda, b, c, ldc, add);
  }
}

template void panel_product<false>(int64_t, int64_t, const float *, int64_t, const float *, int,
                                   float *, int64_t, bool);
template void panel_product<true>(int64_t, int64_t, const float *, int64_t, const float *, int,
                                  float *, int64_t, bool);
#if defined(__AVX512BF16__)
template void panel_product<false>(int64_t, int64_t, const Pair *, int64_t, const Pair *, int,
                                   float *, int64_t, bool);
template void panel_product<true>(int64_t, int64_t, const Pair *, int64_t, const Pair *, int,
                                  float *, int64_t, bool);
#endif

}  // namespace pw::PW_ISA
