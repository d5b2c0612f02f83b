// Depthwise convolutions, 3 x 3 and 5 x 5, stride 1 and 2 and transposed.
#include "fill.h"
#include "inputs.h"
#include "moments.h"
#include "strips.h"

namespace pw {
namespace {

// The multiplier of a stencil's tap in PyTorch's weights. The gradient of a plain convolution's
// input is one with the kernel turned round.
template <int kKernel>
PW_BOTH constexpr int weight_of(int y, int x, bool turned) {
  const int tap = y * kKernel + x;
  return turned ? kKernel * kKernel - 1 - tap : tap;
}

// ---- forward ----

template <class T, class S>
__global__ void __launch_bounds__(kMostWarps * 32, 2)
    depthwise_forward(Strips s, View<T> x, Global<const float> weight, Global<T> y,
                      MomentParts parts) {
  constexpr int kKernel = S::kKernelSize, kTaps = kKernel * kKernel;
  Place place(s);
  const bool mine = place.channel < s.c;
  float taps[kTaps];
  PW_UNROLL
  for (int k = 0; k < kTaps; ++k) taps[k] = mine ? weight[place.channel * kTaps + k] : 0.0f;
  Moments moments[1];
  const Global<const T> sources[1] = {x.data};
  for (int64_t strip = s.first(place.block); strip < s.end(place.block); ++strip) {
    place.begin(s, strip);
    typename View<T>::Channel channel;
    if (mine) channel = x.along(place.image, place.channel);
    const Feed<T, 1, S> feed(s, place, sources);
    feed.run([&](const float(&raw)[1], int64_t) { return channel.value(raw[0]); }, [](int64_t) {},
             [&](int64_t step) {
               float sum[S::kStepRows][kWarpColumns] = {};
               feed.template meet<S::kStepRows>(step, [&](int r, int c, int ky, int kx, float v) {
                 sum[r][c] += taps[weight_of<kKernel>(ky, kx, false)] * v;
               });
               place.each_result(s, step, S::kStepRows, [&](int r, int c, int64_t at) {
                 y.set(at, sum[r][c]);
                 moments[0].add(y.at(at));
               });
             });
  }
  if (!parts.wanted()) return;
  __syncthreads();
  leave_moments(parts, 0, s.warps, kLanes, place.warp, place.lane, place.block, place.channel0,
                moments);
}

// ---- backward: gradients of input and weights in one pass over the output's gradient ----

// What a block leaves, all optional: the weights' gradient [block][taps][c], the sums of the
// input's [block][kMostSums][c].
struct BackwardParts {
  Global<float> weights, sums;
};

// Adds up a value of every lane over the warps of a block.
template <int kValues>
PW_GPU void leave_lanes(const Place &place, const Strips &s, const float (&values)[kValues],
                        const Global<float> &to) {
  const Shared<float> all(0, s.warps * kValues * kLanes);
  __syncthreads();
  PW_UNROLL
  for (int k = 0; k < kValues; ++k) {
    all.set((place.warp * kValues + k) * kLanes + place.lane, values[k]);
  }
  __syncthreads();
  if (place.channel >= s.c) return;
  for (int k = place.warp; k < kValues; k += s.warps) {
    float total = 0;
    for (int w = 0; w < s.warps; ++w) total += all.get((w * kValues + k) * kLanes + place.lane);
    to[(place.block * kValues + k) * s.c + place.channel] = total;
  }
}

template <class T, class S, bool kTurned>
__global__ void __launch_bounds__(kMostWarps * 32, 2)
    depthwise_backward(Strips s, Gradient<T> dy, Global<const float> weight, InputGradient<T> dx,
                       BackwardParts parts) {
  constexpr int kKernel = S::kKernelSize, kTaps = kKernel * kKernel, kRows = S::kStepRows;
  Place place(s);
  const bool mine = place.channel < s.c;
  float taps[kTaps], dweight[kTaps] = {}, sums[kMostSums] = {};
  PW_UNROLL
  for (int k = 0; k < kTaps; ++k) taps[k] = mine ? weight[place.channel * kTaps + k] : 0.0f;
  const Global<const T> sources[2] = {dy.dy, dy.y};
  for (int64_t strip = s.first(place.block); strip < s.end(place.block); ++strip) {
    place.begin(s, strip);
    typename Gradient<T>::Channel gradient;
    typename View<T>::Channel channel;
    if (mine) {
      gradient = dy.along(place.image, place.channel);
      channel = dx.x.along(place.image, place.channel);
    }
    float raw[kRows][kWarpColumns];
    const Feed<T, 2, S> feed(s, place, sources);
    feed.run([&](const float(&of)[2],
                 int64_t row) { return gradient.value(of[0], of[1], dy.sites.at(row)); },
             [&](int64_t step) {
               place.each_result(s, step, kRows,
                                 [&](int r, int c, int64_t at) { raw[r][c] = dx.x.data.at(at); });
             },
             [&](int64_t step) {
               float sum[kRows][kWarpColumns] = {}, value[kRows][kWarpColumns] = {};
               place.each_result(s, step, kRows, [&](int r, int c, int64_t) {
                 value[r][c] = channel.value(raw[r][c]);
               });
               feed.template meet<kRows>(step, [&](int r, int c, int ky, int kx, float v) {
                 const int tap = weight_of<kKernel>(ky, kx, kTurned);
                 sum[r][c] += taps[tap] * v;
                 dweight[tap] += value[r][c] * v;
               });
               if (dx.dx.data() == nullptr) return;
               place.each_result(s, step, kRows, [&](int r, int c, int64_t at) {
                 float g = sum[r][c];
                 if (dx.addend != nullptr) g += dx.addend.at(at);
                 const float z = channel.z(raw[r][c]);
                 dx.dx.set(at, dx.x.kind == PW_BN_SILU ? g * silu_slope(z) : g);
                 add_input_sums(dx.x.kind, z, channel.xhat(raw[r][c]), dx.dx.at(at), sums);
               });
             });
  }
  if (parts.weights != nullptr) leave_lanes(place, s, dweight, parts.weights);
  if (parts.sums != nullptr) leave_lanes(place, s, sums, parts.sums);
}

struct PutTaps {
  Global<float> dweight;
  int64_t channels, taps;
  int32_t accumulate;
  PW_GPU void operator()(int64_t, int64_t column, double total) const {
    float &place = dweight[column % channels * taps + column / channels];
    place = static_cast<float>(total) + (accumulate != 0 ? place : 0.0f);
  }
};

// ---- the family's functions ----

// Calls body with the stencil, as a type, that makes results of `d` from values.
template <class Body>
void dispatch_stencil(int32_t kernel, Mode mode, Body &&body) {
  const auto of = [&](auto size) {
    constexpr int kKernel = size();
    switch (mode) {
      case Mode::kPlain:
        return body(Stencil<kKernel, Mode::kPlain>());
      case Mode::kStrided:
        return body(Stencil<kKernel, Mode::kStrided>());
      case Mode::kScattered:
        return body(Stencil<kKernel, Mode::kScattered>());
    }
  };
  if (kernel == 3) {
    of(std::integral_constant<int, 3>());
  } else {
    of(std::integral_constant<int, 5>());
  }
}

Mode forward_mode(const pw_conv &d) {
  if (d.transposed != 0) return Mode::kScattered;
  return d.stride == 2 ? Mode::kStrided : Mode::kPlain;
}
Mode backward_mode(const pw_conv &d) {
  if (d.transposed != 0) return Mode::kStrided;
  return d.stride == 2 ? Mode::kScattered : Mode::kPlain;
}

Strips forward_strips(const pw_conv &d) {
  const Geometry g(d);
  return {d.n, d.c_in, g.h, g.w, g.out_h, g.out_w, forward_mode(d), kStripBlocks};
}
// Where sums are of each image, no block takes two.
Strips backward_strips(const pw_conv &d) {
  const Geometry g(d);
  return {d.n, d.c_in, g.out_h,          g.out_w,
          g.h, g.w,    backward_mode(d), d.transform == PW_BN_SILU_GATE ? INT64_MAX : kStripBlocks};
}

// Bytes of what backward blocks leave: of weights, then of sums.
struct BackwardSpace {
  int64_t weights, sums;
  BackwardSpace(const pw_conv &d, const Strips &s) {
    const int64_t cells = s.runs() * s.c * static_cast<int64_t>(sizeof(float));
    weights = round_up(cells * d.kernel * d.kernel, 256);
    sums = round_up(cells * kMostSums, 256);
  }
};

int64_t workspace(int, const pw_conv &d, int32_t pass) {
  if (pass == PW_FORWARD) return moments_workspace(forward_strips(d).runs(), d.c_in);
  const BackwardSpace space(d, backward_strips(d));
  return space.weights + space.sums;
}

template <class T>
void forward_of(Pool &pool, const pw_conv &d, const pw_view &x, const float *weight, void *y,
                float *stats, void *workspace) {
  const Shape in = input_shape(d), out = output_shape(d);
  const Strips s = forward_strips(d);
  const View<T> view(x, in, d.transform);
  const Global<const float> taps = input<float>(weight, out.c * d.kernel * d.kernel);
  const MomentParts parts = moment_parts(stats, workspace, s.runs(), out.c);
  dispatch_stencil(d.kernel, forward_mode(d), [&](auto stencil) {
    using S = decltype(stencil);
    const int64_t bytes = most(RowsHeld<T, 1, S>(s).bytes(), 3 * s.warps * kLanes * 4);
    launch(pool, {s.blocks(), s.threads(), bytes}, depthwise_forward<T, S>, s, view, taps,
           output<T>(y, out.elements()), parts);
  });
  if (stats != nullptr) merge_moments(pool, workspace, s.runs(), out.c, stats);
}

template <class T>
void backward_of(Pool &pool, const pw_conv &d, const pw_view &x, const float *weight,
                 const pw_gradient &dy, const pw_input_gradient &dx, float *dweight,
                 void *workspace) {
  const Shape in = input_shape(d), out = output_shape(d);
  const Strips s = backward_strips(d);
  const BackwardSpace space(d, s);
  const View<T> view(x, in, d.transform);
  const Gradient<T> gradient(dy, out, d.gradient);
  const int64_t tap_count = static_cast<int64_t>(d.kernel) * d.kernel, cells = s.runs() * s.c;
  const Global<const float> taps = input<float>(weight, out.c * tap_count);
  const bool with_sums = dx.dx != nullptr && input_sums_of(d.transform) > 0;
  float *const weight_parts = static_cast<float *>(workspace);
  float *const sum_parts_at = weight_parts + space.weights / 4;
  const BackwardParts parts{
      output<float>(dweight != nullptr ? weight_parts : nullptr, cells * tap_count),
      output<float>(with_sums ? sum_parts_at : nullptr, cells * kMostSums)};
  dispatch_stencil(d.kernel, backward_mode(d), [&](auto stencil) {
    using S = decltype(stencil);
    const int64_t left = s.warps * most(tap_count, kMostSums) * kLanes * 4;
    const int64_t bytes = most(RowsHeld<T, 2, S>(s).bytes(), left);
    launch(pool, {s.blocks(), s.threads(), bytes},
           depthwise_backward<T, S, S::kMode == Mode::kPlain>, s, gradient, taps,
           InputGradient<T>(dx, view, in), parts);
  });
  if (dweight != nullptr) {
    sum_parts(pool, 1, s.runs(), tap_count * s.c, EvenParts{s.runs()}, weight_parts,
              PutTaps{output<float>(dweight, out.c * tap_count), s.c, tap_count, d.accumulate});
  }
  if (with_sums) {
    const StoreInputSums store = store_input_sums(dx, d.transform, in);
    sum_parts(pool, store.segments, s.runs(), kMostSums * s.c, EvenParts{s.runs() / store.segments},
              sum_parts_at, store);
  }
}

void forward(Pool &pool, const pw_conv &d, const pw_view &x, const float *weight, void *y,
             float *stats, void *workspace) {
  dispatch_storage(d.storage, [&](auto *type) {
    forward_of<std::remove_pointer_t<decltype(type)>>(pool, d, x, weight, y, stats, workspace);
  });
}

void backward(Pool &pool, const pw_conv &d, const pw_view &x, const float *weight,
              const pw_gradient &dy, const pw_input_gradient &dx, float *dweight, void *workspace) {
  dispatch_storage(d.storage, [&](auto *type) {
    backward_of<std::remove_pointer_t<decltype(type)>>(pool, d, x, weight, dy, dx, dweight,
                                                       workspace);
  });
}

}  // namespace

void fill_depthwise(Kernels &k) {
  k.depthwise_workspace = workspace;
  k.depthwise_forward = forward;
  k.depthwise_backward = backward;
}

}  // namespace pw
