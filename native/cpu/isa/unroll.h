// Loops that are written out, whose index is a constant in each round.
#pragma once

#include <utility>

#include "vec.h"

#define PW_LAMBDA __attribute__((always_inline))

namespace pw::PW_ISA {

template <int k>
struct Index {
  static constexpr int value = k;
};
template <class Body, int... k>
PW_INLINE void unroll(std::integer_sequence<int, k...>, Body &&body) {
  (body(Index<k>{}), ...);
}
// body(Index<0>{}), ..., body(Index<kCount - 1>{}), without a loop.
template <int kCount, class Body>
PW_INLINE void unroll(Body &&body) {
  unroll(std::make_integer_sequence<int, kCount>{}, body);
}

}  // namespace pw::PW_ISA
