// What the depthwise and dense families ask of their arguments alike.
#pragma once

#include <cstdint>
#include <string>

#include "device.h"

namespace pw {

class ConvCheck {
 public:
  ConvCheck(const char *family, const pw_conv *conv) : family_(family) {
    that(conv != nullptr, "conv is null");
    conv_ = *conv;
    that(conv_.n >= 1 && conv_.h >= 1 && conv_.w >= 1, "n, h and w must be at least 1");
    that(conv_.c_in >= 1 && conv_.c_out >= 1, "c_in and c_out must be at least 1");
    that(conv_.transposed == 0 || conv_.transposed == 1, "transposed must be 0 or 1");
    that(conv_.stride == 1 || conv_.stride == 2, "stride must be 1 or 2");
    that(conv_.transposed == 0 || conv_.stride == 2, "a transposed convolution needs stride 2");
    that(conv_.storage == PW_F32 || conv_.storage == PW_BF16, "storage must be PW_F32 or PW_BF16");
    that(conv_.transform >= PW_NONE && conv_.transform <= PW_BN_SILU_GATE,
         "transform must be PW_NONE, PW_BN_SILU or PW_BN_SILU_GATE");
    that(fits(conv_.h, conv_.w, conv_.c_in) && fits(side(conv_.h), side(conv_.w), conv_.c_out),
         "the tensors are too large");
  }

  const pw_conv &conv() const { return conv_; }

  void that(bool condition, const char *message) const {
    if (!condition) throw Invalid(std::string(family_) + ": " + message);
  }

  void pass(int32_t pass) const {
    that(pass == PW_FORWARD || pass == PW_BACKWARD, "pass must be PW_FORWARD or PW_BACKWARD");
  }

  void view(const pw_view *x) const {
    that(x != nullptr && x->data != nullptr, "x is null");
    that(conv_.transform == PW_NONE || x->bn != nullptr, "x.bn is null");
    that(conv_.transform != PW_BN_SILU_GATE || x->gate != nullptr, "x.gate is null");
  }

  void gradient(const pw_gradient *dy) const {
    that(conv_.gradient >= PW_GRAD_PLAIN && conv_.gradient <= PW_GRAD_BN_SILU_GATE,
         "gradient must be PW_GRAD_PLAIN, PW_GRAD_BN or PW_GRAD_BN_SILU_GATE");
    that(conv_.accumulate == 0 || conv_.accumulate == 1, "accumulate must be 0 or 1");
    that(dy != nullptr && dy->dy != nullptr, "dy is null");
    that(conv_.gradient == PW_GRAD_PLAIN || (dy->y != nullptr && dy->coef != nullptr),
         "dy.y or dy.coef is null");
    that(conv_.gradient != PW_GRAD_BN_SILU_GATE ||
             (dy->bn != nullptr && dy->gate != nullptr && dy->dpool != nullptr),
         "dy.bn, dy.gate or dy.dpool is null");
  }

  // The input's gradient as a value; nothing is wanted where it is null.
  pw_input_gradient input_gradient(const pw_input_gradient *dx) const {
    if (dx == nullptr || dx->dx == nullptr) return {};
    that(conv_.transform == PW_NONE || dx->sums != nullptr, "dx.sums is null");
    return *dx;
  }

 private:
  int64_t side(int64_t s) const {
    return conv_.transposed != 0 ? 2 * s : (s + conv_.stride - 1) / conv_.stride;
  }

  // Elements of a tensor stay far below what an int64_t counts in bytes.
  bool fits(int64_t h, int64_t w, int64_t c) const {
    return static_cast<double>(conv_.n) * static_cast<double>(h) * static_cast<double>(w) *
               static_cast<double>(c) <
           1e15;
  }

  const char *family_;
  pw_conv conv_{};
};

}  // namespace pw
