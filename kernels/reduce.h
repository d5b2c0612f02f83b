// Sums over the rows of a tensor [rows][channels], of several values an element at once, in an
// order that depends on the shape alone: rows are summed within blocks, then over the blocks.
#pragma once

#include "transform.h"

namespace pw {

constexpr int kSumLanes = 32;            // columns of a block, at most
constexpr int64_t kFewestRows = 256;     // of a block
constexpr int64_t kMostRowBlocks = 512;  // of a segment
constexpr int kPartTurns = kThreads / kSumLanes;

// Rows [first(segment), end(segment)) of a matrix of partial sums belong to a segment.
struct EvenParts {
  int64_t each;
  PW_GPU int64_t first(int64_t segment) const { return segment * each; }
  PW_GPU int64_t end(int64_t segment) const { return (segment + 1) * each; }
};

// finish(segment, column, total) for the sums of each segment's rows of parts [row][columns].
template <class Range, class Finish>
__global__ void add_parts(int64_t columns, Range range, Global<const float> parts, Finish finish) {
  const Shared<double> shared(0, kThreads);
  const int lane = static_cast<int>(threadIdx.x) % kSumLanes;
  const int turn = static_cast<int>(threadIdx.x) / kSumLanes;
  const int64_t blocks = (columns + kSumLanes - 1) / kSumLanes;
  const int64_t segment = blockIdx.x / blocks;
  const int64_t column = blockIdx.x % blocks * kSumLanes + lane;
  double sum = 0;
  if (column < columns) {
    const int64_t end = range.end(segment);
    for (int64_t row = range.first(segment) + turn; row < end; row += kPartTurns) {
      sum += static_cast<double>(parts[row * columns + column]);
    }
  }
  shared.set(threadIdx.x, sum);
  __syncthreads();
  if (turn != 0 || column >= columns) return;
  for (int t = 1; t < kPartTurns; ++t) sum += shared.get(t * kSumLanes + lane);
  finish(segment, column, sum);
}

// The same where there are few rows, a thread a column.
template <class Range, class Finish>
struct AddFewParts {
  int64_t columns;
  Range range;
  Global<const float> parts;
  Finish finish;

  PW_GPU void operator()(int64_t i) const {
    const int64_t segment = i / columns, column = i % columns;
    double sum = 0;
    for (int64_t row = range.first(segment); row < range.end(segment); ++row) {
      sum += static_cast<double>(parts[row * columns + column]);
    }
    finish(segment, column, sum);
  }
};

template <class Range, class Finish>
void sum_parts(Pool &pool, int64_t segments, int64_t rows, int64_t columns, Range range,
               const void *parts, Finish finish) {
  constexpr int64_t kFew = 8;
  if (rows <= kFew * segments) {
    each(pool, segments * columns,
         AddFewParts<Range, Finish>{columns, range, input<float>(parts, rows * columns), finish});
    return;
  }
  launch(pool,
         {segments * ceil_div(columns, kSumLanes), kThreads,
          kThreads * static_cast<int64_t>(sizeof(double))},
         add_parts<Range, Finish>, columns, range, input<float>(parts, rows * columns), finish);
}

// Segments (images, or one for the whole tensor) of `rows` rows each.
struct SumPlan {
  int64_t segments, rows, channels;

  PW_BOTH int64_t block_rows() const {
    return most(kFewestRows, (rows + kMostRowBlocks - 1) / kMostRowBlocks);
  }
  PW_BOTH int64_t row_blocks() const { return (rows + block_rows() - 1) / block_rows(); }
  int64_t parts() const { return segments * row_blocks(); }
  int64_t workspace(int values) const {
    return round_up(parts() * values * channels * static_cast<int64_t>(sizeof(float)), 256);
  }
};

// Columns of a block, of kWidth channels each.
PW_BOTH inline int sum_lanes(const SumPlan &p, int width) {
  return static_cast<int>(least(kSumLanes, (p.channels + width - 1) / width));
}

// What F tells of kWidth neighbouring channels of a row: f(constants, row, channel, values), the
// values [kValues][kWidth] to be added up; constants(segment, channel) are what is the same in all
// rows.
template <class F>
__global__ void sum_rows(SumPlan p, F f, Global<float> parts) {
  constexpr int kWidth = F::kWidth, kSums = F::kValues * kWidth;
  const Shared<float> shared(0, kThreads * kSums);
  const int lanes = sum_lanes(p, kWidth), turns = kThreads / lanes;
  const int lane = static_cast<int>(threadIdx.x) % lanes;
  const int turn = static_cast<int>(threadIdx.x) / lanes;
  const int64_t channel_blocks = (p.channels + lanes * kWidth - 1) / (lanes * kWidth);
  const int64_t channel = (blockIdx.x % channel_blocks * lanes + lane) * kWidth;
  const int64_t row_block = blockIdx.x / channel_blocks % p.row_blocks();
  const int64_t segment = blockIdx.x / channel_blocks / p.row_blocks();
  float sum[kSums];
  PW_UNROLL
  for (int q = 0; q < kSums; ++q) sum[q] = 0;
  if (channel < p.channels && turn < turns) {
    const auto constants = f.constants(segment, channel);
    const int64_t end = least(p.rows, (row_block + 1) * p.block_rows());
    for (int64_t row = row_block * p.block_rows() + turn; row < end; row += turns) {
      float values[kSums];
      f(constants, segment * p.rows + row, channel, values);
      PW_UNROLL
      for (int q = 0; q < kSums; ++q) sum[q] += values[q];
    }
  }
  PW_UNROLL
  for (int q = 0; q < kSums; ++q) shared.set(q * kThreads + threadIdx.x, sum[q]);
  __syncthreads();
  const int64_t first = channel - lane * kWidth;  // of the block
  for (int i = static_cast<int>(threadIdx.x); i < F::kValues * lanes * kWidth; i += kThreads) {
    const int q = i / (lanes * kWidth), c = i % (lanes * kWidth);
    if (first + c >= p.channels) continue;
    float total = 0;
    for (int t = 0; t < turns; ++t) {
      total += shared.get((q * kWidth + c % kWidth) * kThreads + t * lanes + c / kWidth);
    }
    parts[((segment * p.row_blocks() + row_block) * F::kValues + q) * p.channels + first + c] =
        total;
  }
}

// Adds up values and finishes as sum_parts does: column q * channels + channel.
template <class F, class Finish>
void sum_all(Pool &pool, const SumPlan &p, F f, void *workspace, Finish finish) {
  const int64_t columns = F::kValues * p.channels;
  const int64_t channel_blocks = ceil_div(p.channels, sum_lanes(p, F::kWidth) * F::kWidth);
  launch(pool,
         {p.parts() * channel_blocks, kThreads,
          kThreads * F::kValues * F::kWidth * static_cast<int64_t>(sizeof(float))},
         sum_rows<F>, p, f, output<float>(workspace, p.parts() * columns));
  sum_parts(pool, p.segments, p.parts(), columns, EvenParts{p.row_blocks()}, workspace, finish);
}

// to [q][segment][channel] = total.
template <int kValues>
struct StoreSums {
  Global<float> to;
  int64_t segments, channels;

  PW_GPU void operator()(int64_t segment, int64_t column, double total) const {
    const int64_t q = column / channels;
    to[(q * segments + segment) * channels + column % channels] = static_cast<float>(total);
  }
};

template <int kValues>
StoreSums<kValues> store_sums(float *to, int64_t segments, int64_t channels) {
  return {output<float>(to, kValues * segments * channels), segments, channels};
}

// Writes, or adds to, a vector.
struct PutVector {
  Global<float> to;
  int32_t accumulate;

  PW_GPU void operator()(int64_t, int64_t i, double total) const {
    to[i] = static_cast<float>(total) + (accumulate != 0 ? to[i] : 0.0f);
  }
};

// Calls body with the number of channels that a thread takes at once, as a constant.
template <class T, class Body>
void dispatch_width(int64_t channels, Body &&body) {
  if (channels % kPack<T> == 0) {
    body(std::integral_constant<int, kPack<T>>());
  } else {
    body(std::integral_constant<int, 1>());
  }
}

}  // namespace pw
