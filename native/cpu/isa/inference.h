// What the inference path shares: weights packed by panels of output channels, register-tiled
// products with them that start from the bias, and what finishes the products.
//
// T is the storage of the activations. Products of bf16 are dot products of pairs where the
// processor has them; elsewhere their inputs are widened and the weights stay f32.
#pragma once

#include "gemm.h"
#include "kernels.h"
#include "rows.h"

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

// activation(sums) in place: PW_LINEAR, PW_SILU or PW_SIGMOID.
void activate_sums(int32_t activation, float *sums, int64_t count);

// What a tile works out: sums [rows][units * kUnit] = activation(bias + inputs times weights).
struct Tile {
  alignas(64) float sums[kMostTileRows * kMostTileUnits * kUnit];

  template <class T>
  void compute(int rows, int units, const TileInputs<T> &inputs, const Packed &weights,
               int64_t unit, int32_t activation);
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
