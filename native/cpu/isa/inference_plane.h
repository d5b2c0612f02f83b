// Depthwise rows of the inference path: a tile of output columns from a padded plane, finished in
// registers.
#pragma once

#include "inference.h"
#include "unroll.h"

namespace pw::PW_ISA {

// Columns whose accumulators, with a row of the kernel beside them, fit the registers.
constexpr int kMostColumns = kLanes == 16 ? 12 : 6;
constexpr int kMostCutColumns = kLanes == 16 ? 8 : 6;  // of a row cut into several tiles

// What a tile reads and writes; one vector of channels.
template <class T>
struct PlaneTile {
  const float *in;       // first column that the first output sees, in the first row
  int64_t pitch;         // floats between rows of the plane
  int rows;              // of the kernel that meet the plane
  const float *weights;  // [row][column], from the first such row
  int64_t weight_step;   // floats between columns
  vf bias;
  T *out;
  int64_t step;  // floats between output columns
  int count;     // of channels
};

// Adds SiLU(sum + bias) to `sum`. kWhole: the tile is the whole row, and what meets only padding is
// left out.
template <class T, int kKernel, int kStride, int kColumns, bool kWhole>
void plane_tile(const PlaneTile<T> &t, vf &sum) {
  constexpr int kPad = (kKernel - 1) / 2;
  constexpr int kSources = kStride * (kColumns - 1) + kKernel;
  vf acc[kColumns];
  for (int c = 0; c < kColumns; ++c) acc[c] = t.bias;
  const float *in = t.in, *weights = t.weights;
  for (int i = 0; i < t.rows; ++i, in += t.pitch, weights += kKernel * t.weight_step) {
    vf w[kKernel];
    unroll<kKernel>([&](auto k)
                        PW_LAMBDA { w[k.value] = load(weights + k.value * t.weight_step); });
    unroll<kSources>([&](auto source) PW_LAMBDA {
      constexpr int j = decltype(source)::value;
      if constexpr (!kWhole || (j >= kPad && j < kPad + kStride * kColumns)) {
        const vf v = load(in + j * kUnit);
        unroll<kColumns>([&](auto column) PW_LAMBDA {
          constexpr int kTap = j - kStride * decltype(column)::value;
          if constexpr (kTap >= 0 && kTap < kKernel) acc[column.value] += v * w[kTap];
        });
      }
    });
  }
  silus<kColumns>(acc);
  unroll<kColumns>([&](auto c) PW_LAMBDA {
    sum += acc[c.value];
    store_n(t.out + c.value * t.step, acc[c.value], t.count);
  });
}

template <class T>
using PlaneTileFunction = void (*)(const PlaneTile<T> &, vf &sum);

template <class T, int kKernel, int kStride, bool kWhole, int kColumns = kMostColumns>
PlaneTileFunction<T> plane_tile_of(int64_t columns) {
  if constexpr (kColumns > 1) {
    if (columns < kColumns)
      return plane_tile_of<T, kKernel, kStride, kWhole, kColumns - 1>(columns);
  }
  return plane_tile<T, kKernel, kStride, kColumns, kWhole>;
}

// How a row of output columns is cut into tiles: even cuts, as a narrow last tile would wait for
// its few accumulators.
template <class T>
struct PlaneRow {
  PlaneTileFunction<T> tile, rest;
  int64_t columns, step;

  template <int kKernel, int kStride>
  static PlaneRow of(int64_t columns) {
    PlaneRow row{};
    row.columns = row.step = columns;
    if (columns <= kMostColumns) {
      row.tile = row.rest = plane_tile_of<T, kKernel, kStride, true>(columns);
      return row;
    }
    row.step = ceil_div(columns, ceil_div(columns, kMostCutColumns));
    row.tile = plane_tile_of<T, kKernel, kStride, false, kMostCutColumns>(row.step);
    row.rest =
        plane_tile_of<T, kKernel, kStride, false, kMostCutColumns>(most(1, columns % row.step));
    return row;
  }

  static PlaneRow of(int64_t columns, int32_t kernel, int32_t stride) {
    if (kernel == 3) return stride == 1 ? of<3, 1>(columns) : of<3, 2>(columns);
    return stride == 1 ? of<5, 1>(columns) : of<5, 2>(columns);
  }
};

// One row of outputs, with its sum.
template <class T>
PW_INLINE vf plane_row(const PlaneRow<T> &row, int64_t stride, PlaneTile<T> tile) {
  vf sum{};
  const float *const in = tile.in;
  T *const out = tile.out;
  int64_t at = 0;
  for (; at + row.step <= row.columns; at += row.step) {
    tile.in = in + at * stride * kUnit;
    tile.out = out + at * tile.step;
    row.tile(tile, sum);
  }
  if (at < row.columns) {
    tile.in = in + at * stride * kUnit;
    tile.out = out + at * tile.step;
    row.rest(tile, sum);
  }
  return sum;
}

}  // namespace pw::PW_ISA
