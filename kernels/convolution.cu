#include "convolution.h"
#include "inputs.h"
#include "product.h"

namespace pw {
namespace {

// Weights [c_out][c_in][taps], transposed ones [c_in][c_out][taps].
struct Filter {
  Global<const float> data;
  int64_t c_in, c_out, taps;
  bool transposed;

  Filter(const pw_conv &d, const Geometry &g, const float *weight)
      : data(input<float>(weight, g.taps() * d.c_in * d.c_out)),
        c_in(d.c_in),
        c_out(d.c_out),
        taps(g.taps()),
        transposed(g.transposed) {}

  PW_GPU int64_t index(int64_t out, int64_t in, int64_t tap) const {
    return (transposed ? in * c_out + out : out * c_in + in) * taps + tap;
  }
};

// Depth runs over taps, then input channels.
template <class T>
struct Neighbourhood {
  static constexpr bool kAlongDepth = true;
  View<T> x;
  Geometry g;

  PW_GPU float operator()(int64_t row, int64_t k) const {
    const int64_t pixel = g.source_pixel(row, k / x.c);
    return pixel < 0 ? 0.0f : x.at(pixel * x.c + k % x.c);
  }
};
struct ForwardFilter {
  static constexpr bool kAlongDepth = true;
  Filter w;
  PW_GPU float operator()(int64_t k, int64_t column) const {
    return w.data[w.index(column, k % w.c_in, k / w.c_in)];
  }
};
template <class T>
struct PutOutput {
  Global<T> y;
  Global<const float> bias;
  int64_t c;
  MomentParts moments;

  PW_GPU float operator()(int64_t row, int64_t column, float sum, int64_t) const {
    T &place = y[row * c + column];
    put(place, bias != nullptr ? sum + bias[column] : sum);
    return to_float(place);
  }
};

// Depth runs over taps, then output channels.
template <class T>
struct GradientNeighbourhood {
  static constexpr bool kAlongDepth = true;
  Gradient<T> dy;
  Geometry g;

  PW_GPU float operator()(int64_t row, int64_t k) const {
    const int64_t pixel = g.target_pixel(row, k / dy.c);
    return pixel < 0 ? 0.0f : dy.at(pixel * dy.c + k % dy.c);
  }
};
struct BackwardFilter {
  static constexpr bool kAlongDepth = false;
  Filter w;
  PW_GPU float operator()(int64_t k, int64_t column) const {
    return w.data[w.index(k % w.c_out, column, k / w.c_out)];
  }
};
template <class T>
struct PutInput {
  InputGradient<T> to;
  PW_GPU void operator()(int64_t row, int64_t column, float sum, int64_t) const {
    to.put(row * to.x.c + column, sum);
  }
};

// The weights' gradient: rows are output channels, columns input channels and taps, the depth runs
// over the pixels of the output.
template <class T>
struct GradientColumns {
  static constexpr bool kAlongDepth = false;
  Gradient<T> dy;
  PW_GPU float operator()(int64_t row, int64_t k) const { return dy.at(k * dy.c + row); }
};
template <class T>
struct NeighbourColumns {
  static constexpr bool kAlongDepth = false;
  View<T> x;
  Geometry g;
  PW_GPU float operator()(int64_t k, int64_t column) const {
    const int64_t pixel = g.source_pixel(k, column % g.taps());
    return pixel < 0 ? 0.0f : x.at(pixel * x.c + column / g.taps());
  }
};
struct PutFilter {
  Filter w;
  Global<float> dweight;
  int32_t accumulate;
  PW_GPU void operator()(int64_t row, int64_t column, float sum) const {
    float &place = dweight[w.index(row, column / w.taps, column % w.taps)];
    place = accumulate != 0 ? place + sum : sum;
  }
};
// What the biases' gradient adds up.
template <class T>
struct GradientValue {
  static constexpr int kValues = 1, kWidth = 1;
  struct Constants {};
  Gradient<T> dy;
  PW_GPU Constants constants(int64_t, int64_t) const { return {}; }
  PW_GPU void operator()(const Constants &, int64_t row, int64_t channel, float *values) const {
    values[0] = dy.at(row * dy.c + channel);
  }
};

ProductPlan filter_product(const pw_conv &d) {
  const Geometry g(d);
  return deep_product(d.c_out, d.c_in * g.taps(), output_shape(d).rows());
}

int64_t tiles_of(const Shape &out) { return ceil_div(out.rows(), kTile); }

// A factor of a pointwise product of bf16, rounded as the tensor cores have it, so that results do
// not depend on whether the channels fit their vectors.
template <class Factor>
struct Rounded {
  static constexpr bool kAlongDepth = Factor::kAlongDepth;
  Factor factor;
  PW_GPU float operator()(int64_t row, int64_t column) const {
    return to_float(to_bf16(factor(row, column)));
  }
};
// call(wrap), wrap(factor) being what is multiplied.
template <class T, class Call>
void with_factors_of(const pw_conv &d, Call &&call) {
  if (sizeof(T) == sizeof(bf16) && d.kernel == 1) {
    call([](auto factor) { return Rounded<decltype(factor)>{factor}; });
  } else {
    call([](auto factor) { return factor; });
  }
}

template <class T>
void forward_of(Pool &pool, const pw_conv &d, const pw_view &x, const float *weight,
                const float *bias, void *y, float *stats, void *workspace) {
  const Geometry g(d);
  const Shape in = input_shape(d), out = output_shape(d);
  const PutOutput<T> put{output<T>(y, out.elements()), input<float>(bias, out.c), out.c,
                         moment_parts(stats, workspace, tiles_of(out), out.c)};
  with_factors_of<T>(d, [&](auto of) {
    multiply(pool, {out.rows(), out.c, g.taps() * in.c},
             of(Neighbourhood<T>{View<T>(x, in, d.transform), g}),
             of(ForwardFilter{Filter(d, g, weight)}), put);
  });
  if (stats != nullptr) merge_moments(pool, workspace, tiles_of(out), out.c, stats);
}

template <class T>
void backward_of(Pool &pool, const pw_conv &d, const pw_view &x, const float *weight,
                 const pw_gradient &dy, const pw_input_gradient &dx, float *dweight, float *dbias,
                 void *workspace) {
  const Geometry g(d);
  const Shape in = input_shape(d), out = output_shape(d);
  const View<T> view(x, in, d.transform);
  const Gradient<T> gradient(dy, out, d.gradient);
  const Filter filter(d, g, weight);
  // The addend may lie where dx goes, and x is read by both products.
  if (dweight != nullptr) {
    const PutFilter put{filter, output<float>(dweight, g.taps() * in.c * out.c), d.accumulate};
    with_factors_of<T>(d, [&](auto of) {
      multiply_deep(pool, filter_product(d), of(GradientColumns<T>{gradient}),
                    of(NeighbourColumns<T>{view, g}), workspace, put);
    });
  }
  if (dbias != nullptr) {
    sum_all(pool, SumPlan{1, out.rows(), out.c}, GradientValue<T>{gradient}, workspace,
            PutVector{output<float>(dbias, out.c), d.accumulate});
  }
  if (dx.dx == nullptr) return;
  with_factors_of<T>(d, [&](auto of) {
    multiply(pool, {in.rows(), in.c, g.taps() * out.c}, of(GradientNeighbourhood<T>{gradient, g}),
             of(BackwardFilter{filter}), PutInput<T>{InputGradient<T>(dx, view, in)});
  });
  input_sums<T>(pool, view, dx, in, workspace);
}

}  // namespace

int64_t convolution_workspace(int, const pw_conv &d, int32_t pass) {
  const Shape in = input_shape(d), out = output_shape(d);
  if (pass == PW_FORWARD) return moments_workspace(tiles_of(out), out.c);
  return most(most(deep_workspace(filter_product(d)),
                   input_sums_plan(d.transform, in).workspace(kMostSums)),
              SumPlan{1, out.rows(), out.c}.workspace(1));
}

void convolution_forward(Pool &pool, const pw_conv &d, const pw_view &x, const float *weight,
                         const float *bias, void *y, float *stats, void *workspace) {
  dispatch_storage(d.storage, [&](auto *type) {
    forward_of<std::remove_pointer_t<decltype(type)>>(pool, d, x, weight, bias, y, stats,
                                                      workspace);
  });
}

void convolution_backward(Pool &pool, const pw_conv &d, const pw_view &x, const float *weight,
                          const pw_gradient &dy, const pw_input_gradient &dx, float *dweight,
                          float *dbias, void *workspace) {
  dispatch_storage(d.storage, [&](auto *type) {
    backward_of<std::remove_pointer_t<decltype(type)>>(pool, d, x, weight, dy, dx, dweight, dbias,
                                                       workspace);
  });
}

}  // namespace pw
