// What the families of convolutions ask of their arguments alike.
#pragma once

#include "checks.h"

namespace pw {

// A convolution's descriptor, but for what its family says of kernel and channels.
inline void check_conv(const Checks &checks, const pw_conv *conv) {
  checks.require(conv != nullptr, "the descriptor is null");
  checks.activation(conv->n, conv->h, conv->w, conv->c_in, "c_in");
  checks.positive(conv->c_out, "c_out");
  checks.require(conv->transposed == 0 || conv->transposed == 1, "transposed must be 0 or 1");
  checks.require(conv->stride == 1 || conv->stride == 2, "stride must be 1 or 2");
  checks.require(conv->transposed == 0 || conv->stride == 2,
                 "a transposed convolution needs stride 2");
  checks.storage(conv->storage);
  checks.require(conv->transform >= PW_NONE && conv->transform <= PW_BN_SILU_GATE,
                 "transform must be PW_NONE, PW_BN_SILU or PW_BN_SILU_GATE");
  const auto side = [&](int64_t s) {
    return conv->transposed != 0 ? 2 * s : (s + conv->stride - 1) / conv->stride;
  };
  checks.size({conv->n, side(conv->h), side(conv->w), conv->c_out});
}

// What every forward pass needs.
inline void check_forward(const Checks &checks, const pw_conv &conv, const pw_view *x,
                          const float *weight, const void *y, const void *workspace) {
  checks.view(x, conv.transform);
  checks.require(weight != nullptr, "weight is null");
  checks.require(y != nullptr, "y is null");
  checks.require(workspace != nullptr, "workspace is null");
}

// The gradient that a backward pass starts from, and its scratch.
inline void check_backward(const Checks &checks, const pw_conv &conv, const pw_gradient *dy,
                           const void *workspace) {
  checks.require(conv.gradient >= PW_GRAD_PLAIN && conv.gradient <= PW_GRAD_BN_SILU_GATE,
                 "gradient must be PW_GRAD_PLAIN, PW_GRAD_BN or PW_GRAD_BN_SILU_GATE");
  checks.require(conv.accumulate == 0 || conv.accumulate == 1, "accumulate must be 0 or 1");
  checks.require(dy != nullptr && dy->dy != nullptr, "dy is null");
  checks.require(conv.gradient == PW_GRAD_PLAIN || (dy->y != nullptr && dy->coef != nullptr),
                 "dy.y or dy.coef is null");
  checks.require(conv.gradient != PW_GRAD_BN_SILU_GATE ||
                     (dy->bn != nullptr && dy->gate != nullptr && dy->dpool != nullptr),
                 "dy.bn, dy.gate or dy.dpool is null");
  checks.require(workspace != nullptr, "workspace is null");
}

// The input's gradient as a value; nothing is wanted where it is null.
inline pw_input_gradient input_gradient(const Checks &checks, const pw_conv &conv,
                                        const pw_input_gradient *dx) {
  if (dx == nullptr || dx->dx == nullptr) return {};
  checks.require(conv.transform == PW_NONE || dx->sums != nullptr, "dx.sums is null");
  return *dx;
}

}  // namespace pw
