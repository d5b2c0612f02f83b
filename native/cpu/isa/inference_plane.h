// Depthwise rows of the inference path: tiles of output columns from a padded plane. Tiles make
// sums only and know no storage type, so that the many shapes of them are compiled once for all.
#pragma once

#include "inference.h"

namespace pw::PW_ISA {

// Columns whose accumulators, with a row of the kernel beside them, fit the registers.
constexpr int kMostColumns = kLanes == 16 ? 12 : 6;
constexpr int kMostCutColumns = kLanes == 16 ? 8 : 6;  // of a row cut into several tiles

// The inputs of a tile, for one vector of channels.
struct PlaneTile {
  const float *in;       // first column that the first output sees, in the first row
  int64_t pitch;         // floats between rows of the plane
  int rows;              // of the kernel that meet the plane
  const float *weights;  // [row][column], from the first such row
  int64_t weight_step;   // floats between columns
  vf bias;
};

// sums [kColumns][lane] = bias + the products. kWhole: the tile is the whole row, and what meets
// only padding is left out.
template <int kKernel, int kStride, int kColumns, bool kWhole>
void plane_tile(const PlaneTile &t, float *sums) {
  constexpr int kPad = (kKernel - 1) / 2;
  constexpr int kSources = kStride * (kColumns - 1) + kKernel;
  vf acc[kColumns];
  for (int c = 0; c < kColumns; ++c) acc[c] = t.bias;
  const float *in = t.in, *weights = t.weights;
  for (int i = 0; i < t.rows; ++i, in += t.pitch, weights += kKernel * t.weight_step) {
    vf w[kKernel];
#pragma GCC unroll 5
    for (int k = 0; k < kKernel; ++k) w[k] = load(weights + k * t.weight_step);
#pragma GCC unroll 28
    for (int j = 0; j < kSources; ++j) {
      if (kWhole && (j < kPad || j >= kPad + kStride * kColumns)) continue;
      const vf v = load(in + j * kUnit);
#pragma GCC unroll 12
      for (int c = 0; c < kColumns; ++c) {
        const int tap = j - kStride * c;
        if (tap >= 0 && tap < kKernel) acc[c] += v * w[tap];
      }
    }
  }
#pragma GCC unroll 12
  for (int c = 0; c < kColumns; ++c) store(sums + c * kLanes, acc[c]);
}

using PlaneTileFunction = void (*)(const PlaneTile &, float *sums);

template <int kKernel, int kStride, bool kWhole, int kColumns = kMostColumns>
PlaneTileFunction plane_tile_of(int64_t columns) {
  if constexpr (kColumns > 1) {
    if (columns < kColumns) return plane_tile_of<kKernel, kStride, kWhole, kColumns - 1>(columns);
  }
  return plane_tile<kKernel, kStride, kColumns, kWhole>;
}

// How a row of output columns is cut into tiles: even cuts, as a narrow last tile would wait for
// its few accumulators.
struct PlaneRow {
  PlaneTileFunction tile, rest;
  int64_t columns, step;

  template <int kKernel, int kStride>
  static PlaneRow of(int64_t columns) {
    PlaneRow row{};
    row.columns = row.step = columns;
    if (columns <= kMostColumns) {
      row.tile = row.rest = plane_tile_of<kKernel, kStride, true>(columns);
      return row;
    }
    row.step = ceil_div(columns, ceil_div(columns, kMostCutColumns));
    row.tile = plane_tile_of<kKernel, kStride, false, kMostCutColumns>(row.step);
    row.rest = plane_tile_of<kKernel, kStride, false, kMostCutColumns>(most(1, columns % row.step));
    return row;
  }

  static PlaneRow of(int64_t columns, int32_t kernel, int32_t stride) {
    if (kernel == 3) return stride == 1 ? of<3, 1>(columns) : of<3, 2>(columns);
    return stride == 1 ? of<5, 1>(columns) : of<5, 2>(columns);
  }
};

// Writes one row of outputs, SiLU of the tiles' sums, for `count` channels of columns that are
// `step` apart; returns their sum over the columns that are `active`, null: all.
template <class T>
PW_INLINE vf plane_row(const PlaneRow &row, int64_t stride, PlaneTile tile, T *out, int64_t step,
                       int count, const float *active) {
  alignas(64) float line[kMostColumns * kLanes];
  vf sum{};
  const float *const in = tile.in;
  for (int64_t at = 0; at < row.columns; at += row.step) {
    const int64_t columns = least(row.step, row.columns - at);
    tile.in = in + at * stride * kUnit;
    (columns == row.step ? row.tile : row.rest)(tile, line);
    activate_sums(PW_SILU, line, columns * kLanes);
    for (int64_t c = 0; c < columns; ++c) {
      const vf value = load(line + c * kLanes);
      if (active == nullptr || active[at + c] != 0) sum += value;
      store_n(out + (at + c) * step, value, count);
    }
  }
  return sum;
}

}  // namespace pw::PW_ISA
