// Register-tiled row kernels of the depthwise convolutions, for one vector of channels.
//
// A strided convolution joins a fine grid (its input) and a coarse grid (its output): coarse[o] =
// sum_k w[k] fine[o S + k - p], p = (K - 1) / 2. Its transpose, which is both the backward-data
// pass and the transposed convolution's forward pass, goes from coarse to fine. With stride 1 the
// transpose is the same gather with the kernel turned by 180 degrees.
#pragma once

#include "vec.h"

namespace pw::PW_ISA {

enum RowMode { kGather1, kGather2, kScatter2 };
constexpr int kMostKernel = 5;

// Rows that one output row is made of, each with the row of the kernel that it meets: offsets into
// a vector's lines, of the first column that output 0 sees, padding included, and into its weights,
// kernel columns as consecutive vectors.
struct RowSources {
  int32_t rows[kMostKernel];
  int32_t weights[kMostKernel];
  int count;
};

// Geometry of kPositions coarse columns: kOutputs columns written, kSources columns read.
template <int K, int kMode, int kPositions>
struct RowGeometry {
  static constexpr int kPad = (K - 1) / 2;
  static constexpr int kStride = kMode == kGather1 ? 1 : 2;
  static constexpr int kBefore = kMode == kScatter2 ? kPad / 2 : kPad;
  static constexpr int kOutputs = kMode == kScatter2 ? 2 * kPositions : kPositions;
  static constexpr int kSources =
      kMode == kScatter2 ? kBefore + kPositions + 1 : kStride * (kPositions - 1) + K;
  static constexpr int kInside = kMode == kScatter2 ? kPositions : kStride * kPositions;

  // Kernel column by which source j enters output t; outside [0, K) where it does not.
  static constexpr int tap(int j, int t) {
    return kMode == kScatter2 ? t + kPad - 2 * (j - kBefore) : j - kStride * t;
  }
  // Whether source j is not padding, when the tile is the whole row.
  static constexpr bool inside(int j) { return j >= kBefore && j < kBefore + kInside; }
};

// kWhole: the tile is the whole row, and what meets only padding is left out.
template <int K, int kMode, int kPositions, bool kWhole>
void conv_tile(const RowSources &sources, const float *lines, const float *weights, float *out) {
  using Geometry = RowGeometry<K, kMode, kPositions>;
  vf acc[Geometry::kOutputs] = {};
  for (int i = 0; i < sources.count; ++i) {
    const float *in = lines + sources.rows[i];
    const float *row_weights = weights + sources.weights[i];
    vf w[K];
#pragma GCC unroll 5
    for (int k = 0; k < K; ++k) w[k] = load(row_weights + k * kLanes);
#pragma GCC unroll 24
    for (int j = 0; j < Geometry::kSources; ++j) {
      if (kWhole && !Geometry::inside(j)) continue;
      const vf v = load(in + j * kLanes);
#pragma GCC unroll 12
      for (int t = 0; t < Geometry::kOutputs; ++t) {
        const int tap = Geometry::tap(j, t);
        if (tap >= 0 && tap < K) acc[t] += v * w[tap];
      }
    }
  }
#pragma GCC unroll 12
  for (int t = 0; t < Geometry::kOutputs; ++t) store(out + t * kLanes, acc[t]);
}

using ConvTile = void (*)(const RowSources &, const float *lines, const float *weights, float *out);

template <int K, int kMode, bool kWhole>
ConvTile conv_tile_of(int64_t positions) {
  switch (positions) {
    case 1:
      return conv_tile<K, kMode, 1, kWhole>;
    case 2:
      return conv_tile<K, kMode, 2, kWhole>;
    case 3:
      return conv_tile<K, kMode, 3, kWhole>;
    case 4:
      return conv_tile<K, kMode, 4, kWhole>;
    case 5:
      return conv_tile<K, kMode, 5, kWhole>;
    default:
      return conv_tile<K, kMode, 6, kWhole>;
  }
}
constexpr int kMostWhole = 6;

// How a row of `positions` coarse columns is cut into tiles; worked out once a pass.
struct RowPlan {
  ConvTile tile, rest;
  int64_t positions, step, left;
  int64_t read_step, write_step;  // columns between tiles
};

template <int K, int kMode>
RowPlan plan_row(int64_t positions) {
  RowPlan plan{};
  plan.positions = positions;
  if (positions <= kMostWhole) {
    plan.step = positions;
    plan.tile = plan.rest = conv_tile_of<K, kMode, true>(positions);
  } else if (kMode != kScatter2 && positions % 8 == 0) {
    plan.step = 8;
    plan.tile = plan.rest = conv_tile<K, kMode, 8, false>;
  } else {
    // Even cuts: a narrow last tile would wait for its few accumulators.
    const int64_t most_step = kMode == kScatter2 ? 5 : 6;
    plan.step = ceil_div(positions, ceil_div(positions, most_step));
    plan.left = positions % plan.step;
    plan.tile = conv_tile_of<K, kMode, false>(plan.step);
    plan.rest = conv_tile_of<K, kMode, false>(plan.left);
  }
  plan.read_step = kMode == kGather2 ? 2 : 1;
  plan.write_step = kMode == kScatter2 ? 2 : 1;
  return plan;
}

PW_INLINE void conv_row(const RowPlan &plan, const RowSources &sources, const float *lines,
                        const float *weights, float *out) {
  int64_t at = 0;
  for (; at + plan.step <= plan.positions; at += plan.step) {
    plan.tile(sources, lines + at * plan.read_step * kLanes, weights,
              out + at * plan.write_step * kLanes);
  }
  if (at < plan.positions) {
    plan.rest(sources, lines + at * plan.read_step * kLanes, weights,
              out + at * plan.write_step * kLanes);
  }
}

// Rows of the coarse grid, each with the fine row that one row of the kernel pairs it with: offsets
// into a vector's lines.
constexpr int kMostPairs = 16;
struct RowPairs {
  int32_t coarse[kMostPairs];
  int32_t fine[kMostPairs];  // of the first column that coarse column 0 meets
  int count;
};

// Adds sum over the pairs and the coarse columns x of coarse[x] * fine[x S + k] to weight[k], for
// the K columns of a kernel row; `tiles` times kPositions columns from `column` on.
template <int K, int kStride, int kPositions, bool kWhole>
void weight_tiles(const RowPairs &pairs, const float *coarse_lines, const float *fine_lines,
                  int64_t column, int64_t tiles, float *weight) {
  using Geometry = RowGeometry<K, kStride == 1 ? kGather1 : kGather2, kPositions>;
  // Several sums a tap, so that their latencies overlap.
  constexpr int kMostChains = kLanes == 16 ? 4 : K == 3 ? 4 : 2;
  constexpr int kChains = kPositions < kMostChains ? kPositions : kMostChains;
  vf acc[kChains][K] = {};
  for (int i = 0; i < pairs.count; ++i) {
    const float *coarse = coarse_lines + pairs.coarse[i] + column * kLanes;
    const float *fine = fine_lines + pairs.fine[i] + column * kStride * kLanes;
    for (int64_t tile = 0; tile < tiles; ++tile) {
      vf c[kPositions];
#pragma GCC unroll 8
      for (int x = 0; x < kPositions; ++x) c[x] = load(coarse + x * kLanes);
#pragma GCC unroll 24
      for (int j = 0; j < Geometry::kSources; ++j) {
        if (kWhole && !Geometry::inside(j)) continue;
        const vf v = load(fine + j * kLanes);
#pragma GCC unroll 8
        for (int x = 0; x < kPositions; ++x) {
          const int tap = Geometry::tap(j, x);
          if (tap >= 0 && tap < K) acc[x % kChains][tap] += v * c[x];
        }
      }
      coarse += kPositions * kLanes;
      fine += kPositions * kStride * kLanes;
    }
  }
#pragma GCC unroll 5
  for (int k = 0; k < K; ++k) {
    vf total = acc[0][k];
#pragma GCC unroll 4
    for (int chain = 1; chain < kChains; ++chain) total += acc[chain][k];
    store(weight + k * kLanes, load(weight + k * kLanes) + total);
  }
}

template <int K, int kStride>
void weight_rows(const RowPairs &pairs, const float *coarse, const float *fine, int64_t positions,
                 float *weight) {
  switch (positions) {
    case 1:
      return weight_tiles<K, kStride, 1, true>(pairs, coarse, fine, 0, 1, weight);
    case 2:
      return weight_tiles<K, kStride, 2, true>(pairs, coarse, fine, 0, 1, weight);
    case 3:
      return weight_tiles<K, kStride, 3, true>(pairs, coarse, fine, 0, 1, weight);
    case 4:
      return weight_tiles<K, kStride, 4, true>(pairs, coarse, fine, 0, 1, weight);
    case 5:
      return weight_tiles<K, kStride, 5, true>(pairs, coarse, fine, 0, 1, weight);
    case 6:
      return weight_tiles<K, kStride, 6, true>(pairs, coarse, fine, 0, 1, weight);
    default:
      break;
  }
  weight_tiles<K, kStride, 4, false>(pairs, coarse, fine, 0, positions / 4, weight);
  const int64_t at = positions / 4 * 4;
  switch (positions - at) {
    case 1:
      return weight_tiles<K, kStride, 1, false>(pairs, coarse, fine, at, 1, weight);
    case 2:
      return weight_tiles<K, kStride, 2, false>(pairs, coarse, fine, at, 1, weight);
    case 3:
      return weight_tiles<K, kStride, 3, false>(pairs, coarse, fine, at, 1, weight);
    default:
      break;
  }
}

using WeightRows = void (*)(const RowPairs &, const float *coarse, const float *fine,
                            int64_t positions, float *weight);

}  // namespace pw::PW_ISA
