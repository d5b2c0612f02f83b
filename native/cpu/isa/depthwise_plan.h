// How a depthwise pass is cut: blocks of channels a few cache lines of storage wide, groups of
// images, and batches of rows that keep a vector's lines in the first-level cache.
#pragma once

#include "depthwise_plane.h"
#include "depthwise_rows.h"
#include "transpose.h"

namespace pw::PW_ISA {

// Bytes of a pixel that a block takes, and vectors of bf16 in them.
constexpr int64_t kBlockBytes = 256;
constexpr int64_t kMostVectors = kBlockBytes / (2 * kLanes);
constexpr int64_t kMostTaps = kMostKernel * kMostKernel;
// Rows of the finer grid in a batch.
constexpr int64_t kMostRows = 2 * kMostPairs;
// Pixels of the line that results pass through, but at least a row.
constexpr int64_t kLinePixels = 64;

struct DepthwisePlan {
  int64_t n, channels, kernel, stride, pad;
  int64_t fine_h, fine_w, coarse_h, coarse_w;
  bool transposed;
  int64_t storage_bytes;   // of an element
  int64_t vectors;         // in a block
  int64_t blocks;          // of channels
  int64_t images, groups;  // images in a group, groups
  int64_t rows;            // coarse rows in a batch
  int64_t chunk;           // lane vectors of all the blocks
  Lines fine, coarse;      // without memory
  int64_t line;            // floats of the rows that results pass through

  int64_t tasks() const { return blocks * groups; }
  // Vectors in a block; the last may have fewer.
  int64_t vectors_of(int64_t block) const {
    return least(vectors, ceil_div(channels, kLanes) - block * vectors);
  }
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
  // Blocks of about the same width; narrower ones where there would be few tasks, but no less than
  // a cache line.
  p.storage_bytes = conv.storage == PW_BF16 ? 2 : 4;
  const int64_t all_vectors = ceil_div(p.channels, kLanes);
  const int64_t few_tasks = 16, enough_tasks = 24;
  p.vectors = least(all_vectors, kBlockBytes / (p.storage_bytes * kLanes));
  while (p.vectors * kLanes * p.storage_bytes > 64 &&
         ceil_div(all_vectors, p.vectors) * p.n < few_tasks) {
    p.vectors = ceil_div(p.vectors, 2);
  }
  p.blocks = ceil_div(all_vectors, p.vectors);
  p.vectors = ceil_div(all_vectors, p.blocks);
  p.chunk = p.blocks * p.vectors;
  p.images = ceil_div(p.n, least(p.n, ceil_div(enough_tasks, p.blocks)));
  p.groups = ceil_div(p.n, p.images);

  p.fine.left = p.coarse.left = p.pad;
  p.fine.columns = most(p.pad + p.fine_w, (p.coarse_w - 1) * p.stride + p.kernel);
  p.coarse.columns = p.coarse_w + 2 * p.pad;
  p.line = most(kLinePixels + 1, p.stride * p.coarse_w) * kLanes;
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

// A batch of rows of the fine and of the coarse grid: what is made in it, [from, to), and up to
// where its sources must have been filled.
struct BatchRows {
  int64_t from, to, needed;
};
struct RowBatch {
  BatchRows fine, coarse;
};
inline RowBatch row_batch(const DepthwisePlan &p, int64_t from) {
  RowBatch b{};
  b.coarse.from = from;
  b.coarse.to = least(from + p.rows, p.coarse_h);
  b.fine.from = from * p.stride;
  b.fine.to = least(b.coarse.to * p.stride, p.fine_h);
  b.fine.needed = least(p.fine_h, most(b.fine.to, (b.coarse.to - 1) * p.stride + p.kernel - p.pad));
  b.coarse.needed = least(p.coarse_h, most(b.coarse.to, (b.fine.to - 1 + p.pad) / p.stride + 1));
  return b;
}

// Rows of the input or of the output that a result's line holds.
inline int64_t line_rows(int64_t width) { return most(1, kLinePixels / width); }

// Between the weights of kLanes channels as they lie in memory, [lane][tap], and vectors
// [tap][lane]. `channels` has kLanes more floats, of any value.
constexpr int64_t kChannelFloats = (kMostTaps + 1) * kLanes;
inline void weights_to_vectors(const float *channels, int64_t taps, bool turned, float *vectors) {
  for (int64_t from = 0; from < taps; from += kLanes) {
    vf rows[kLanes];
    for (int i = 0; i < kLanes; ++i) rows[i] = load(channels + i * taps + from);
    transpose(rows);
    for (int64_t t = from; t < least(taps, from + kLanes); ++t) {
      store(vectors + (turned ? taps - 1 - t : t) * kLanes, rows[t - from]);
    }
  }
}
inline void vectors_to_weights(const float *vectors, int64_t taps, float *channels) {
  // Backwards: what a row writes beyond its end, its successor overwrites.
  for (int64_t from = (taps - 1) / kLanes * kLanes; from >= 0; from -= kLanes) {
    vf rows[kLanes]{};
    for (int64_t t = from; t < least(taps, from + kLanes); ++t) {
      rows[t - from] = load(vectors + t * kLanes);
    }
    transpose(rows);
    for (int i = 0; i < kLanes; ++i) store(channels + i * taps + from, rows[i]);
  }
}

// A block's weights as vectors [vector][tap][lane], optionally turned by 180 degrees.
inline void spread_weights(const DepthwisePlan &p, const float *weight, int64_t block, bool turned,
                           float *to) {
  const int64_t taps = p.taps();
  for (int64_t v = 0; v < p.vectors_of(block); ++v) {
    const int64_t c = (block * p.vectors + v) * kLanes;
    const int64_t count = least(kLanes, p.channels - c);
    alignas(64) float channels[kChannelFloats];
    if (count < kLanes) clear(channels, kChannelFloats);
    std::memcpy(channels, weight + c * taps, static_cast<size_t>(count * taps) * sizeof(float));
    weights_to_vectors(channels, taps, turned, to + v * taps * kLanes);
  }
}

// Sources of rows [from, to), in lines of a grid of `height` rows: of fine rows in the coarse lines
// of stride 2 (`scatter`); else of coarse rows in the fine lines, or, with stride 1 and turned
// weights, the other way round.
inline void row_sources(const DepthwisePlan &p, bool scatter, const Lines &lines, int64_t height,
                        int64_t from, int64_t to, RowSources *sources) {
  for (int64_t o = from; o < to; ++o) {
    RowSources &s = sources[o - from];
    s.count = 0;
    for (int64_t k = scatter ? (o + p.pad) % 2 : 0; k < p.kernel; k += scatter ? 2 : 1) {
      const int64_t r = scatter ? (o + p.pad - k) >> 1 : o * p.stride + k - p.pad;
      if (r < 0 || r >= height) continue;
      const int64_t column = scatter ? p.pad - p.pad / 2 : 0;
      s.rows[s.count] = static_cast<int32_t>(lines.padded(r) + column * kLanes);
      s.weights[s.count++] = static_cast<int32_t>(k * p.kernel * kLanes);
    }
  }
}

// Coarse rows [from, to) that meet the fine grid in row k of the kernel.
inline void weight_pairs(const DepthwisePlan &p, const Lines &coarse, const Lines &fine,
                         int64_t from, int64_t to, int64_t k, RowPairs &pairs) {
  pairs.count = 0;
  for (int64_t o = from; o < to; ++o) {
    const int64_t r = o * p.stride + k - p.pad;
    if (r < 0 || r >= p.fine_h) continue;
    pairs.coarse[pairs.count] = static_cast<int32_t>(coarse.inside(o));
    pairs.fine[pairs.count++] = static_cast<int32_t>(fine.padded(r));
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
