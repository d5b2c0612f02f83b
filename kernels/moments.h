// Mean and variance of every channel from what the kernels that make a tensor leave of each of
// their tiles: number of elements, mean and sum of squared deviations, [part][3][channels]. Merged
// pairwise (Chan, Golub & LeVeque 1983), in an order that depends on the shape alone.
#pragma once

#include "gpu.h"

namespace pw {

constexpr int64_t kMergedParts = 256;  // parts that a thread merges

struct MomentParts {
  Global<float> parts;
  int64_t channels = 0;

  PW_GPU bool wanted() const { return parts != nullptr; }
  PW_GPU void put(int64_t part, int64_t channel, int64_t count, float mean, float m2) const {
    const int64_t at = 3 * part * channels + channel;
    parts[at] = static_cast<float>(count);
    parts[at + channels] = mean;
    parts[at + 2 * channels] = m2;
  }
};

// Merges groups of parts into one each; the last merge writes mean and biased variance instead.
struct MergeMoments {
  Global<const float> parts;
  int64_t count, channels;
  MomentParts merged;
  Global<float> stats;  // null but for the last merge

  PW_GPU void operator()(int64_t i) const {
    const int64_t channel = i % channels, group = i / channels;
    double n = 0, mean = 0, m2 = 0;
    const int64_t end = least(count, (group + 1) * kMergedParts);
    for (int64_t part = group * kMergedParts; part < end; ++part) {
      const int64_t at = 3 * part * channels + channel;
      const double more = static_cast<double>(parts[at]);
      if (more == 0) continue;
      const double delta = static_cast<double>(parts[at + channels]) - mean, total = n + more;
      mean += delta * more / total;
      m2 += static_cast<double>(parts[at + 2 * channels]) + delta * delta * n * more / total;
      n = total;
    }
    if (stats != nullptr) {
      stats[channel] = static_cast<float>(mean);
      stats[channels + channel] = static_cast<float>(m2 / n);
    } else {
      merged.put(group, channel, static_cast<int64_t>(n), static_cast<float>(mean),
                 static_cast<float>(m2));
    }
  }
};

// A count is kept as f32, exact up to 2^24.
inline int64_t moment_bytes(int64_t parts, int64_t channels) {
  return round_up(3 * parts * channels * static_cast<int64_t>(sizeof(float)), 256);
}
inline int64_t moments_workspace(int64_t parts, int64_t channels) {
  int64_t bytes = moment_bytes(parts, channels);
  while (parts > kMergedParts) {
    parts = ceil_div(parts, kMergedParts);
    bytes += moment_bytes(parts, channels);
  }
  return bytes;
}

// Where tiles leave their parts; none where nobody wants the statistics.
inline MomentParts moment_parts(const float *stats, void *workspace, int64_t parts,
                                int64_t channels) {
  return {output<float>(stats != nullptr ? workspace : nullptr, 3 * parts * channels), channels};
}

inline void merge_moments(Pool &pool, void *workspace, int64_t parts, int64_t channels,
                          float *stats) {
  char *from = static_cast<char *>(workspace);
  while (parts > kMergedParts) {
    char *const to = from + moment_bytes(parts, channels);
    const int64_t merged = ceil_div(parts, kMergedParts);
    each(pool, merged * channels,
         MergeMoments{input<float>(from, 3 * parts * channels),
                      parts,
                      channels,
                      moment_parts(stats, to, merged, channels),
                      {}});
    from = to;
    parts = merged;
  }
  each(pool, channels,
       MergeMoments{input<float>(from, 3 * parts * channels),
                    parts,
                    channels,
                    {},
                    output<float>(stats, 2 * channels)});
}

// The moments of a block's tile of `width` columns and `count` values in each. A thread has values
// of some columns: each_column(take) calls take(column, sum) for every one, where sum(f) adds f up
// over those values. Of each column every slot, [0, slots), belongs to one thread. All threads of
// the block call it.
//
// Uses (slots + 1) * width floats of shared memory from `offset` on.
template <class Each>
PW_GPU void tile_moments(const MomentParts &to, int64_t offset, int slots, int width, int slot,
                         int64_t part, int64_t first_channel, int64_t count, Each &&each_column) {
  const Shared<float> sums(offset, static_cast<int64_t>(slots) * width);
  const Shared<float> means(offset + static_cast<int64_t>(slots) * width * sizeof(float), width);
  const auto total = [&](int column) {
    float sum = 0;
    for (int s = 0; s < slots; ++s) sum += sums.get(s * width + column);
    return sum;
  };
  __syncthreads();
  each_column([&](int column, auto &&sum_around) {
    sums.set(slot * width + column, sum_around([](float v) { return v; }));
  });
  __syncthreads();
  const int mine = static_cast<int>(threadIdx.x);
  if (mine < width) means.set(mine, total(mine) / static_cast<float>(count));
  __syncthreads();
  each_column([&](int column, auto &&sum_around) {
    const float mean = means.get(column);
    sums.set(slot * width + column,
             sum_around([mean](float v) { return (v - mean) * (v - mean); }));
  });
  __syncthreads();
  if (mine < width && first_channel + mine < to.channels) {
    to.put(part, first_channel + mine, count, means.get(mine), total(mine));
  }
}

}  // namespace pw
