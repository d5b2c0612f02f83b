// Philox4x32-10 of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC11): a counter
// and a key give four words, so that every random number has an address and does not depend on the
// order of evaluation. Constants as in Random123.
#pragma once

#include <cstdint>

#include "pixelwake/kernels.h"
#include "portable.h"

namespace pw {

struct PhiloxWords {
  uint32_t word[4];
};

struct PhiloxKey {
  uint32_t low, high;
  PW_BOTH explicit PhiloxKey(int64_t seed)
      : low(static_cast<uint32_t>(seed)),
        high(static_cast<uint32_t>(static_cast<uint64_t>(seed) >> 32)) {}
};

PW_BOTH inline PhiloxWords philox(PhiloxWords counter, PhiloxKey key) {
  uint32_t k0 = key.low, k1 = key.high;
  auto &c = counter.word;
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = static_cast<uint64_t>(0xD2511F53u) * c[0];
    const uint64_t b = static_cast<uint64_t>(0xCD9E8D57u) * c[2];
    counter = {{static_cast<uint32_t>(b >> 32) ^ c[1] ^ k0, static_cast<uint32_t>(b),
                static_cast<uint32_t>(a >> 32) ^ c[3] ^ k1, static_cast<uint32_t>(a)}};
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return counter;
}

// word * 2^-32 < probability, without rounding: both are exact in double.
PW_BOTH inline bool philox_below(uint32_t word, float probability) {
  return static_cast<double>(word) * 0x1p-32 < static_cast<double>(probability);
}

// The factor of what is not dropped, which keeps the mean.
PW_BOTH inline float kept_of(float probability) {
  return static_cast<float>(1.0 / (1.0 - static_cast<double>(probability)));
}

// What stochastic depth leaves of the branch of image i.
PW_BOTH inline float drop_path_of(const pw_drop_path &d, const pw_step &step, int32_t i) {
  const PhiloxKey index(step.index);
  const auto image = static_cast<uint32_t>(d.first) + static_cast<uint32_t>(i);
  const PhiloxWords words = philox({{image, static_cast<uint32_t>(d.layer), index.low, index.high}},
                                   PhiloxKey(step.seed));
  return philox_below(words.word[0], d.probability) ? 0.0f : kept_of(d.probability);
}

constexpr int kDropoutGroup = 4;  // channels that share a counter

// Dropout of a group of channels of image i.
template <class In, class Out>
PW_BOTH inline void drop_group(const pw_dropout &d, const pw_step &step, int32_t i, int32_t group,
                               In x, Out y) {
  const PhiloxKey index(step.index);
  const auto image = static_cast<uint32_t>(d.first) + static_cast<uint32_t>(i);
  const uint32_t layer = 0x80000000u + static_cast<uint32_t>(d.layer);
  const PhiloxWords words =
      philox({{image, static_cast<uint32_t>(group), index.low, layer}}, PhiloxKey(step.seed));
  const float kept = kept_of(d.probability);
  const int64_t row = static_cast<int64_t>(i) * d.c;
  for (int k = 0; k < kDropoutGroup && kDropoutGroup * group + k < d.c; ++k) {
    const int64_t at = row + kDropoutGroup * group + k;
    y[at] = philox_below(words.word[k], d.probability) ? 0.0f : x[at] * kept;
  }
}

}  // namespace pw
