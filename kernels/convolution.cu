// Pointwise and dense convolutions as products of gathered neighbourhoods with weights.
#include "fill.h"
#include "geometry.h"
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
template <class T>
struct GradientValue {
  static constexpr int kValues = 1;
  Gradient<T> dy;
  PW_GPU void operator()(int64_t i, float *values) const { values[0] = dy.at(i); }
};

ProductPlan filter_product(const pw_conv &d) {
  const Geometry g(d);
  return deep_product(d.c_out, d.c_in * g.taps(), output_shape(d).rows());
}

int64_t tiles_of(const Shape &out) { return ceil_div(out.rows(), kTile); }

int64_t workspace(int, const pw_conv &d, int32_t pass) {
  const Shape in = input_shape(d), out = output_shape(d);
  if (pass == PW_FORWARD) return moments_workspace(tiles_of(out), out.c);
  return most(most(deep_workspace(filter_product(d)), input_sums_workspace(in)),
              SumPlan{1, out.rows(), out.c}.workspace(1));
}

// Products are of type M: T for pointwise convolutions, whose operands may be rounded, else f32.
template <class T, class M>
void forward_of(Pool &pool, const pw_conv &d, const pw_view &x, const float *weight,
                const float *bias, void *y, float *stats, void *workspace) {
  const Geometry g(d);
  const Shape in = input_shape(d), out = output_shape(d);
  multiply<M>(pool, {out.rows(), out.c, g.taps() * in.c},
              Neighbourhood<T>{View<T>(x, in, d.transform), g}, ForwardFilter{Filter(d, g, weight)},
              PutOutput<T>{output<T>(y, out.elements()), input<float>(bias, out.c), out.c,
                           moment_parts(stats, workspace, tiles_of(out), out.c)});
  if (stats != nullptr) merge_moments(pool, workspace, tiles_of(out), out.c, stats);
}

template <class T, class M>
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
    multiply_deep<M>(
        pool, filter_product(d), GradientColumns<T>{gradient}, NeighbourColumns<T>{view, g},
        workspace,
        PutFilter{filter, output<float>(dweight, g.taps() * in.c * out.c), d.accumulate});
  }
  if (dbias != nullptr) {
    const SumPlan plan{1, out.rows(), out.c};
    sum_all(pool, plan, GradientValue<T>{gradient}, workspace,
            store_sums<1>(dbias, plan, 1, d.accumulate));
  }
  if (dx.dx == nullptr) return;
  multiply<M>(pool, {in.rows(), in.c, g.taps() * out.c}, GradientNeighbourhood<T>{gradient, g},
              BackwardFilter{filter}, PutInput<T>{InputGradient<T>(dx, view, in)});
  input_sums<T>(pool, view, dx, in, workspace);
}

void forward(Pool &pool, const pw_conv &d, const pw_view &x, const float *weight, const float *bias,
             void *y, float *stats, void *workspace) {
  dispatch_storage(d.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    const auto run = d.kernel == 1 ? forward_of<T, T> : forward_of<T, float>;
    run(pool, d, x, weight, bias, y, stats, workspace);
  });
}

void backward(Pool &pool, const pw_conv &d, const pw_view &x, const float *weight,
              const pw_gradient &dy, const pw_input_gradient &dx, float *dweight, float *dbias,
              void *workspace) {
  dispatch_storage(d.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    const auto run = d.kernel == 1 ? backward_of<T, T> : backward_of<T, float>;
    run(pool, d, x, weight, dy, dx, dweight, dbias, workspace);
  });
}

}  // namespace

void fill_convolution(Kernels &k) {
  k.pointwise_workspace = k.dense_workspace = workspace;
  k.pointwise_forward = k.dense_forward = forward;
  k.pointwise_backward = k.dense_backward = backward;
}

}  // namespace pw
