// SiLU of several vectors at once (see sigmoids of vec.h for why).
#pragma once

#include "transform.h"

namespace pw::PW_ISA {

// The transformed values of x[i], whose channels are those of lanes[i].
template <int kKind, int kCount>
PW_INLINE void view_values(const ViewLanes (&lanes)[kCount], vf (&x)[kCount]) {
  if constexpr (kKind == PW_BN_SILU || kKind == PW_BN_SILU_GATE) {
    vf s[kCount];
    PW_EACH x[i] = lanes[i].z(x[i]);
    sigmoids<kCount>(x, s);
    PW_EACH x[i] *= s[i];
    if constexpr (kKind == PW_BN_SILU_GATE) PW_EACH x[i] *= lanes[i].gate;
  } else {
    PW_EACH x[i] = view_value<kKind>(lanes[i], x[i]);
  }
}

// z becomes SiLU(z); a quotient instead of a product with the sigmoid.
template <int kCount>
PW_INLINE void silus(vf (&z)[kCount]) {
  vf e[kCount];
  exponentials<kCount>(z, e);
  PW_EACH z[i] = z[i] / (1.0f + e[i]);
}

// z becomes SiLU(z), derivative SiLU'(z).
template <int kCount>
PW_INLINE void silu_pairs(vf (&z)[kCount], vf (&derivative)[kCount]) {
  vf s[kCount];
  sigmoids<kCount>(z, s);
  PW_EACH z[i] *= s[i];
  PW_EACH derivative[i] = s[i] + z[i] * (1.0f - s[i]);
}

}  // namespace pw::PW_ISA
