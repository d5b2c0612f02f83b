// Sums over the rows of a tensor [rows][channels], of several values an element at once, in an
// order that depends on the shape alone: rows are summed within blocks, then over the blocks.
#pragma once

#include "transform.h"

namespace pw {

constexpr int kSumChannels = 32;  // of a block
constexpr int kSumThreads = kThreads / kSumChannels;
constexpr int64_t kFewestRows = 256;  // of a block
constexpr int64_t kMostBlocks = 512;  // of a segment, which one thread adds up

// Segments (images, or one for the whole tensor) of `rows` rows each.
struct SumPlan {
  int64_t segments, rows, channels;

  PW_BOTH int64_t block_rows() const {
    return most(kFewestRows, (rows + kMostBlocks - 1) / kMostBlocks);
  }
  PW_BOTH int64_t row_blocks() const { return (rows + block_rows() - 1) / block_rows(); }
  PW_BOTH int64_t channel_blocks() const { return (channels + kSumChannels - 1) / kSumChannels; }
  int64_t blocks() const { return segments * row_blocks() * channel_blocks(); }
  int64_t parts(int values) const { return segments * row_blocks() * values * channels; }
  int64_t workspace(int values) const {
    return round_up(parts(values) * static_cast<int64_t>(sizeof(float)), 256);
  }
};

// f(i, values) tells the values of element i (and may write what belongs to it).
template <class F>
__global__ void sum_rows(SumPlan p, F f, Global<float> parts) {
  constexpr int kValues = F::kValues;
  const Shared<float> shared(0, kThreads * kValues);
  const int lane = static_cast<int>(threadIdx.x) % kSumChannels;
  const int turn = static_cast<int>(threadIdx.x) / kSumChannels;
  const int64_t block = blockIdx.x;
  const int64_t channel = block % p.channel_blocks() * kSumChannels + lane;
  const int64_t row_block = block / p.channel_blocks() % p.row_blocks();
  const int64_t segment = block / p.channel_blocks() / p.row_blocks();
  float sum[kValues];
  for (int q = 0; q < kValues; ++q) sum[q] = 0;
  if (channel < p.channels) {
    const int64_t end = least(p.rows, (row_block + 1) * p.block_rows());
    for (int64_t row = row_block * p.block_rows() + turn; row < end; row += kSumThreads) {
      float values[kValues];
      f((segment * p.rows + row) * p.channels + channel, values);
      for (int q = 0; q < kValues; ++q) sum[q] += values[q];
    }
  }
  for (int q = 0; q < kValues; ++q) shared.set(q * kThreads + threadIdx.x, sum[q]);
  __syncthreads();
  if (turn != 0 || channel >= p.channels) return;
  for (int q = 0; q < kValues; ++q) {
    float total = 0;
    for (int t = 0; t < kSumThreads; ++t)
      total += shared.get(q * kThreads + t * kSumChannels + lane);
    parts[((segment * p.row_blocks() + row_block) * kValues + q) * p.channels + channel] = total;
  }
}

// finish(segment, q, channel, total).
template <class Finish>
struct SumParts {
  SumPlan p;
  int64_t values;
  Global<const float> parts;
  Finish finish;

  PW_GPU void operator()(int64_t i) const {
    const int64_t channel = i % p.channels, q = i / p.channels % values;
    const int64_t segment = i / p.channels / values;
    double total = 0;
    for (int64_t b = 0; b < p.row_blocks(); ++b) {
      total += static_cast<double>(
          parts[((segment * p.row_blocks() + b) * values + q) * p.channels + channel]);
    }
    finish(segment, q, channel, total);
  }
};

// `workspace`: p.workspace(F::kValues) bytes.
template <class F, class Finish>
void sum_all(Pool &pool, const SumPlan &p, F f, void *workspace, Finish finish) {
  const int64_t count = p.parts(F::kValues);
  launch(pool, {p.blocks(), kThreads, kThreads * F::kValues * static_cast<int64_t>(sizeof(float))},
         sum_rows<F>, p, f, output<float>(workspace, count));
  each(pool, p.segments * F::kValues * p.channels,
       SumParts<Finish>{p, F::kValues, input<float>(workspace, count), finish});
}

// to [q][segment][channel] = total * factor[q], or + what is there.
template <int kValues>
struct StoreSums {
  Global<float> to;
  int64_t segments, channels;
  double factor[kValues];
  int32_t accumulate;

  PW_GPU void operator()(int64_t segment, int64_t q, int64_t channel, double total) const {
    float &place = to[(q * segments + segment) * channels + channel];
    const float value = static_cast<float>(total * factor[q]);
    place = accumulate != 0 ? place + value : value;
  }
};

template <int kValues>
StoreSums<kValues> store_sums(float *to, const SumPlan &p, double first_factor = 1,
                              int32_t accumulate = 0) {
  StoreSums<kValues> s{
      output<float>(to, kValues * p.segments * p.channels), p.segments, p.channels, {}, accumulate};
  for (double &f : s.factor) f = 1;
  s.factor[0] = first_factor;
  return s;
}

}  // namespace pw
