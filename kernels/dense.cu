// Dense 3 x 3 convolutions of stride 2 between an image of few channels and a map of half its side:
// the stem, and transposed the heads. Other dense convolutions are products of convolution.cu.
#include "convolution.h"
#include "fill.h"
#include "image_map.h"

namespace pw {
namespace {

int image_channels(const pw_conv &d) { return d.transposed != 0 ? d.c_out : d.c_in; }
int map_channels(const pw_conv &d) { return d.transposed != 0 ? d.c_in : d.c_out; }

// The image must be as it is, and even. The image's own gradient nobody needs.
bool between_image_and_map(const pw_conv &d, int32_t pass) {
  const int channels = image_channels(d), of_map = map_channels(d);
  if (d.kernel != 3 || d.stride != 2 || (channels != 3 && channels != 5)) return false;
  if (of_map % 8 != 0 || of_map > kMostMapChannels) return false;
  if (d.transposed != 0) {
    const bool sums = d.transform == PW_NONE || d.transform == PW_BN_SILU;
    return pass == PW_FORWARD || (d.gradient == PW_GRAD_PLAIN && sums);
  }
  return d.h % 2 == 0 && d.w % 2 == 0 && d.transform == PW_NONE &&
         (pass == PW_FORWARD || d.gradient != PW_GRAD_BN_SILU_GATE);
}

MapTiles tiles_of(const pw_conv &d) {
  const Geometry g(d);
  return d.transposed != 0 ? MapTiles(d.n, d.h, d.w, d.c_in)
                           : MapTiles(d.n, g.out_h, g.out_w, d.c_out);
}

template <class Body>
void dispatch_channels(const pw_conv &d, Body &&body) {
  if (image_channels(d) == 3) {
    body(std::integral_constant<int, 3>());
  } else {
    body(std::integral_constant<int, 5>());
  }
}

int64_t weight_count(const pw_conv &d) { return static_cast<int64_t>(d.c_in) * d.c_out * kTaps; }
// Partial gradients of weights, then partial sums of the input's gradient.
int64_t weight_parts_bytes(const pw_conv &d, const MapTiles &t) {
  return round_up(OuterPlan(t, image_channels(d)).parts(t) * weight_count(d) * 4, 256);
}
int64_t sum_parts_bytes(const pw_conv &d, const MapTiles &t) {
  return round_up(static_cast<int64_t>(t.blocks()) * kMostSums * d.c_in * 4, 256);
}

int64_t workspace(int processors, const pw_conv &d, int32_t pass) {
  const int64_t otherwise = convolution_workspace(processors, d, pass);
  if (!between_image_and_map(d, pass)) return otherwise;
  const MapTiles t = tiles_of(d);
  if (pass == PW_FORWARD) return most(otherwise, moments_workspace(t.blocks(), d.c_out));
  return most(otherwise, weight_parts_bytes(d, t) + sum_parts_bytes(d, t));
}

template <class T, int kChannels, class Map>
void to_map(Pool &pool, const MapTiles &t, const void *image, const float *weight, const Map &map) {
  const int64_t count = 4 * static_cast<int64_t>(t.n) * t.h * t.w * kChannels;
  launch(pool, {t.blocks(), kThreads, to_map_bytes<kChannels, Map>(t)},
         image_to_map<kChannels, T, Map>, t, input<T>(image, count),
         input<float>(weight, static_cast<int64_t>(t.channels) * kTaps * kChannels), map);
}

template <class T, int kChannels>
void forward_of(Pool &pool, const pw_conv &d, const pw_view &x, const float *weight,
                const float *bias, void *y, float *stats, void *workspace) {
  const MapTiles t = tiles_of(d);
  const Shape in = input_shape(d), out = output_shape(d);
  const Global<const float> biases = input<float>(bias, out.c);
  const Global<T> to = output<T>(y, out.elements());
  if (d.transposed == 0) {
    const MomentParts parts = moment_parts(stats, workspace, t.blocks(), out.c);
    to_map<T, kChannels>(pool, t, x.data, weight, OutputMap<T>{to, biases, parts});
    if (stats != nullptr) merge_moments(pool, workspace, t.blocks(), out.c, stats);
    return;
  }
  launch(pool, {t.blocks(), kThreads, to_image_bytes<kChannels>(t)}, map_to_image<kChannels, T>, t,
         View<T>(x, in, d.transform), input<float>(weight, weight_count(d)), biases, to);
}

template <class T, int kChannels, class Source>
void weights_of(Pool &pool, const pw_conv &d, const Source &map, const void *image, float *dweight,
                void *workspace) {
  const MapTiles t = tiles_of(d);
  const int64_t parts = OuterPlan(t, kChannels).parts(t), count = weight_count(d);
  launch(pool, {t.blocks(), kThreads, outer_bytes<kChannels>(t)},
         outer_products<kChannels, T, Source>, t, map,
         input<T>(image, 4 * static_cast<int64_t>(t.n) * t.h * t.w * kChannels),
         output<float>(workspace, parts * count));
  sum_parts(pool, 1, parts, count, EvenParts{parts}, workspace,
            PutVector{output<float>(dweight, count), d.accumulate});
}

template <class T, int kChannels>
void backward_of(Pool &pool, const pw_conv &d, const pw_view &x, const float *weight,
                 const pw_gradient &dy, const pw_input_gradient &dx, float *dweight,
                 void *workspace) {
  const MapTiles t = tiles_of(d);
  const Shape in = input_shape(d), out = output_shape(d);
  const View<T> view(x, in, d.transform);
  if (dweight != nullptr && d.transposed != 0) {
    weights_of<T, kChannels>(pool, d, view, dy.dy, dweight, workspace);
  } else if (dweight != nullptr) {
    const NormGradient<T> gradient(Gradient<T>(dy, out, d.gradient));
    weights_of<T, kChannels>(pool, d, gradient, x.data, dweight, workspace);
  }
  if (dx.dx == nullptr) return;
  void *const sums = static_cast<char *>(workspace) + weight_parts_bytes(d, t);
  const int64_t columns = kMostSums * in.c;
  to_map<T, kChannels>(
      pool, t, dy.dy, weight,
      GradientMap<T>{InputGradient<T>(dx, view, in), output<float>(sums, t.blocks() * columns)});
  if (input_sums_of(d.transform) == 0) return;
  sum_parts(pool, 1, t.blocks(), columns, EvenParts{t.blocks()}, sums,
            store_input_sums(dx, d.transform, in));
}

void forward(Pool &pool, const pw_conv &d, const pw_view &x, const float *weight, const float *bias,
             void *y, float *stats, void *workspace) {
  // Nobody wants the statistics of an image.
  if (!between_image_and_map(d, PW_FORWARD) || (d.transposed != 0 && stats != nullptr)) {
    return convolution_forward(pool, d, x, weight, bias, y, stats, workspace);
  }
  dispatch_storage(d.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    dispatch_channels(d, [&](auto channels) {
      forward_of<T, channels()>(pool, d, x, weight, bias, y, stats, workspace);
    });
  });
}

void backward(Pool &pool, const pw_conv &d, const pw_view &x, const float *weight,
              const pw_gradient &dy, const pw_input_gradient &dx, float *dweight, float *dbias,
              void *workspace) {
  const bool image_wanted = d.transposed == 0 && dx.dx != nullptr;
  if (!between_image_and_map(d, PW_BACKWARD) || image_wanted) {
    return convolution_backward(pool, d, x, weight, dy, dx, dweight, dbias, workspace);
  }
  if (dbias != nullptr) {
    convolution_backward(pool, d, x, weight, dy, {}, nullptr, dbias, workspace);
  }
  dispatch_storage(d.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    dispatch_channels(d, [&](auto channels) {
      backward_of<T, channels()>(pool, d, x, weight, dy, dx, dweight, workspace);
    });
  });
}

}  // namespace

void fill_dense(Kernels &k) {
  k.dense_workspace = workspace;
  k.dense_forward = forward;
  k.dense_backward = backward;
}

}  // namespace pw
