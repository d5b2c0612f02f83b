// What the inference path shares: weights packed by panels of output channels, register-tiled
// products with them that start from the bias, and what finishes the products.
//
// T is the storage of the activations. Products of bf16 are dot products of pairs where the
// processor has them; elsewhere their inputs are widened and the weights stay f32.
#pragma once

#include "gemm.h"
#include "kernels.h"
#include "silu.h"

namespace pw::PW_ISA {

// Output channels are counted in units, whatever the length of a vector: a cache line of f32.
constexpr int kUnit = 16;
constexpr int kUnitVectors = kUnit / kLanes;

// A tile's accumulators fill the registers: 24 of 32, 12 of 16; of the portable path, 8 of SSE2's
// 16 half-width ones.
#if defined(__AVX512F__)
constexpr int kMostTileRows = 12;
constexpr int kMostTileUnits = 2;
#elif defined(__AVX2__)
constexpr int kMostTileRows = 6;
constexpr int kMostTileUnits = 1;
#else
constexpr int kMostTileRows = 2;
constexpr int kMostTileUnits = 1;
#endif

// Inputs in depth that one step of a product takes at once.
template <class T>
constexpr int64_t kDepthStep = kMultipliesPairs && sizeof(T) == 2 ? 2 : 1;

// What a step multiplies the weights by: the inputs from p on; of an odd depth, the last alone.
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

// Packed weights: [panel][bias, then steps][units of the panel][kUnit], so that a core that takes
// panel after panel reads one stream. A panel has as many units as a tile; the last one those that
// are left. Channels beyond the last are zero. Depth runs over kernel row, kernel column, input
// channel. A step is a float or, for products of pairs, a Pair.
struct Packed {
  const float *data;
  int64_t steps;

  Packed(const void *packed, int64_t steps)
      : data(static_cast<const float *>(packed)), steps(steps) {}
  // Of the panel whose first unit is `unit`.
  PW_INLINE const float *panel(int64_t unit) const { return data + unit * (steps + 1) * kUnit; }
};

PW_INLINE int64_t units_of(int64_t channels) { return ceil_div(channels, kUnit); }
PW_INLINE int64_t panels_of(int64_t units) { return ceil_div(units, kMostTileUnits); }

// Where `parts` even parts of `whole` begin.
PW_INLINE int64_t part_start(int64_t whole, int64_t parts, int64_t part) {
  return whole * part / parts;
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

// Floats by which weights are asked for ahead of their use: about the time that memory takes.
constexpr int64_t kAhead = 1024;

// Rows of inputs: element d of segment s of row r is data[r * row_step + s * segment_step + d]. A
// matrix has one segment; a row of an image convolved has one for each row of the kernel.
template <class T>
struct TileInputs {
  const T *data;
  int64_t row_step;
  int64_t segments, segment_step, length;

  static TileInputs matrix(const T *data, int64_t depth) { return {data, depth, 1, 0, depth}; }
  PW_INLINE TileInputs from(int64_t row) const {
    TileInputs t = *this;
    t.data += row * row_step;
    return t;
  }
};

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

// activation(sums) in place, several vectors at a time.
template <int kActivation>
void activate_sums(float *sums, int64_t count) {
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

// What a tile works out: sums [rows][units * kUnit] = activation(bias + inputs times weights).
struct Tile {
  alignas(64) float sums[kMostTileRows * kMostTileUnits * kUnit];

  template <class T>
  void compute(int rows, int units, const TileInputs<T> &inputs, const Packed &weights,
               int64_t unit, int32_t activation) {
    const float *const panel = weights.panel(unit);
    if (units == kMostTileUnits) {
      product_rows<kMostTileUnits>(rows, inputs, panel, sums);
    } else {
      product_rows<1>(rows, inputs, panel, sums);
    }
    if (activation == PW_SILU) activate_sums<PW_SILU>(sums, rows * units * kUnit);
    if (activation == PW_SIGMOID) activate_sums<PW_SIGMOID>(sums, rows * units * kUnit);
  }
};

// Rows [0, rows) as tiles of nearly equal height rather than a small last one: body(first, height).
template <class Body>
PW_INLINE void for_tiles(int64_t rows, Body &&body) {
  const int64_t tiles = ceil_div(rows, kMostTileRows);
  const int64_t low = rows / tiles, higher = rows % tiles;
  int64_t row = 0;
  for (int64_t t = 0; t < tiles; ++t) {
    const int height = static_cast<int>(low + (t < higher));
    body(row, height);
    row += height;
  }
}

// Panels [from, to) of `all` units: body(first unit, units).
template <class Body>
PW_INLINE void for_panels(int64_t from, int64_t to, int64_t all, Body &&body) {
  for (int64_t u = from * kMostTileUnits; u < least(all, to * kMostTileUnits);
       u += kMostTileUnits) {
    body(u, static_cast<int>(least(kMostTileUnits, all - u)));
  }
}

// Who does a job: all threads of a pool, or (without one) the caller alone, as worker 0.
struct Team {
  Pool *pool;

  bool alone() const { return pool == nullptr; }

  // body(task, worker) for every task; here alone when the whole job is no longer than waking the
  // other threads.
  template <class Body>
  void run(int64_t tasks, int64_t cycles, Body &&body) const {
    if (alone() || cycles < 8000) {
      for (int64_t i = 0; i < tasks; ++i) body(i, 0);
    } else {
      parallel(*pool, tasks, body);
    }
  }
};

// A matrix of outputs that tiles are finished into.
template <class T>
struct Outputs {
  T *y;
  const T *addend;
  int64_t columns;
  int32_t activation;

  // Rows [row, row + rows) of the panel whose first unit is `unit`: y = activation(product) +
  // addend, without the addend where it is null.
  template <class In>
  void tile(const TileInputs<In> &inputs, const Packed &weights, int64_t unit, int units,
            int64_t row, int rows) const {
    Tile tile;
    tile.compute(rows, units, inputs, weights, unit, activation);
    const int64_t column = unit * kUnit, width = units * kUnit;
    const int64_t count = least(width, columns - column);
    for (int r = 0; r < rows; ++r) {
      const int64_t at = (row + r) * columns + column;
      for (int64_t c = 0; c < count; c += kLanes) {
        const int lanes = static_cast<int>(least(kLanes, count - c));
        vf value = load(tile.sums + r * width + c);
        if (addend != nullptr) value += load_n(addend + at + c, lanes);
        store_n(y + at + c, value, lanes);
      }
    }
  }
};

// The parts of fill_inference(), in the files of their names.
void fill_inference_pointwise(Kernels &);
void fill_inference_block(Kernels &);

}  // namespace pw::PW_ISA
