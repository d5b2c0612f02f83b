// Depthwise convolutions, 3 x 3 and 5 x 5, stride 1 and 2 and transposed.
#include "fill.h"
#include "geometry.h"
#include "moments.h"

namespace pw {
namespace {

constexpr int kMostTaps = 25;

constexpr int kLanes = 32;  // channels of a block
constexpr int kTurns = kThreads / kLanes;
constexpr int kSide = 8;  // rows and columns of results of a block
static_assert(kTurns == kSide);

// Results on one grid from values on another, whose pixels meet through the kernel. Gathering,
// result o meets value o stride + k - pad; scattering, which is its transpose, the value i with o =
// i stride + k - pad.
struct Stencil {
  int64_t n, c;
  int64_t h, w;          // of the values
  int64_t out_h, out_w;  // of the results
  int64_t stride, pad;
  bool scatter;
  int64_t region;  // rows and columns of values that a block's results meet, at most

  Stencil(const pw_conv &d, bool backward) : n(d.n), c(d.c_in), stride(d.stride) {
    const Geometry g(d);
    h = backward ? g.out_h : g.h;
    w = backward ? g.out_w : g.w;
    out_h = backward ? g.h : g.out_h;
    out_w = backward ? g.w : g.out_w;
    pad = g.pad;
    scatter = backward != g.transposed;
    region = scatter ? (kSide - 1 + g.kernel - 1) / stride + 1 : (kSide - 1) * stride + g.kernel;
  }

  PW_BOTH int64_t rows_of_tiles() const { return (out_h + kSide - 1) / kSide; }
  PW_BOTH int64_t columns_of_tiles() const { return (out_w + kSide - 1) / kSide; }
  PW_BOTH int64_t channel_blocks() const { return (c + kLanes - 1) / kLanes; }
  int64_t tiles() const { return n * rows_of_tiles() * columns_of_tiles(); }
  int64_t blocks() const { return tiles() * channel_blocks(); }
  int64_t shared_bytes() const {
    return region * region * kLanes * static_cast<int64_t>(sizeof(float));
  }

  // First row or column of the region of the results from o on.
  PW_GPU int64_t first(int64_t o, int64_t kernel) const {
    if (!scatter) return o * stride - pad;
    const int64_t i = o + pad - (kernel - 1);
    return i >= 0 ? (i + stride - 1) / stride : -(-i / stride);
  }
  // Row or column of the values that result o meets in row or column k of the kernel; none where
  // there is a remainder.
  PW_GPU int64_t met(int64_t o, int64_t k, int64_t &remainder) const {
    const int64_t i = scatter ? o + pad - k : o * stride + k - pad;
    remainder = scatter ? (i % stride + stride) % stride : 0;
    return scatter ? (i - remainder) / stride : i;
  }
};

// load(i) gives value i; put(i, sum) takes result i and answers with what it has stored.
template <int kKernel, class Load, class Put>
__global__ void run_stencil(Stencil s, Load load, Global<const float> weight, Put put) {
  const Shared<float> values(0, s.region * s.region * kLanes);
  const int lane = static_cast<int>(threadIdx.x) % kLanes;
  const int turn = static_cast<int>(threadIdx.x) / kLanes;
  int64_t block = blockIdx.x;
  const int64_t channel = block % s.channel_blocks() * kLanes + lane;
  block /= s.channel_blocks();
  const int64_t tile = block;
  const int64_t column0 = block % s.columns_of_tiles() * kSide;
  block /= s.columns_of_tiles();
  const int64_t row0 = block % s.rows_of_tiles() * kSide;
  const int64_t image = block / s.rows_of_tiles();
  const int64_t first_row = s.first(row0, kKernel), first_column = s.first(column0, kKernel);
  for (int64_t i = turn; i < s.region * s.region; i += kTurns) {
    const int64_t row = first_row + i / s.region, column = first_column + i % s.region;
    const bool inside = channel < s.c && row >= 0 && row < s.h && column >= 0 && column < s.w;
    values.set(i * kLanes + lane,
               inside ? load(((image * s.h + row) * s.w + column) * s.c + channel) : 0.0f);
  }
  __syncthreads();
  float taps[kKernel * kKernel];
  PW_UNROLL
  for (int k = 0; k < kKernel * kKernel; ++k) {
    taps[k] = channel < s.c ? weight[channel * kKernel * kKernel + k] : 0.0f;
  }
  // A thread makes a column of the tile.
  const int64_t column = column0 + turn;
  const bool mine = channel < s.c && column < s.out_w;
  float results[kSide];
  PW_UNROLL
  for (int i = 0; i < kSide; ++i) {
    const int64_t row = row0 + i;
    results[i] = 0;
    if (!mine || row >= s.out_h) continue;
    float sum = 0;
    PW_UNROLL
    for (int y = 0; y < kKernel; ++y) {
      int64_t rest_y;
      const int64_t from_y = s.met(row, y, rest_y) - first_row;
      if (rest_y != 0) continue;
      PW_UNROLL
      for (int x = 0; x < kKernel; ++x) {
        int64_t rest_x;
        const int64_t from_x = s.met(column, x, rest_x) - first_column;
        if (rest_x != 0) continue;
        sum += taps[y * kKernel + x] * values.get((from_y * s.region + from_x) * kLanes + lane);
      }
    }
    results[i] = put(((image * s.out_h + row) * s.out_w + column) * s.c + channel, sum);
  }
  if constexpr (requires { put.moments; }) {
    if (!put.moments.wanted()) return;
    const int64_t rows = least(kSide, s.out_h - row0);
    const auto columns_of_thread = [&](auto &&take) {
      take(lane, [&](auto &&f) {
        float total = 0;
        for (int i = 0; i < rows; ++i) total += mine ? f(results[i]) : 0.0f;
        return total;
      });
    };
    tile_moments(put.moments, 0, kTurns, kLanes, turn, tile, channel - lane,
                 rows * least(kSide, s.out_w - column0), columns_of_thread);
  }
}

template <class Load, class Put>
void stencil(Pool &pool, const pw_conv &d, bool backward, Load load, const float *weight, Put put) {
  const Stencil s(d, backward);
  const Grid grid{s.blocks(), kThreads, s.shared_bytes()};
  const Global<const float> taps = input<float>(weight, s.c * d.kernel * d.kernel);
  if (d.kernel == 3) {
    launch(pool, grid, run_stencil<3, Load, Put>, s, load, taps, put);
  } else {
    launch(pool, grid, run_stencil<5, Load, Put>, s, load, taps, put);
  }
}

template <class Source>
struct Load {
  Source source;  // a View or a Gradient
  PW_GPU float operator()(int64_t i) const { return source.at(i); }
};
template <class T>
struct PutOutput {
  Global<T> y;
  MomentParts moments;
  PW_GPU float operator()(int64_t i, float sum) const {
    y.set(i, sum);
    return y.at(i);
  }
};
template <class T>
struct PutInput {
  InputGradient<T> to;
  PW_GPU float operator()(int64_t i, float sum) const {
    to.put(i, sum);
    return sum;
  }
};

// What element i of the output adds to the gradient of each tap.
template <class T, int kTaps>
struct WeightTerms {
  static constexpr int kValues = kTaps;
  View<T> x;
  Gradient<T> dy;
  Geometry g;

  PW_GPU void operator()(int64_t i, float *values) const {
    const int64_t c = i % x.c, pixel = i / x.c;
    const float d = dy.at(i);
    for (int tap = 0; tap < kTaps; ++tap) {
      const int64_t from = g.source_pixel(pixel, tap);
      values[tap] = from < 0 ? 0.0f : d * x.at(from * x.c + c);
    }
  }
};
struct PutTaps {
  Global<float> dweight;
  int64_t taps;
  int32_t accumulate;
  PW_GPU void operator()(int64_t, int64_t tap, int64_t channel, double total) const {
    float &place = dweight[channel * taps + tap];
    place = static_cast<float>(total) + (accumulate != 0 ? place : 0.0f);
  }
};

int64_t workspace(int, const pw_conv &d, int32_t pass) {
  const Shape in = input_shape(d), out = output_shape(d);
  if (pass == PW_FORWARD) return moments_workspace(Stencil(d, false).tiles(), out.c);
  return most(input_sums_workspace(in), SumPlan{1, out.rows(), out.c}.workspace(kMostTaps));
}

template <class T>
void forward_of(Pool &pool, const pw_conv &d, const pw_view &x, const float *weight, void *y,
                float *stats, void *workspace) {
  const Shape in = input_shape(d), out = output_shape(d);
  const int64_t tiles = Stencil(d, false).tiles();
  stencil(pool, d, false, Load<View<T>>{View<T>(x, in, d.transform)}, weight,
          PutOutput<T>{output<T>(y, out.elements()), moment_parts(stats, workspace, tiles, out.c)});
  if (stats != nullptr) merge_moments(pool, workspace, tiles, out.c, stats);
}

template <class T>
void backward_of(Pool &pool, const pw_conv &d, const pw_view &x, const float *weight,
                 const pw_gradient &dy, const pw_input_gradient &dx, float *dweight,
                 void *workspace) {
  const Geometry g(d);
  const Shape in = input_shape(d), out = output_shape(d);
  const View<T> view(x, in, d.transform);
  const Gradient<T> gradient(dy, out, d.gradient);
  if (dweight != nullptr) {
    const SumPlan plan{1, out.rows(), out.c};
    const PutTaps put{output<float>(dweight, out.c * g.taps()), g.taps(), d.accumulate};
    if (d.kernel == 3) {
      sum_all(pool, plan, WeightTerms<T, 9>{view, gradient, g}, workspace, put);
    } else {
      sum_all(pool, plan, WeightTerms<T, kMostTaps>{view, gradient, g}, workspace, put);
    }
  }
  if (dx.dx == nullptr) return;
  stencil(pool, d, true, Load<Gradient<T>>{gradient}, weight,
          PutInput<T>{InputGradient<T>(dx, view, in)});
  input_sums<T>(pool, view, dx, in, workspace);
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
