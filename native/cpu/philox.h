// Philox4x32-10 of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC11): a counter
// and a key give four words, so that every random number has an address and does not depend on the
// order of evaluation. Constants as in Random123.
#pragma once

#include <cstdint>

namespace pw {

struct PhiloxWords {
  uint32_t word[4];
};

struct PhiloxKey {
  uint32_t low, high;
  explicit PhiloxKey(int64_t seed)
      : low(static_cast<uint32_t>(seed)),
        high(static_cast<uint32_t>(static_cast<uint64_t>(seed) >> 32)) {}
};

inline PhiloxWords philox(PhiloxWords counter, PhiloxKey key) {
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
inline bool philox_below(uint32_t word, float probability) {
  return static_cast<double>(word) * 0x1p-32 < static_cast<double>(probability);
}

}  // namespace pw
