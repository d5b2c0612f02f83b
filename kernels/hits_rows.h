// Rows of hits: which cluster they are of, GELU, and sums over the hits of each cluster. Of hits.cu
// alone, like its other headers.
#pragma once

#include "hits.h"
#include "reduce.h"

namespace pw {
namespace {

constexpr int kHitsTaps = PW_HITS_NEIGHBOURS;

PW_GPU float hits_phi(float x) { return 0.5f * (1.0f + erff(x * 0.70710678f)); }
PW_GPU float hits_gelu(float x) { return x * hits_phi(x); }
PW_GPU float hits_gelu_slope(float x) {
  return hits_phi(x) + x * expf(-0.5f * x * x) * 0.39894228f;
}

// Rows of clusters, packed one after the other.
struct HitsRows {
  Global<const int32_t> offsets;
  int64_t n;

  HitsRows(const int32_t *offsets, int64_t n) : offsets(input<int32_t>(offsets, n + 1)), n(n) {}

  PW_GPU int64_t count() const { return offsets[n]; }
  // The last cluster that begins at a row or before: empty ones there begin earlier in the list.
  PW_GPU int64_t cluster_of(int64_t row) const {
    int64_t low = 0, high = n;
    while (high - low > 1) {
      const int64_t middle = (low + high) / 2;
      if (offsets[middle] <= row) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }
};

// Sums over the rows of each cluster: a block sums kSumLanes channels of one. F tells value(row,
// channel) and takes finish(cluster, channel, sum, hits) and, where kLargest, the largest value and
// its row, the first of equals.
template <class F>
__global__ void hits_fold(HitsRows rows, int64_t c, F f) {
  const Shared<double> sums(0, kThreads);
  const Shared<float> values(kThreads * sizeof(double), F::kLargest ? kThreads : 0);
  const Shared<int32_t> places(kThreads * (sizeof(double) + sizeof(float)),
                               F::kLargest ? kThreads : 0);
  const int thread = static_cast<int>(threadIdx.x);
  const int lane = thread % kSumLanes, turn = thread / kSumLanes;
  const int64_t blocks = (c + kSumLanes - 1) / kSumLanes;
  const int64_t cluster = blockIdx.x / blocks;
  const int64_t channel = blockIdx.x % blocks * kSumLanes + lane;
  const int64_t begin = rows.offsets[cluster], end = rows.offsets[cluster + 1];
  double sum = 0;
  float largest = 0;
  int64_t place = -1;
  if (channel < c) {
    for (int64_t row = begin + turn; row < end; row += kPartTurns) {
      const float value = f.value(row, channel);
      sum += static_cast<double>(value);
      if (place < 0 || value > largest) {
        largest = value;
        place = row;
      }
    }
  }
  sums.set(thread, sum);
  if constexpr (F::kLargest) {
    values.set(thread, largest);
    places.set(thread, static_cast<int32_t>(place));
  }
  __syncthreads();
  if (turn != 0 || channel >= c) return;
  for (int t = 1; t < kPartTurns; ++t) {
    const int at = t * kSumLanes + lane;
    sum += sums.get(at);
    if constexpr (F::kLargest) {
      const float value = values.get(at);
      const int64_t other = places.get(at);
      if (other >= 0 && (value > largest || (value == largest && other < place))) {
        largest = value;
        place = other;
      }
    }
  }
  if constexpr (F::kLargest) {
    f.finish(cluster, channel, sum, end - begin, largest, place);
  } else {
    f.finish(cluster, channel, sum, end - begin);
  }
}

template <class F>
void hits_fold_clusters(Pool &pool, const int32_t *offsets, int64_t n, int64_t c, F f) {
  const int64_t each = sizeof(double) + (F::kLargest ? sizeof(float) + sizeof(int32_t) : 0);
  launch(pool, {n * ceil_div(c, kSumLanes), kThreads, kThreads * each}, hits_fold<F>,
         HitsRows(offsets, n), c, f);
}

}  // namespace
}  // namespace pw
