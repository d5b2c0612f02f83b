// How a depthwise pass is cut: blocks of channels as wide as a cache line of storage, groups of
// images, and batches of rows that keep the lines in the first-level cache.
#pragma once

#include "depthwise_plane.h"
#include "depthwise_rows.h"

namespace pw::PW_ISA {

// Vectors in a cache line of bf16.
constexpr int64_t kMostVectors = 64 / (2 * kLanes);
constexpr int64_t kMostTaps = 25;

struct DepthwisePlan {
  int64_t n, channels, kernel, stride, pad;
  int64_t fine_h, fine_w, coarse_h, coarse_w;
  bool transposed;
  int64_t vectors;         // in a block
  int64_t blocks;          // of channels
  int64_t images, groups;  // images in a group, groups
  int64_t rows;            // coarse rows in a batch
  int64_t chunk;           // lane vectors of all the blocks
  Lines fine, coarse;      // without memory
  int64_t line;            // floats of the row that results pass through

  int64_t tasks() const { return blocks * groups; }
  int64_t taps() const { return kernel * kernel; }
  // Floats that a group leaves: the weights' gradient and two sums of each channel.
  int64_t group_floats(bool backward) const { return chunk * kLanes * (backward ? taps() + 2 : 2); }
  int64_t worker_floats(bool backward, int32_t transform) const {
    const Lines &in = transposed ? coarse : fine;
    int64_t total = in.floats(vectors) + line;
    if (backward) {
      total += (transposed ? fine : coarse).floats(vectors);
      if (transform != PW_NONE) total += in.floats(vectors);
      if (transform == PW_BN_SILU_GATE) total += in.floats(vectors);
    }
    return round_up(total, 64);
  }
};

inline int64_t power_of_two(int64_t least_value) {
  int64_t p = 1;
  while (p < least_value) p *= 2;
  return p;
}

inline DepthwisePlan plan_depthwise(const pw_conv &conv, bool backward) {
  DepthwisePlan p{};
  p.n = conv.n;
  p.channels = conv.c_in;
  p.kernel = conv.kernel;
  p.stride = conv.stride;
  p.pad = (conv.kernel - 1) / 2;
  p.transposed = conv.transposed != 0;
  if (p.transposed) {
    p.coarse_h = conv.h;
    p.coarse_w = conv.w;
    p.fine_h = 2 * p.coarse_h;
    p.fine_w = 2 * p.coarse_w;
  } else {
    p.fine_h = conv.h;
    p.fine_w = conv.w;
    p.coarse_h = ceil_div(p.fine_h, p.stride);
    p.coarse_w = ceil_div(p.fine_w, p.stride);
  }
  p.vectors = 64 / ((conv.storage == PW_BF16 ? 2 : 4) * kLanes);
  p.vectors = least(p.vectors, ceil_div(p.channels, kLanes));
  p.blocks = ceil_div(p.channels, p.vectors * kLanes);
  p.chunk = p.blocks * p.vectors;
  const int64_t enough_tasks = 64;
  p.images = ceil_div(p.n, least(p.n, ceil_div(enough_tasks, p.blocks)));
  p.groups = ceil_div(p.n, p.images);

  p.fine.left = p.coarse.left = p.pad;
  p.fine.columns = most(p.pad + p.fine_w, (p.coarse_w - 1) * p.stride + p.kernel);
  p.coarse.columns = p.coarse_w + 2 * p.pad;
  p.line = most(p.fine_w, p.stride * p.coarse_w) * kLanes;
  // The most rows whose lines fit, a vector at a time; at least two.
  const int64_t budget = 24 * 1024;
  for (p.rows = 2;; p.rows *= 2) {
    const int64_t rows = p.rows * 2;
    const auto slots = [&](int64_t r) {
      p.fine.slots =
          power_of_two(least(p.fine_h, most(r * p.stride + p.pad, (r - 1) * p.stride + p.kernel)));
      p.coarse.slots = power_of_two(least(p.coarse_h, p.stride == 1 ? r + 2 * p.pad : r + 2));
    };
    const auto bytes = [&] {
      const int64_t in = p.transposed ? p.coarse.floats(1) : p.fine.floats(1);
      const int64_t out = p.transposed ? p.fine.floats(1) : p.coarse.floats(1);
      return (backward ? 2 * in + out : in) * 4;
    };
    slots(rows);
    if (p.rows < p.coarse_h && rows <= kMostPairs && bytes() <= budget) continue;
    slots(p.rows);
    break;
  }
  return p;
}

// A batch of rows: what is made in it and up to where its sources must have been filled.
struct RowBatch {
  int64_t coarse_from, coarse_to, fine_from, fine_to;
  int64_t fine_needed, coarse_needed;
};
inline RowBatch row_batch(const DepthwisePlan &p, int64_t from) {
  RowBatch b{};
  b.coarse_from = from;
  b.coarse_to = least(from + p.rows, p.coarse_h);
  b.fine_from = from * p.stride;
  b.fine_to = least(b.coarse_to * p.stride, p.fine_h);
  b.fine_needed = least(p.fine_h, most(b.fine_to, (b.coarse_to - 1) * p.stride + p.kernel - p.pad));
  b.coarse_needed = least(p.coarse_h, most(b.coarse_to, (b.fine_to - 1 + p.pad) / p.stride + 1));
  return b;
}

// A block's weights as vectors [vector][tap][lane], optionally turned by 180 degrees.
inline void spread_weights(const DepthwisePlan &p, const float *weight, int64_t block, bool turned,
                           float *to) {
  const int64_t taps = p.taps();
  for (int64_t v = 0; v < p.vectors; ++v) {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      const int64_t c = (block * p.vectors + v) * kLanes + lane;
      for (int64_t t = 0; t < taps; ++t) {
        to[(v * taps + (turned ? taps - 1 - t : t)) * kLanes + lane] =
            c < p.channels ? weight[c * taps + t] : 0.0f;
      }
    }
  }
}

// Sources of coarse row `o` in the fine lines, or (stride 1, turned weights) of fine row `o` in the
// coarse lines.
inline void gather_sources(const DepthwisePlan &p, const Lines &from, int64_t height,
                           int64_t vector, int64_t o, const float *weights, RowSources &s) {
  s.count = 0;
  for (int64_t k = 0; k < p.kernel; ++k) {
    const int64_t r = o * p.stride + k - p.pad;
    if (r < 0 || r >= height) continue;
    s.rows[s.count] = from.padded(vector, r);
    s.weights[s.count++] = weights + (vector * p.taps() + k * p.kernel) * kLanes;
  }
}

// Sources of fine row `i` in the coarse lines, stride 2.
inline void scatter_sources(const DepthwisePlan &p, int64_t vector, int64_t i, const float *weights,
                            const Lines &from, RowSources &s) {
  s.count = 0;
  for (int64_t k = (i + p.pad) % 2; k < p.kernel; k += 2) {
    const int64_t twice = i + p.pad - k;
    if (twice < 0 || twice / 2 >= p.coarse_h) continue;
    s.rows[s.count] = from.padded(vector, twice / 2) + (p.pad - p.pad / 2) * kLanes;
    s.weights[s.count++] = weights + (vector * p.taps() + k * p.kernel) * kLanes;
  }
}

// Coarse rows [from, to) that meet the fine grid in row k of the kernel.
inline void weight_pairs(const DepthwisePlan &p, const Lines &coarse, const Lines &fine,
                         int64_t vector, int64_t from, int64_t to, int64_t k, RowPairs &pairs) {
  pairs.count = 0;
  for (int64_t o = from; o < to; ++o) {
    const int64_t r = o * p.stride + k - p.pad;
    if (r < 0 || r >= p.fine_h) continue;
    pairs.coarse[pairs.count] = coarse.row(vector, o);
    pairs.fine[pairs.count++] = fine.padded(vector, r);
  }
}

// To the fine grid (`scatter`), or to the coarse one.
inline RowPlan plan_rows(const DepthwisePlan &p, bool scatter) {
  const int64_t positions = p.coarse_w;
  if (p.stride == 1) {
    return p.kernel == 3 ? plan_row<3, kGather1>(positions) : plan_row<5, kGather1>(positions);
  }
  if (scatter) {
    return p.kernel == 3 ? plan_row<3, kScatter2>(positions) : plan_row<5, kScatter2>(positions);
  }
  return p.kernel == 3 ? plan_row<3, kGather2>(positions) : plan_row<5, kGather2>(positions);
}

inline WeightRows weight_rows_of(const DepthwisePlan &p) {
  if (p.stride == 1) return p.kernel == 3 ? weight_rows<3, 1> : weight_rows<5, 1>;
  return p.kernel == 3 ? weight_rows<3, 2> : weight_rows<5, 2>;
}

}  // namespace pw::PW_ISA
