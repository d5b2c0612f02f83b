// What consumers apply to a tensor as they load it (pw_view, pw_gradient of kernels.h): one element
// at a time, several neighbouring channels of a row at a time, or along a channel.
#pragma once

#include "gpu.h"

namespace pw {

PW_GPU float sigmoid(float z) {
#if defined(__CUDACC__)
  return __fdividef(1.0f, 1.0f + __expf(-z));
#else
  return 1.0f / (1.0f + expf(-z));
#endif
}
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

// kN f32 of a vector of channels.
template <int kN>
PW_GPU void load_floats(const Global<const float> &from, int64_t i, float (&to)[kN]) {
  constexpr int kStep = kN < 4 ? kN : 4;
  PW_UNROLL
  for (int k = 0; k < kN; k += kStep) {
    const Pack<float, kStep> pack = from.load<kStep>(i + k);
    PW_UNROLL
    for (int j = 0; j < kStep; ++j) to[k + j] = pack.v[j];
  }
}

// Batch norm of kN neighbouring channels.
template <int kN>
struct Norm {
  float scale[kN], shift[kN], mean[kN], rstd[kN];

  Norm() = default;
  PW_GPU Norm(const Global<const float> &bn, int64_t channel, int64_t c) {
    load_floats<kN>(bn, channel, scale);
    load_floats<kN>(bn, c + channel, shift);
    load_floats<kN>(bn, 2 * c + channel, mean);
    load_floats<kN>(bn, 3 * c + channel, rstd);
  }
  PW_GPU float z(int k, float raw) const { return scale[k] * raw + shift[k]; }
  PW_GPU float xhat(int k, float raw) const { return (raw - mean[k]) * rstd[k]; }
};

// A pw_view: what element `i`, of channel i % c, is after its transform.
template <class T>
struct View {
  Global<const T> data;
  Global<const float> bn, gate;
  int64_t c, pixels;
  int32_t kind;
  uint32_t first = 0;  // row of the tensor that data begins with

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
  PW_GPU float gate_of(int64_t i) const { return gate[i / (pixels * c) * c + i % c]; }
  PW_GPU float at(int64_t i) const {
    if (kind == PW_NONE) return data.at(i);
    const float value = z(i);
    if (kind == PW_BN) return value;
    const float activated = silu(value);
    return kind == PW_BN_SILU ? activated : activated * gate_of(i);
  }

  // kN neighbouring channels of a row: what lies in memory, and what becomes of it. Loads can so
  // be begun long before their results are needed.
  template <int kN>
  using Raw = Pack<T, kN>;
  template <int kN, class Index>
  PW_GPU Raw<kN> fetch(Index row, Index channel) const {
    return data.template load<kN>(row * static_cast<Index>(c) + channel);
  }
  template <int kN, class Index>
  PW_GPU void finish(const Raw<kN> &raw, Index row, Index channel, float (&to)[kN]) const {
    PW_UNROLL
    for (int k = 0; k < kN; ++k) to[k] = to_float(raw.v[k]);
    if (kind == PW_NONE) return;
    float factor[kN];
    load_floats<kN>(bn, channel, factor);
    PW_UNROLL
    for (int k = 0; k < kN; ++k) to[k] *= factor[k];
    load_floats<kN>(bn, c + channel, factor);
    PW_UNROLL
    for (int k = 0; k < kN; ++k) to[k] += factor[k];
    if (kind == PW_BN) return;
    PW_UNROLL
    for (int k = 0; k < kN; ++k) to[k] = silu(to[k]);
    if (kind != PW_BN_SILU_GATE) return;
    load_floats<kN>(gate, image_of(row) * c + channel, factor);
    PW_UNROLL
    for (int k = 0; k < kN; ++k) to[k] *= factor[k];
  }
  // Rows of a tensor fit 32 bits, whose division is several times faster.
  PW_GPU int64_t image_of(int64_t row) const {
    return (first + static_cast<uint32_t>(row)) / static_cast<uint32_t>(pixels);
  }
  // The same from a row on, for rows that fit 32 bits with their channels.
  PW_GPU View moved(int64_t row) const {
    View v = *this;
    v.data = data.from(row * c);
    v.first = first + static_cast<uint32_t>(row);
    return v;
  }

  // A channel of an image, for those who walk along it.
  struct Channel {
    float scale = 0, shift = 0, mean = 0, rstd = 0, factor = 1;
    int32_t kind = PW_NONE;

    PW_GPU float z(float raw) const { return scale * raw + shift; }
    PW_GPU float xhat(float raw) const { return (raw - mean) * rstd; }
    PW_GPU float value(float raw) const {
      if (kind == PW_NONE) return raw;
      if (kind == PW_BN) return z(raw);
      return silu(z(raw)) * factor;
    }
  };
  PW_GPU Channel along(int64_t image, int64_t channel) const {
    Channel k;
    k.kind = kind;
    if (kind == PW_NONE) return k;
    k.scale = bn[channel];
    k.shift = bn[c + channel];
    k.mean = bn[2 * c + channel];
    k.rstd = bn[3 * c + channel];
    if (kind == PW_BN_SILU_GATE) k.factor = gate[image * c + channel];
    return k;
  }
};

// The sites that an average is taken over, of images of so many pixels each; null: all.
struct Sites {
  Global<const float> active, number;

  Sites() {}
  Sites(const float *sites, const Shape &shape)
      : active(input<float>(sites, shape.rows())),
        number(input<float>(sites != nullptr ? sites + shape.rows() : nullptr, shape.n)) {}

  PW_GPU bool at(int64_t row) const { return !active || active[row] != 0; }
  // Of an image, by which its sums are divided.
  PW_GPU double divisor(int64_t image, int64_t pixels) const {
    if (!active) return static_cast<double>(pixels);
    return number[image] > 0 ? static_cast<double>(number[image]) : 1.0;
  }
};

// A pw_gradient: dL/dy of the raw output's element i.
template <class T>
struct Gradient {
  Global<const T> dy, y;
  Global<const float> coef, keep, bn, gate, dpool;
  Sites sites;
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
    sites = Sites(g.sites, shape);
  }

  PW_GPU float at(int64_t i) const {
    if (kind == PW_GRAD_PLAIN) return dy.at(i);
    return along(i / (pixels * c), i % c).value(dy.at(i), y.at(i), sites.at(i / c));
  }

  // A channel of an image.
  struct Channel {
    float alpha = 1, beta = 0, gamma = 0;
    float scale = 0, shift = 0, factor = 1, pooled = 0;
    bool activated = false;

    // `raw`: of y; anything finite where the gradient is plain. `site`: whether it is active.
    PW_GPU float value(float d, float raw, bool site) const {
      if (activated) d = (d * factor + (site ? pooled : 0.0f)) * silu_slope(scale * raw + shift);
      return alpha * d + (beta * raw + gamma);
    }
  };
  PW_GPU Channel along(int64_t image, int64_t channel) const {
    Channel k;
    if (kind == PW_GRAD_PLAIN) return k;
    k.alpha = coef[channel];
    k.beta = coef[c + channel];
    k.gamma = coef[2 * c + channel];
    if (keep != nullptr) k.alpha *= keep[image];
    if (kind != PW_GRAD_BN_SILU_GATE) return k;
    k.activated = true;
    k.scale = bn[channel];
    k.shift = bn[c + channel];
    k.factor = gate[image * c + channel];
    k.pooled = dpool[image * c + channel];
    return k;
  }
};

// A pw_gradient without an activation of its own.
template <class T>
struct NormGradient {
  Global<const T> dy, y;
  Global<const float> coef, keep;
  int64_t c, pixels;
  bool plain;
  uint32_t first = 0;  // row of the tensor that dy and y begin with

  explicit NormGradient(const Gradient<T> &g)
      : dy(g.dy),
        y(g.y),
        coef(g.coef),
        keep(g.keep),
        c(g.c),
        pixels(g.pixels),
        plain(g.kind == PW_GRAD_PLAIN) {}

  template <int kN>
  struct Raw {
    Pack<T, kN> dy, y;
  };
  PW_GPU NormGradient moved(int64_t row) const {
    NormGradient g = *this;
    g.dy = dy.from(row * c);
    if (!plain) g.y = y.from(row * c);
    g.first = first + static_cast<uint32_t>(row);
    return g;
  }
  template <int kN>
  PW_GPU Raw<kN> fetch(int row, int channel) const {
    const int at = row * static_cast<int>(c) + channel;
    Raw<kN> raw{};
    raw.dy = dy.template load<kN>(at);
    if (!plain) raw.y = y.template load<kN>(at);
    return raw;
  }
  template <int kN>
  PW_GPU void finish(const Raw<kN> &raw, int row, int channel, float (&to)[kN]) const {
    PW_UNROLL
    for (int k = 0; k < kN; ++k) to[k] = to_float(raw.dy.v[k]);
    if (plain) return;
    float factor[kN];
    load_floats<kN>(coef, channel, factor);
    const float kept =
        keep != nullptr ? keep[(first + static_cast<uint32_t>(row)) / static_cast<uint32_t>(pixels)]
                        : 1.0f;
    PW_UNROLL
    for (int k = 0; k < kN; ++k) to[k] *= factor[k] * kept;
    load_floats<kN>(coef, c + channel, factor);
    PW_UNROLL
    for (int k = 0; k < kN; ++k) to[k] += factor[k] * to_float(raw.y.v[k]);
    load_floats<kN>(coef, 2 * c + channel, factor);
    PW_UNROLL
    for (int k = 0; k < kN; ++k) to[k] += factor[k];
  }
};

}  // namespace pw
