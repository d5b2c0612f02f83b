// SiLU of several vectors at once. One exponential is a chain of some 20 dependent operations,
// longer than a core looks ahead; here the same step is taken for all vectors before the next.
#pragma once

#include "transform.h"

namespace pw::PW_ISA {

#define PW_EACH _Pragma("GCC unroll 8") for (int i = 0; i < kCount; ++i)

// s[i] = sigmoid(z[i]), by e^-z = 2^t = 2^round(t) 2^f: the polynomial is the one of degree 5 with
// the least relative error, 7.5e-8, for 2^f on |f| <= 1/2. Rounding t adds |z| 6e-8, which only the
// tail of the sigmoid, where it is as small as e^z, has in full. Saturates outside |z| of 87; NaN
// gives a finite number, so callers propagate it by a product with z.
template <int kCount>
PW_INLINE void sigmoids(const vf (&z)[kCount], vf (&s)[kCount]) {
  vf t[kCount], n[kCount], p[kCount];
  PW_EACH t[i] = z[i] * -1.44269504f;
  PW_EACH t[i] = vmin(vmax(t[i], splat(-126.0f)), splat(126.0f));
  PW_EACH n[i] =
      t[i] + 12582912.0f;  // 1.5 * 2^23: rounds to an integer, which then is the low bits
  PW_EACH t[i] = t[i] - (n[i] - 12582912.0f);
  PW_EACH p[i] = t[i] * 1.3276471979e-3f + 9.6755413342e-3f;
  PW_EACH p[i] = p[i] * t[i] + 5.5507132735e-2f;
  PW_EACH p[i] = p[i] * t[i] + 2.4022119724e-1f;
  PW_EACH p[i] = p[i] * t[i] + 6.9314696706e-1f;
  PW_EACH p[i] = p[i] * t[i] + 1.0000000717f;
  PW_EACH n[i] =
      reinterpret_cast<vf>(reinterpret_cast<vi>(p[i]) + (reinterpret_cast<vi>(n[i]) << 23));
  PW_EACH s[i] = 1.0f / (1.0f + n[i]);
}

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

// z becomes SiLU(z), derivative SiLU'(z).
template <int kCount>
PW_INLINE void silu_pairs(vf (&z)[kCount], vf (&derivative)[kCount]) {
  vf s[kCount];
  sigmoids<kCount>(z, s);
  PW_EACH z[i] *= s[i];
  PW_EACH derivative[i] = s[i] + z[i] * (1.0f - s[i]);
}

}  // namespace pw::PW_ISA
