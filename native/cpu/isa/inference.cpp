// Packing of folded weights, and the dense convolution of the inference path.
#include "inference.h"

namespace pw::PW_ISA {
namespace {

// ---- packing ----

template <class T>
int64_t steps_of(const pw_pack &p) {
  return ceil_div(static_cast<int64_t>(p.c_in) * p.kernel * p.kernel, kDepthStep<T>);
}

template <class T>
int64_t packed_floats(const pw_pack &p) {
  return units_of(p.c_out) * (steps_of<T>(p) + 1) * kUnit;
}

int64_t pack_size(const pw_pack &p) {
  int64_t floats = 0;
  dispatch_storage(p.storage, [&]<class T>(T *) { floats = packed_floats<T>(p); });
  return floats * static_cast<int64_t>(sizeof(float));
}

// The weights of output channel o from depth d on, as a step takes them; depth as it is packed.
template <class T>
float packed_step(const pw_pack &p, const float *weight, int64_t o, int64_t d) {
  const int64_t taps = static_cast<int64_t>(p.kernel) * p.kernel, depth = p.c_in * taps;
  const auto at = [&](int64_t k) {
    return k < depth ? weight[o * depth + k % p.c_in * taps + k / p.c_in] : 0.0f;
  };
  if constexpr (kDepthStep<T> == 1) {
    return at(d);
  } else {
    const Pair pair{{to_bf16(at(d)), to_bf16(at(d + 1))}};
    float both;
    std::memcpy(&both, &pair, sizeof(both));
    return both;
  }
}

template <class T>
void pack_units(Pool &pool, const pw_pack &p, const float *weight, const float *bias,
                float *packed) {
  const int64_t steps = steps_of<T>(p), units = units_of(p.c_out);
  parallel(pool, units, [&](int64_t unit, int) {
    const int64_t in_panel = unit % kMostTileUnits, first = unit - in_panel;
    const int64_t width = least(kMostTileUnits, units - first) * kUnit;
    float *to = packed + first * (steps + 1) * kUnit + in_panel * kUnit;
    for (int64_t lane = 0; lane < kUnit; ++lane) {
      const int64_t o = unit * kUnit + lane;
      const bool there = o < p.c_out;
      to[lane] = there ? bias[o] : 0.0f;
      for (int64_t s = 0; s < steps; ++s) {
        to[(1 + s) * width + lane] = there ? packed_step<T>(p, weight, o, s * kDepthStep<T>) : 0.0f;
      }
    }
  });
}

void pack_weights(Pool &pool, const pw_pack &p, const float *weight, const float *bias,
                  void *packed) {
  dispatch_storage(p.storage, [&]<class T>(T *) {
    pack_units<T>(pool, p, weight, bias, static_cast<float *>(packed));
  });
}

// ---- dense ----

struct DensePlan {
  int64_t n, h, w, c, kernel, stride, pad;
  int64_t out_h, out_w, units;
  int64_t line;            // floats of a padded row of the input
  int64_t height, strips;  // output rows of a task, tasks of an image

  explicit DensePlan(const pw_inference &d)
      : n(d.n),
        h(d.h),
        w(d.w),
        c(d.c_in),
        kernel(d.kernel),
        stride(d.stride),
        pad((d.kernel - 1) / 2),
        out_h(ceil_div(d.h, d.stride)),
        out_w(ceil_div(d.w, d.stride)),
        units(units_of(d.c_out)),
        line(most(w + pad, (out_w - 1) * stride + kernel) * c),
        height(most(1, 256 / out_w)),
        strips(ceil_div(out_h, height)) {}

  int64_t scratch() const { return round_up(kernel * line, kUnit); }
  int64_t cycles() const {
    return n * out_h * out_w * (kernel * kernel * c + 16) * units * kUnitVectors;
  }
};

// The rows of the input that a row of outputs sees, with their padding.
void fill_lines(const DensePlan &p, const float *image, int64_t row, float *lines) {
  for (int64_t k = 0; k < p.kernel; ++k) {
    const int64_t y = row * p.stride + k - p.pad;
    float *const line = lines + k * p.line;
    std::memset(line, 0, static_cast<size_t>(p.line) * sizeof(float));
    if (y < 0 || y >= p.h) continue;
    std::memcpy(line + p.pad * p.c, image + y * p.w * p.c,
                static_cast<size_t>(p.w * p.c) * sizeof(float));
  }
}

int64_t dense_workspace(int threads, const pw_inference &d) {
  return threads * static_cast<int64_t>(sizeof(float)) * DensePlan(d).scratch();
}

template <class T>
void dense_of(Pool &pool, const pw_inference &d, const float *x, const void *weights, T *y,
              void *workspace) {
  const DensePlan p(d);
  const Packed packed(weights, p.kernel * p.kernel * p.c);
  const Outputs<T> outputs{y, nullptr, d.c_out, d.activation};
  Team{&pool}.run(p.n * p.strips, p.cycles(), [&](int64_t task, int worker) {
    float *const lines = static_cast<float *>(workspace) + worker * p.scratch();
    const TileInputs<float> inputs{lines, p.stride * p.c, p.kernel, p.line, p.kernel * p.c};
    const int64_t n = task / p.strips, first = task % p.strips * p.height;
    for (int64_t row = first; row < least(p.out_h, first + p.height); ++row) {
      fill_lines(p, x + n * p.h * p.w * p.c, row, lines);
      for_panels(0, panels_of(p.units), p.units, [&](int64_t unit, int units) {
        for_tiles(p.out_w, [&](int64_t column, int columns) {
          outputs.tile(inputs.from(column), packed, unit, units,
                       (n * p.out_h + row) * p.out_w + column, columns);
        });
      });
    }
  });
}

void dense(Pool &pool, const pw_inference &d, const float *x, const void *weights, void *y,
           void *workspace) {
  dispatch_storage(d.storage, [&]<class T>(T *) {
    dense_of(pool, d, x, weights, static_cast<T *>(y), workspace);
  });
}

}  // namespace

void fill_inference(Kernels &k) {
  k.pack_size = pack_size;
  k.pack_weights = pack_weights;
  k.inference_dense_workspace = dense_workspace;
  k.inference_dense = dense;
  fill_inference_pointwise(k);
  fill_inference_block(k);
}

}  // namespace pw::PW_ISA
