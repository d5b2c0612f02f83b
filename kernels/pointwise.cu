// Pointwise convolutions of bf16 by tensor cores: activations and gradients are transformed once as
// they are loaded, statistics and sums are taken of the results while they are in shared memory.
// Other cases (f32, channels that no 16 bytes hold) are products of convolution.cu.
#include "convolution.h"
#include "fill.h"
#include "pass.h"
#include "tall.h"

namespace pw {
namespace {

// How the backward pass is done: both gradients in one pass, or each by a product of its own.
struct BackwardPlan {
  PassPlan both, weights;
  TallPlan tall;

  explicit BackwardPlan(const pw_conv &d)
      : both(images_of(d), pixels_of(d), d.c_in, d.c_out, both_columns(d),
             static_cast<int>(round_up(d.c_out, 16))),
        weights(1, input_shape(d).rows(), d.c_in, d.c_out, kAloneColumns,
                static_cast<int>(least(kAloneRows, round_up(d.c_out, 16)))),
        tall(images_of(d), pixels_of(d), d.c_out, d.c_in, tile_columns(d.c_in)) {}

  // Where a slice's part of the weights' gradient fits the registers of a block and there are few
  // slices, each of which loads the output's gradient again.
  bool together() const {
    constexpr int kMostSlices = 8;
    return both.units() <= kMostUnits && both.column_slices() <= kMostSlices;
  }
  int64_t sum_slots() const {
    return most(tall.tiles.slots(), together() ? both.tiles.slots() : 0);
  }
  int64_t weight_blocks() const {
    return most(weights.tiles.blocks(), together() ? both.tiles.blocks() : 0);
  }

 private:
  // Sums of each image are made of tiles that have rows of one.
  static int64_t images_of(const pw_conv &d) { return d.transform == PW_BN_SILU_GATE ? d.n : 1; }
  static int64_t pixels_of(const pw_conv &d) { return input_shape(d).rows() / images_of(d); }
  static int both_columns(const pw_conv &d) { return d.c_in <= 32 ? 32 : d.c_in <= 64 ? 64 : 128; }
};

struct ToBf16 {
  Global<const float> from;
  Global<bf16> to;
  PW_GPU void operator()(int64_t i) const { to[i] = to_bf16(from[i]); }
};

// No network has a gradient through gates and SiLU here: squeeze-excite follows depthwise
// convolutions.
bool by_tensor_cores(const pw_conv &d, int32_t pass) {
  return d.storage == PW_BF16 && d.c_in % kVector == 0 && d.c_out % kVector == 0 &&
         (pass == PW_FORWARD || d.gradient != PW_GRAD_BN_SILU_GATE);
}

int64_t weight_bytes(const pw_conv &d) {
  return round_up(static_cast<int64_t>(d.c_in) * d.c_out * static_cast<int64_t>(sizeof(bf16)), 256);
}
Global<const bf16> rounded_weights(Pool &pool, const pw_conv &d, const float *weight,
                                   void *workspace) {
  const int64_t count = static_cast<int64_t>(d.c_in) * d.c_out;
  each(pool, count, ToBf16{input<float>(weight, count), output<bf16>(workspace, count)});
  return input<bf16>(workspace, count);
}

TallPlan forward_plan(const pw_conv &d) {
  return {1, input_shape(d).rows(), d.c_in, d.c_out, tile_columns(d.c_out)};
}

// Rounded weights, then partial sums of the input's gradient, then partial gradients of weights.
struct BackwardSpace {
  int64_t sums_at, weights_at, bytes;

  explicit BackwardSpace(const pw_conv &d) {
    const BackwardPlan plan(d);
    const auto floats = [](int64_t count) {
      return round_up(count * static_cast<int64_t>(sizeof(float)), 256);
    };
    sums_at = weight_bytes(d);
    weights_at = sums_at + floats(plan.sum_slots() * kMostSums * d.c_in);
    bytes = weights_at + floats(plan.weight_blocks() * d.c_in * d.c_out);
  }
};

int64_t workspace(int processors, const pw_conv &d, int32_t pass) {
  if (!by_tensor_cores(d, pass)) return convolution_workspace(processors, d, pass);
  if (pass == PW_FORWARD) {
    return weight_bytes(d) + moments_workspace(forward_plan(d).tiles.blocks(), d.c_out);
  }
  return most(BackwardSpace(d).bytes, convolution_workspace(processors, d, pass));
}

void forward(Pool &pool, const pw_conv &d, const pw_view &x, const float *weight, const float *bias,
             void *y, float *stats, void *workspace) {
  if (!by_tensor_cores(d, PW_FORWARD)) {
    return convolution_forward(pool, d, x, weight, bias, y, stats, workspace);
  }
  const Shape in = input_shape(d), out = output_shape(d);
  const TallPlan plan = forward_plan(d);
  void *const parts = static_cast<char *>(workspace) + weight_bytes(d);
  const int64_t blocks = plan.tiles.blocks();
  multiply_tall<false>(pool, plan, View<bf16>(x, in, d.transform),
                       rounded_weights(pool, d, weight, workspace),
                       Forward{output<bf16>(y, out.elements()), input<float>(bias, out.c), out.c,
                               moment_parts(stats, parts, blocks, out.c)});
  if (stats != nullptr) merge_moments(pool, parts, blocks, out.c, stats);
}

void backward(Pool &pool, const pw_conv &d, const pw_view &x, const float *weight,
              const pw_gradient &dy, const pw_input_gradient &dx, float *dweight, float *dbias,
              void *workspace) {
  if (!by_tensor_cores(d, PW_BACKWARD)) {
    return convolution_backward(pool, d, x, weight, dy, dx, dweight, dbias, workspace);
  }
  if (dbias != nullptr) {
    convolution_backward(pool, d, x, weight, dy, {}, nullptr, dbias, workspace);
  }
  const Shape in = input_shape(d), out = output_shape(d);
  const View<bf16> view(x, in, d.transform);
  const BfGradient gradient(Gradient<bf16>(dy, out, d.gradient));
  const InputGradient<bf16> to(dx, view, in);
  const BackwardPlan plan(d);
  const BackwardSpace space(d);
  char *const base = static_cast<char *>(workspace);
  const int64_t count = in.c * out.c;
  const Global<float> sums =
      output<float>(base + space.sums_at, plan.sum_slots() * kMostSums * in.c);
  const Global<float> dweights =
      output<float>(base + space.weights_at, plan.weight_blocks() * count);
  const bool together = plan.together() && dx.dx != nullptr && dweight != nullptr;
  Global<const bf16> weights;
  if (dx.dx != nullptr) weights = rounded_weights(pool, d, weight, workspace);
  if (together) {
    both_pass(pool, plan.both, gradient, view, weights, to, sums, dweights);
  } else if (dweight != nullptr) {
    // Before the input's gradient: the addend may lie where dx goes, and dy too.
    weights_pass(pool, plan.weights, gradient, view, dweights);
  }
  if (dweight != nullptr) {
    const int64_t blocks = (together ? plan.both : plan.weights).tiles.blocks();
    sum_parts(pool, 1, blocks, count, EvenParts{blocks}, base + space.weights_at,
              PutVector{output<float>(dweight, count), d.accumulate});
  }
  if (dx.dx == nullptr) return;
  if (!together) {
    multiply_tall<true>(pool, plan.tall, gradient, weights, Backward{to, sums});
  }
  if (input_sums_of(d.transform) == 0) return;
  const RowTiles &tiles = together ? plan.both.tiles : plan.tall.tiles;
  sum_parts(pool, tiles.images, tiles.slots(), kMostSums * in.c, ImageSlots{tiles},
            base + space.sums_at, store_input_sums(dx, d.transform, in));
}

}  // namespace

void fill_pointwise(Kernels &k) {
  k.pointwise_workspace = workspace;
  k.pointwise_forward = forward;
  k.pointwise_backward = backward;
}

}  // namespace pw
