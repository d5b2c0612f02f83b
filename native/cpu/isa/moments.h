// Running mean and sum of squared deviations of a vector of channels, which keeps its digits: short
// chunks are summed about a pivot close to their mean and merged (Chan, Golub and LeVeque,
// "Updating formulae and a pairwise algorithm for computing sample variances", 1979).
#pragma once

#include "vec.h"

namespace pw::PW_ISA {

struct Moments {
  vf mean{}, m2{};  // of what is merged
  float count = 0;  // ... and how many
  vf pivot{}, s{}, q{};
  float pending = 0;

  static constexpr float kChunk = 192;

  // `width` vectors of which the first is given: their deviations are to be taken from what begin()
  // returns, and their sum and sum of squares given to end().
  PW_INLINE vf begin(vf first) {
    if (pending == 0) pivot = count == 0 ? first : mean;
    return pivot;
  }
  PW_INLINE void end(vf sum, vf squares, int64_t width) {
    s += sum;
    q += squares;
    pending += static_cast<float>(width);
    if (pending >= kChunk) merge();
  }

  // `width` consecutive vectors, `stride` floats apart.
  PW_INLINE void add(const float *row, int64_t width, int64_t stride = kLanes) {
    const vf from = begin(load(row));
    vf s0{}, s1{}, q0{}, q1{};
    int64_t x = 0;
    for (; x + 2 <= width; x += 2) {
      const vf d0 = load(row + x * stride) - from;
      const vf d1 = load(row + (x + 1) * stride) - from;
      s0 += d0;
      s1 += d1;
      q0 += d0 * d0;
      q1 += d1 * d1;
    }
    if (x < width) {
      const vf d = load(row + x * stride) - from;
      s0 += d;
      q0 += d * d;
    }
    end(s0 + s1, q0 + q1, width);
  }

  PW_INLINE void merge() {
    if (pending == 0) return;
    const vf offset = s * (1.0f / pending);
    const vf chunk_m2 = vmax(q - s * offset, vf{});
    const float total = count + pending;
    const vf delta = pivot + offset - mean;
    mean += delta * (pending / total);
    m2 += chunk_m2 + delta * delta * (count * (pending / total));
    count = total;
    pending = 0;
    s = q = vf{};
  }
};

// Mean and biased variance of a channel from those of its parts, in order. `mean` and `m2` are read
// every `stride` floats.
struct MergedMoments {
  double count = 0, mean = 0, m2 = 0;

  void add(double n, double part_mean, double part_m2) {
    if (n == 0) return;
    if (count == 0) {
      count = n;
      mean = part_mean;
      m2 = part_m2;
      return;
    }
    const double total = count + n;
    const double delta = part_mean - mean;
    mean += delta * (n / total);
    m2 += part_m2 + delta * delta * (count * (n / total));
    count = total;
  }
};

}  // namespace pw::PW_ISA
