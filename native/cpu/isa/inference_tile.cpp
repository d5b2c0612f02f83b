// The tiles of inference.h, compiled here once for all operations.
#include "inference.h"
#include "silu.h"

namespace pw::PW_ISA {
namespace {

// Returns the factor of a step's weights: the inputs from p on; last_factor() the last input of an
// odd depth alone.
PW_INLINE float factor(const float *p) { return *p; }
PW_INLINE float last_factor(const float *p) { return *p; }
#if defined(__AVX512BF16__)
PW_INLINE Pair factor(const bf16 *p) {
  Pair pair;
  std::memcpy(&pair, p, sizeof(pair));
  return pair;
}
PW_INLINE Pair last_factor(const bf16 *p) { return {{*p, {0}}}; }
#else
PW_INLINE float factor(const bf16 *p) { return to_float(*p); }
PW_INLINE float last_factor(const bf16 *p) { return to_float(*p); }
#endif

// Floats by which weights are asked for ahead of their use: about the time that memory takes.
constexpr int64_t kAhead = 1024;

// sums [kRows][panel] = bias + inputs times weights, for a panel of kUnits units.
template <class T, int kRows, int kUnits>
void product_tile(const TileInputs<T> &inputs, const float *panel, float *sums) {
  constexpr int kVectors = kUnits * kUnitVectors, kPanelFloats = kUnits * kUnit;
  // A small tile has too few chains of additions to hide the latency of the multiplier: it gets
  // several for each element.
  constexpr int kSize = kRows * kVectors;
  constexpr int kChains = kSize >= 8 ? 1 : kSize >= 4 ? 2 : 4;
  constexpr int kSteps = kChains > 1 ? kChains : 2;
  vf acc[kChains][kRows][kVectors] = {};
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) {
#pragma GCC unroll 12
    for (int r = 0; r < kRows; ++r) acc[0][r][v] = load(panel + v * kLanes);
  }
  const float *weights = panel + kPanelFloats;
  const T *a = inputs.data;
  const int64_t lda = inputs.row_step, length = inputs.length;
  const auto step = [&](int chain, int i, int64_t d, auto factors) __attribute__((always_inline)) {
    const float *const from = weights + i * kPanelFloats;
#pragma GCC unroll 2
    for (int u = 0; u < kUnits; ++u) __builtin_prefetch(from + kAhead + u * kUnit);
    vf column[kVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) column[v] = load(from + v * kLanes);
#pragma GCC unroll 12
    for (int r = 0; r < kRows; ++r) {
      const auto value = factors(a + r * lda + d);
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) {
        acc[chain][r][v] = multiply_add(acc[chain][r][v], value, column[v]);
      }
    }
  };
  const auto whole = [](const T *p) __attribute__((always_inline)) { return factor(p); };
  const auto last = [](const T *p) __attribute__((always_inline)) { return last_factor(p); };
  constexpr int64_t kDepth = kDepthStep<T>;
  for (int64_t s = 0; s < inputs.segments; ++s, a += inputs.segment_step) {
    int64_t d = 0;
    for (; d + kSteps * kDepth <= length; d += kSteps * kDepth, weights += kSteps * kPanelFloats) {
#pragma GCC unroll 4
      for (int i = 0; i < kSteps; ++i) step(i % kChains, i, d + i * kDepth, whole);
    }
    for (; d + kDepth <= length; d += kDepth, weights += kPanelFloats) step(0, 0, d, whole);
    if (d < length) {
      step(0, 0, d, last);
      weights += kPanelFloats;
    }
  }
#pragma GCC unroll 12
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      vf sum = acc[0][r][v];
      if constexpr (kChains > 1) sum += acc[1][r][v];
      if constexpr (kChains > 2) sum += acc[2][r][v] + acc[3][r][v];
      store(sums + r * kPanelFloats + v * kLanes, sum);
    }
  }
}

template <int kUnits, int kRows = kMostTileRows, class T>
PW_INLINE void product_rows(int rows, const TileInputs<T> &inputs, const float *panel,
                            float *sums) {
  if (rows == kRows) {
    product_tile<T, kRows, kUnits>(inputs, panel, sums);
  } else if constexpr (kRows > 1) {
    product_rows<kUnits, kRows - 1>(rows, inputs, panel, sums);
  }
}

template <int kActivation, int kCount>
PW_INLINE void activate(vf (&z)[kCount]) {
  if constexpr (kActivation == PW_SILU) {
    silus<kCount>(z);
  } else {
    vf s[kCount];
    sigmoids<kCount>(z, s);
    PW_EACH z[i] = z[i] == z[i] ? s[i] : z[i];  // NaN stays NaN
  }
}

// Several vectors at a time.
template <int kActivation>
void activate_all(float *sums, int64_t count) {
  const auto some = [](float *p, auto vectors) __attribute__((always_inline)) {
    constexpr int kCount = decltype(vectors)::value;
    vf z[kCount];
    PW_EACH z[i] = load(p + i * kLanes);
    activate<kActivation, kCount>(z);
    PW_EACH store(p + i * kLanes, z[i]);
  };
  int64_t at = 0;
  for (; at + 8 * kLanes <= count; at += 8 * kLanes) some(sums + at, Kind<8>{});
  for (; at + 2 * kLanes <= count; at += 2 * kLanes) some(sums + at, Kind<2>{});
  for (; at < count; at += kLanes) some(sums + at, Kind<1>{});
}

}  // namespace

void activate_sums(int32_t activation, float *sums, int64_t count) {
  if (activation == PW_SILU) activate_all<PW_SILU>(sums, count);
  if (activation == PW_SIGMOID) activate_all<PW_SIGMOID>(sums, count);
}

template <class T>
void Tile::compute(int rows, int units, const TileInputs<T> &inputs, const Packed &weights,
                   int64_t unit, int32_t activation) {
  const float *const panel = weights.panel(unit);
  if (units == kMostTileUnits) {
    product_rows<kMostTileUnits>(rows, inputs, panel, sums);
  } else {
    product_rows<1>(rows, inputs, panel, sums);
  }
  activate_sums(activation, sums, rows * units * kUnit);
}

template void Tile::compute(int, int, const TileInputs<float> &, const Packed &, int64_t, int32_t);
template void Tile::compute(int, int, const TileInputs<bf16> &, const Packed &, int64_t, int32_t);

}  // namespace pw::PW_ISA
