// Transposition of squares of kLanes x kLanes floats in registers.
#pragma once

#include <utility>

#include "vec.h"

namespace pw::PW_ISA {

// Of two rows kStep apart, one that has its lanes in place with regard to bit kStep of their
// numbers.
template <int kStep, bool kUpper, int... lane>
PW_INLINE vf exchanged(vf a, vf b, std::integer_sequence<int, lane...>) {
  return __builtin_shufflevector(a, b,
                                 ((lane & kStep) == 0 ? lane + (kUpper ? kStep : 0)
                                                      : kLanes + lane - (kUpper ? 0 : kStep))...);
}

template <int kStep = 1>
PW_INLINE void transpose(vf (&rows)[kLanes]) {
  if constexpr (kStep < kLanes) {
    constexpr std::make_integer_sequence<int, kLanes> lanes;
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; ++i) {
      if ((i & kStep) != 0) continue;
      const vf a = rows[i];
      const vf b = rows[i + kStep];
      rows[i] = exchanged<kStep, false>(a, b, lanes);
      rows[i + kStep] = exchanged<kStep, true>(a, b, lanes);
    }
    transpose<2 * kStep>(rows);
  }
}

}  // namespace pw::PW_ISA
