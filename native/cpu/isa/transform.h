// The transforms that consumers apply as they load (pw_view, pw_gradient of kernels.h), for one
// vector of channels at a time.
#pragma once

#include "vec.h"

namespace pw::PW_ISA {

// Per-channel constants of a pw_view: lanes are the channels c .. c + count - 1 of image n.
struct ViewLanes {
  vf scale{}, shift{}, mean{}, rstd{}, gate{};

  ViewLanes(int32_t kind, const pw_view &view, int64_t channels, int64_t n, int64_t c, int count) {
    if (kind == PW_NONE) return;
    scale = load_n(view.bn + c, count);
    shift = load_n(view.bn + channels + c, count);
    mean = load_n(view.bn + 2 * channels + c, count);
    rstd = load_n(view.bn + 3 * channels + c, count);
    if (kind == PW_BN_SILU_GATE) gate = load_n(view.gate + n * channels + c, count);
  }

  PW_INLINE vf z(vf x) const { return x * scale + shift; }
  PW_INLINE vf xhat(vf x) const { return (x - mean) * rstd; }
};

// The transformed value.
template <int kKind>
PW_INLINE vf view_value(const ViewLanes &lanes, vf x) {
  if constexpr (kKind == PW_NONE) {
    return x;
  } else if constexpr (kKind == PW_BN) {
    return lanes.z(x);
  } else if constexpr (kKind == PW_BN_SILU) {
    return silu(lanes.z(x));
  } else {
    return silu(lanes.z(x)) * lanes.gate;
  }
}

// Per-channel constants of a pw_gradient, likewise. alpha includes keep[n].
struct GradientLanes {
  vf alpha{}, beta{}, gamma{}, scale{}, shift{}, gate{}, dpool{};

  GradientLanes(int32_t kind, const pw_gradient &g, int64_t channels, int64_t n, int64_t c,
                int count) {
    if (kind == PW_GRAD_PLAIN) return;
    alpha = load_n(g.coef + c, count);
    beta = load_n(g.coef + channels + c, count);
    gamma = load_n(g.coef + 2 * channels + c, count);
    if (kind == PW_GRAD_BN) {
      if (g.keep != nullptr) alpha *= g.keep[n];
      return;
    }
    scale = load_n(g.bn + c, count);
    shift = load_n(g.bn + channels + c, count);
    gate = load_n(g.gate + n * channels + c, count);
    dpool = load_n(g.dpool + n * channels + c, count);
  }
};

// The bits that a site, a row of the tensor, keeps of the pooled branch of a pw_gradient: all or
// none.
PW_INLINE int32_t pooled_bits(const pw_gradient &g, int64_t site) {
  return g.sites == nullptr ? -1 : -static_cast<int32_t>(g.sites[site] != 0);
}
// A choice would part the product from its sum, which then were two roundings instead of one.
PW_INLINE vf keep_bits(vf v, int32_t bits) { return (vf)((vi)v & bits); }

// dL/dy of the raw output, from the stored gradient and the raw output y (not read for
// PW_GRAD_PLAIN). `pooled`: as pooled_bits() has it, of no consequence but for
// PW_GRAD_BN_SILU_GATE.
template <int kKind>
PW_INLINE vf gradient_value(const GradientLanes &lanes, vf dy, vf y, int32_t pooled) {
  if constexpr (kKind == PW_GRAD_PLAIN) {
    return dy;
  } else if constexpr (kKind == PW_GRAD_BN) {
    return lanes.alpha * dy + (lanes.beta * y + lanes.gamma);
  } else {
    const vf da = dy * lanes.gate + keep_bits(lanes.dpool, pooled);
    const vf dz = da * silu_pair(y * lanes.scale + lanes.shift).derivative;
    return lanes.alpha * dz + (lanes.beta * y + lanes.gamma);
  }
}

// Turns the kinds into template arguments: body(std-free integral constants), body(Kind<k>{}).
template <int k>
struct Kind {
  static constexpr int value = k;
};
template <class Body>
PW_INLINE void dispatch_transform(int32_t kind, Body &&body) {
  switch (kind) {
    case PW_BN_SILU:
      body(Kind<PW_BN_SILU>{});
      break;
    case PW_BN_SILU_GATE:
      body(Kind<PW_BN_SILU_GATE>{});
      break;
    default:
      body(Kind<PW_NONE>{});
      break;
  }
}
template <class Body>
PW_INLINE void dispatch_gradient(int32_t kind, Body &&body) {
  switch (kind) {
    case PW_GRAD_BN:
      body(Kind<PW_GRAD_BN>{});
      break;
    case PW_GRAD_BN_SILU_GATE:
      body(Kind<PW_GRAD_BN_SILU_GATE>{});
      break;
    default:
      body(Kind<PW_GRAD_PLAIN>{});
      break;
  }
}

}  // namespace pw::PW_ISA
