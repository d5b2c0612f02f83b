// Mean and variance of every channel from what the kernels that make a tensor leave of each part of
// it: number of elements, mean and sum of squared deviations, [part][3][channels]. Merged pairwise
// (Chan, Golub & LeVeque 1983), in an order that depends on the shape alone.
#pragma once

#include "gpu.h"

namespace pw {

// Of some elements. Sums are of differences from `shift`, one of the elements, so that f32 keeps
// the digits of the variance.
struct Moments {
  float shift = 0, sum = 0, squares = 0;
  int32_t count = 0;

  PW_GPU void add(float v) {
    if (count == 0) shift = v;
    ++count;
    const float d = v - shift;
    sum += d;
    squares += d * d;
  }
  PW_GPU float mean() const { return count == 0 ? 0.0f : shift + sum / static_cast<float>(count); }
  PW_GPU float m2() const {
    return count == 0 ? 0.0f : squares - sum * (sum / static_cast<float>(count));
  }
};

// Count, mean and sum of squared deviations, merged one after the other.
struct Merged {
  double n = 0, mean = 0, m2 = 0;

  PW_GPU void add(double more, double other_mean, double other_m2) {
    if (more == 0) return;
    const double delta = other_mean - mean, total = n + more;
    mean += delta * more / total;
    m2 += other_m2 + delta * delta * n * more / total;
    n = total;
  }
};

struct MomentParts {
  Global<float> parts;
  int64_t channels = 0;

  PW_GPU bool wanted() const { return parts != nullptr; }
  PW_GPU void put(int64_t part, int64_t channel, const Merged &merged) const {
    const int64_t at = 3 * part * channels + channel;
    parts[at] = static_cast<float>(merged.n);
    parts[at + channels] = static_cast<float>(merged.mean);
    parts[at + 2 * channels] = static_cast<float>(merged.m2);
  }
};

// A count is kept as f32, exact up to 2^24 elements of a channel and part.
inline int64_t moments_workspace(int64_t parts, int64_t channels) {
  return round_up(3 * parts * channels * static_cast<int64_t>(sizeof(float)), 256);
}

// Where parts are left; none where nobody wants the statistics.
inline MomentParts moment_parts(const float *stats, void *workspace, int64_t parts,
                                int64_t channels) {
  return {output<float>(stats != nullptr ? workspace : nullptr, 3 * parts * channels), channels};
}

constexpr int kMergeLanes = 16;  // channels of a block
constexpr int kMergeTurns = 64;
constexpr int kMergeThreads = kMergeLanes * kMergeTurns;

// Mean and biased variance of kMergeLanes channels.
static __global__ void __launch_bounds__(kMergeThreads)
    merge_parts(Global<const float> parts, int64_t count, int64_t channels, Global<float> stats) {
  const Shared<double> shared(0, 3 * kMergeThreads);
  const int thread = static_cast<int>(threadIdx.x);
  const int lane = thread % kMergeLanes, turn = thread / kMergeLanes;
  const int64_t channel = static_cast<int64_t>(blockIdx.x) * kMergeLanes + lane;
  Merged merged;
  if (channel < channels) {
    for (int64_t part = turn; part < count; part += kMergeTurns) {
      const int64_t at = 3 * part * channels + channel;
      merged.add(static_cast<double>(parts[at]), static_cast<double>(parts[at + channels]),
                 static_cast<double>(parts[at + 2 * channels]));
    }
  }
  for (int half = kMergeTurns / 2; half > 0; half /= 2) {
    shared.set(3 * thread, merged.n);
    shared.set(3 * thread + 1, merged.mean);
    shared.set(3 * thread + 2, merged.m2);
    __syncthreads();
    if (turn < half) {
      const int other = 3 * (thread + half * kMergeLanes);
      merged.add(shared.get(other), shared.get(other + 1), shared.get(other + 2));
    }
    __syncthreads();
  }
  if (turn != 0 || channel >= channels) return;
  stats[channel] = static_cast<float>(merged.mean);
  stats[channels + channel] = static_cast<float>(merged.m2 / merged.n);
}

inline void merge_moments(Pool &pool, const void *workspace, int64_t parts, int64_t channels,
                          float *stats) {
  launch(pool,
         {ceil_div(channels, kMergeLanes), kMergeThreads,
          3 * kMergeThreads * static_cast<int64_t>(sizeof(double))},
         merge_parts, input<float>(workspace, 3 * parts * channels), parts, channels,
         output<float>(stats, 2 * channels));
}

// Leaves the moments of a block, whose threads have some of kWidth neighbouring columns each: slot
// [0, slots) of columns [column, column + kWidth), column < width, as part `part` of the channels
// from first_channel on. Threads without any have another slot. All threads of the block
// call it, once its shared memory from `offset` on, 3 * slots * width floats, is free.
template <int kWidth>
PW_GPU void leave_moments(const MomentParts &to, int64_t offset, int slots, int width, int slot,
                          int column, int64_t part, int64_t first_channel,
                          const Moments (&moments)[kWidth]) {
  const Shared<float> all(offset, 3 * static_cast<int64_t>(slots) * width);
  PW_UNROLL
  for (int k = 0; k < kWidth; ++k) {
    if (slot >= slots) continue;
    const int at = 3 * (slot * width + column + k);
    all.set(at, static_cast<float>(moments[k].count));
    all.set(at + 1, moments[k].mean());
    all.set(at + 2, moments[k].m2());
  }
  __syncthreads();
  for (int c = static_cast<int>(threadIdx.x); c < width; c += static_cast<int>(blockDim.x)) {
    if (first_channel + c >= to.channels) continue;
    Merged merged;
    for (int s = 0; s < slots; ++s) {
      const int at = 3 * (s * width + c);
      merged.add(static_cast<double>(all.get(at)), static_cast<double>(all.get(at + 1)),
                 static_cast<double>(all.get(at + 2)));
    }
    to.put(part, first_channel + c, merged);
  }
}

}  // namespace pw
