// What consumers apply to a tensor as they load it (pw_view, pw_gradient of kernels.h), one element
// at a time.
#pragma once

#include "gpu.h"

namespace pw {

PW_GPU float sigmoid(float z) { return 1.0f / (1.0f + expf(-z)); }
PW_GPU float silu(float z) { return z * sigmoid(z); }
PW_GPU float silu_slope(float z) {
  const float s = sigmoid(z);
  return s * (1.0f + z * (1.0f - s));
}

// Shape of the tensor that a view shows.
struct Shape {
  int64_t n, pixels, c;  // pixels of an image

  int64_t elements() const { return n * pixels * c; }
  int64_t rows() const { return n * pixels; }
};

inline Shape shape_of(const pw_tensor &t) { return {t.n, static_cast<int64_t>(t.h) * t.w, t.c}; }

// A pw_view: what element `i`, of channel i % c, is after its transform.
template <class T>
struct View {
  Global<const T> data;
  Global<const float> bn, gate;
  int64_t c, pixels;
  int32_t kind;

  View() {}
  View(const pw_view &view, const Shape &shape, int32_t kind)
      : data(input<T>(view.data, shape.elements())),
        bn(input<float>(kind == PW_NONE ? nullptr : view.bn, 4 * shape.c)),
        gate(input<float>(kind == PW_BN_SILU_GATE ? view.gate : nullptr, shape.n * shape.c)),
        c(shape.c),
        pixels(shape.pixels),
        kind(kind) {}

  PW_GPU float z(int64_t i) const {
    const int64_t channel = i % c;
    return bn[channel] * data.at(i) + bn[c + channel];
  }
  PW_GPU float xhat(int64_t i) const {
    const int64_t channel = i % c;
    return (data.at(i) - bn[2 * c + channel]) * bn[3 * c + channel];
  }
  PW_GPU float gate_of(int64_t i) const { return gate[i / (pixels * c) * c + i % c]; }
  PW_GPU float at(int64_t i) const {
    if (kind == PW_NONE) return data.at(i);
    const float value = z(i);
    if (kind == PW_BN) return value;
    const float activated = silu(value);
    return kind == PW_BN_SILU ? activated : activated * gate_of(i);
  }
};

// A pw_gradient: dL/dy of the raw output's element i.
template <class T>
struct Gradient {
  Global<const T> dy, y;
  Global<const float> coef, keep, bn, gate, dpool;
  int64_t c, pixels;
  int32_t kind;

  Gradient() {}
  Gradient(const pw_gradient &g, const Shape &shape, int32_t kind)
      : dy(input<T>(g.dy, shape.elements())), c(shape.c), pixels(shape.pixels), kind(kind) {
    if (kind == PW_GRAD_PLAIN) return;
    y = input<T>(g.y, shape.elements());
    coef = input<float>(g.coef, 3 * shape.c);
    if (kind == PW_GRAD_BN) {
      keep = input<float>(g.keep, shape.n);
      return;
    }
    bn = input<float>(g.bn, 4 * shape.c);
    gate = input<float>(g.gate, shape.n * shape.c);
    dpool = input<float>(g.dpool, shape.n * shape.c);
  }

  PW_GPU float at(int64_t i) const {
    const float d = dy.at(i);
    if (kind == PW_GRAD_PLAIN) return d;
    const int64_t channel = i % c, image = i / (pixels * c);
    const float raw = y.at(i);
    const float rest = coef[c + channel] * raw + coef[2 * c + channel];
    if (kind == PW_GRAD_BN) {
      const float alpha = keep != nullptr ? coef[channel] * keep[image] : coef[channel];
      return alpha * d + rest;
    }
    const int64_t at = image * c + channel;
    const float slope = silu_slope(bn[channel] * raw + bn[c + channel]);
    return coef[channel] * ((d * gate[at] + dpool[at]) * slope) + rest;
  }
};

}  // namespace pw
