// Pointwise convolutions of bf16 by tensor cores: activations and gradients are transformed once as
// they are loaded, statistics and sums are taken of the results while they are in shared memory.
// Other cases (f32, channels that no 16 bytes hold) are products of convolution.cu.
#include "convolution.h"
#include "fill.h"
#include "tiles.h"

namespace pw {
namespace {

// ---- a tall matrix times weights: the convolution, and its input's gradient ----

constexpr int kRows = 128;  // of a tile
constexpr int64_t kTallBlocks = 2048;
constexpr int kDeepest = 32;  // depth of a step, at most

struct TallPlan {
  RowTiles tiles;
  int depth, columns;

  TallPlan(int64_t images, int64_t pixels, int depth, int columns, int tile_columns)
      : tiles(images, pixels, kRows, kTallBlocks / ceil_div(columns, tile_columns)),
        depth(depth),
        columns(columns) {}

  PW_BOTH int step() const { return depth <= 16 ? 16 : kDeepest; }
  PW_BOTH int steps() const { return (depth + step() - 1) / step(); }
};

// Where a block's matrices lie in shared memory.
template <class Out, bool kByDepth>
struct TallMemory {
  int pitch, weight_pitch;
  int64_t left_bytes, weight_bytes;

  PW_BOTH TallMemory(const TallPlan &p, int columns)
      : pitch(matrix_pitch(p.step())), weight_pitch(kByDepth ? matrix_pitch(columns) : pitch) {
    const int64_t stages = 2 * kRows * pitch * static_cast<int64_t>(sizeof(bf16));
    const int64_t results = kRows * Out::kPitch * static_cast<int64_t>(sizeof(typename Out::Value));
    left_bytes = most(most(stages, results), Out::end_bytes());
    weight_bytes =
        (kByDepth ? p.step() : columns) * weight_pitch * static_cast<int64_t>(sizeof(bf16));
  }
  int64_t bytes() const { return left_bytes + 2 * weight_bytes; }
};

// The convolution's output, with the moments of its channels.
struct Forward {
  Global<bf16> y;
  Global<const float> bias;
  int64_t c;
  MomentParts moments;
};
template <int kColumns>
class ForwardWriter {
 public:
  using Value = bf16;
  using Pair = ColumnPair<kColumns>;
  static constexpr int kPitch = kColumns + kVector;
  PW_BOTH static constexpr int64_t end_bytes() {
    return 3 * Pair::kTurns * kColumns * static_cast<int64_t>(sizeof(float));
  }

  PW_GPU ForwardWriter(const Forward &to, int column0) : to_(to), column0_(column0) {}

  PW_GPU Pack<bf16, 2> value(int column, float first, float second) const {
    const int at = column0_ + column;
    if (to_.bias != nullptr && at < to_.c) {
      first += to_.bias[at];
      second += to_.bias[at + 1];
    }
    return {{to_bf16(first), to_bf16(second)}};
  }
  PW_GPU void write(const Shared<bf16> &results, int row0, int rows) {
    constexpr int kGroups = kColumns / kVector;
    const Global<bf16> y = to_.y.from(static_cast<int64_t>(row0) * to_.c + column0_);
    const int pitch = static_cast<int>(to_.c);
    for (int v = static_cast<int>(threadIdx.x); v < rows * kGroups; v += kThreads) {
      const int row = v / kGroups, column = v % kGroups * kVector;
      if (column0_ + column >= to_.c) continue;
      y.template store<kVector>(row * pitch + column, results.load<kVector>(row * kPitch + column));
    }
    if (!to_.moments.wanted()) return;
    PW_ROLLED
    for (int row = Pair::turn(); row < rows; row += Pair::kTurns) {
      const Pack<bf16, 2> pack = results.load<2>(row * kPitch + Pair::column());
      PW_UNROLL
      for (int k = 0; k < 2; ++k) moments_[k].add(to_float(pack.v[k]));
    }
  }
  PW_GPU void end_of_tile(const RowTiles &, int block, int, bool last) {
    if (!last || !to_.moments.wanted()) return;
    leave_moments(to_.moments, 0, Pair::kTurns, kColumns, Pair::turn(), Pair::column(), block,
                  column0_, moments_);
  }

 private:
  Forward to_;
  int column0_;
  Moments moments_[2];
};

// The input's gradient, with its sums.
struct Backward {
  InputGradient<bf16> to;
  Global<float> parts;
};
template <int kColumns>
class BackwardWriter {
 public:
  using Value = float;
  using Writer = InputWriter<kColumns>;
  static constexpr int kPitch = Writer::kPitch;
  PW_BOTH static constexpr int64_t end_bytes() { return Writer::sum_bytes(); }

  PW_GPU BackwardWriter(const Backward &to, int column0)
      : parts_(to.parts), writer_(to.to, column0) {}
  PW_GPU Pack<float, 2> value(int, float first, float second) const { return {{first, second}}; }
  PW_GPU void write(const Shared<float> &results, int row0, int rows) {
    writer_.write(results, row0, rows);
  }
  PW_GPU void end_of_tile(const RowTiles &tiles, int block, int tile, bool last) {
    const int image = tiles.image(tile);
    if (last || tiles.image(tile + 1) != image) {
      writer_.leave_sums(parts_, 0, tiles.slot(block, image));
    }
  }

 private:
  Global<float> parts_;
  Writer writer_;
};

template <class To, int kColumns>
using WriterOf = std::conditional_t<std::is_same_v<To, Forward>, ForwardWriter<kColumns>,
                                    BackwardWriter<kColumns>>;

// kByDepth: the weights lie as [depth][columns] instead of [columns][depth].
template <int kColumns, bool kByDepth, class Source, class To>
__global__ void __launch_bounds__(kThreads, 2)
    tall_product(TallPlan p, Source source, Global<const bf16> weights, To to) {
  using Out = WriterOf<To, kColumns>;
  constexpr int kWarpColumns = kColumns / 2, kRight = kWarpColumns / 16;
  const TallMemory<Out, kByDepth> memory(p, kColumns);
  const int step = p.step(), groups = step / kVector;
  const int thread = static_cast<int>(threadIdx.x), warp = thread / 32, lane = thread % 32;
  const int warp_row = warp / 2 * 32, warp_column = warp % 2 * kWarpColumns;
  const int column_tiles = (p.columns + kColumns - 1) / kColumns;
  const int column0 = static_cast<int>(blockIdx.x) % column_tiles * kColumns;
  const int block = static_cast<int>(blockIdx.x) / column_tiles;
  const int steps = p.steps(), end = p.tiles.end(block);
  Out out(to, column0);

  const auto left = [&](int s) {
    return Shared<bf16>(s % 2 * kRows * memory.pitch * sizeof(bf16), kRows * memory.pitch);
  };
  const auto right = [&](int turn) {
    return Shared<bf16>(memory.left_bytes + turn * memory.weight_bytes,
                        memory.weight_bytes / sizeof(bf16));
  };
  const auto window = [&](int tile, int s) {
    return Window{p.tiles.rows_of(tile), s * step, p.depth, groups};
  };
  const auto begin_weights = [&](int s, int turn) {
    if constexpr (kByDepth) {
      copy_weights(weights, p.depth, p.columns, s * step, column0, step, kColumns, right(turn),
                   memory.weight_pitch);
    } else {
      copy_weights(weights, p.columns, p.depth, column0, s * step, kColumns, step, right(turn),
                   memory.weight_pitch);
    }
    copies_commit();
  };

  Fetched<Source, kRows * kDeepest / kVector / kThreads> fetched;
  int tile = block * p.tiles.per_block;
  int turn = 0;
  begin_weights(0, turn);
  fetched.fetch(source.moved(p.tiles.first_row(tile)), window(tile, 0), thread / groups);
  for (; tile < end; ++tile) {
    float sum[2][2 * kRight][4] = {};
    for (int s = 0; s < steps; ++s) {
      fetched.store(source.moved(p.tiles.first_row(tile)), window(tile, s), thread / groups, kRows,
                    left(s), memory.pitch);
      copies_wait<0>();
      __syncthreads();
      const bool last = s + 1 == steps;
      const int next_tile = last ? tile + 1 : tile, next = last ? 0 : s + 1;
      if (next_tile < end) {
        fetched.fetch(source.moved(p.tiles.first_row(next_tile)), window(next_tile, next),
                      thread / groups);
        if (steps > 1) begin_weights(next, turn ^ 1);
      }
      const int depth = static_cast<int>(least(step, p.depth - s * step));
      const Shared<bf16> a = left(s), b = right(turn);
      PW_ROLLED
      for (int k = 0; k < depth; k += kMmaDepth) {
        uint32_t rows[2][4];
        PW_UNROLL
        for (int i = 0; i < 2; ++i) {
          load_left<false>(rows[i], a, memory.pitch, warp_row + i * kMmaRows, k);
        }
        PW_UNROLL
        for (int j = 0; j < kRight; ++j) {
          uint32_t columns[2][2];
          load_right<kByDepth>(columns, b, memory.weight_pitch, k, warp_column + j * 16);
          PW_UNROLL
          for (int i = 0; i < 2; ++i) {
            mma(sum[i][2 * j], rows[i], columns[0]);
            mma(sum[i][2 * j + 1], rows[i], columns[1]);
          }
        }
      }
      if (steps > 1) turn ^= 1;
    }
    // Results lie where the left factor was.
    __syncthreads();
    const Shared<typename Out::Value> results(0, kRows * Out::kPitch);
    PW_UNROLL
    for (int i = 0; i < 2; ++i) {
      PW_UNROLL
      for (int j = 0; j < 2 * kRight; ++j) {
        PW_UNROLL
        for (int half = 0; half < 2; ++half) {
          const int row = warp_row + i * kMmaRows + lane / 4 + half * 8;
          const int column = warp_column + j * kMmaColumns + lane % 4 * 2;
          results.template store<2>(
              row * Out::kPitch + column,
              out.value(column, sum[i][j][2 * half], sum[i][j][2 * half + 1]));
        }
      }
    }
    __syncthreads();
    out.write(results, p.tiles.first_row(tile), p.tiles.rows_of(tile));
    __syncthreads();
    out.end_of_tile(p.tiles, block, tile, tile + 1 == end);
  }
}

// Columns of a tile: few tiles, of few columns that are none.
int tile_columns(int64_t columns) {
  return ceil_div(columns, 32) == ceil_div(columns, 64) ? 32 : 64;
}
template <class Body>
void dispatch_columns(int columns, Body &&body) {
  if (columns == 32) return body(std::integral_constant<int, 32>());
  body(std::integral_constant<int, 64>());
}

template <bool kByDepth, class Source, class To>
void multiply_tall(Pool &pool, const TallPlan &p, int columns, const Source &source,
                   Global<const bf16> weights, const To &to) {
  dispatch_columns(columns, [&](auto constant) {
    constexpr int kColumns = constant();
    const TallMemory<WriterOf<To, kColumns>, kByDepth> memory(p, kColumns);
    launch(pool, {p.tiles.blocks() * ceil_div(p.columns, kColumns), kThreads, memory.bytes()},
           tall_product<kColumns, kByDepth, Source, To>, p, source, weights, to);
  });
}

// ---- gradients of input and weights in one pass ----

constexpr int kPassRows = 64;
constexpr int kMostSlices = 8;
constexpr int kMostUnits = 11;  // 16 x 16 parts of the weights' gradient that a warp keeps
constexpr int64_t kPassBlocks = 512;
constexpr int kWarps = kThreads / 32;

// Blocks take slices of the input's channels, and where the input's gradient is not wanted slices
// of the output's too.
struct PassPlan {
  RowTiles tiles;
  int c_in, c_out;
  int columns;  // input channels of a slice
  int rows;     // output channels of one, a multiple of 16

  PassPlan(int64_t images, int64_t pixels, int c_in, int c_out, int columns, int rows)
      : tiles(images, pixels, kPassRows,
              kPassBlocks / (ceil_div(c_in, columns) * ceil_div(c_out, rows))),
        c_in(c_in),
        c_out(c_out),
        columns(columns),
        rows(rows) {}

  PW_BOTH int column_slices() const { return (c_in + columns - 1) / columns; }
  PW_BOTH int row_slices() const { return (c_out + rows - 1) / rows; }
  // A warp keeps every (kWarps / (columns / 16))th of the 16 x 16 parts of its 16 columns.
  int units() const { return static_cast<int>(ceil_div(rows / 16, kWarps / (columns / 16))); }
  int64_t blocks() const {
    return static_cast<int64_t>(tiles.blocks()) * column_slices() * row_slices();
  }
};

template <int kColumns, bool kWithInput>
struct PassMemory {
  static constexpr int kPitch = matrix_pitch(kColumns);
  int gradient_pitch;
  int64_t input_at, weights_at, bytes;

  PW_BOTH explicit PassMemory(const PassPlan &p) : gradient_pitch(matrix_pitch(p.rows)) {
    using Writer = InputWriter<kColumns>;
    constexpr auto kSize = static_cast<int64_t>(sizeof(bf16));
    int64_t gradient = kPassRows * gradient_pitch * kSize;
    if (kWithInput) {
      gradient = most(gradient, kPassRows * Writer::kPitch * static_cast<int64_t>(sizeof(float)));
      gradient = most(gradient, Writer::sum_bytes());
    }
    input_at = gradient;
    weights_at = input_at + kPassRows * kPitch * kSize;
    bytes = weights_at + (kWithInput ? p.rows * kPitch * kSize : 0);
  }
};

// A tile, kAtOnce vectors of a thread loaded before the first is used.
template <int kAtOnce, class Source>
PW_GPU void load_tile(const Source &source, const Window &w, const Shared<bf16> &tile, int pitch) {
  if (w.turn() < 0) return;
  PW_ROLLED
  for (int row = w.turn(); row < kPassRows; row += kAtOnce * w.turns()) {
    Fetched<Source, kAtOnce> fetched;
    fetched.fetch(source, w, row);
    fetched.store(source, w, row, kPassRows, tile, pitch);
  }
}

template <int kColumns, int kUnits, bool kWithInput>
__global__ void __launch_bounds__(kThreads, kUnits <= (kColumns < 128 ? 3 : 2) ? 2 : 1)
    backward_pass(PassPlan p, NormGradient dy, View<bf16> x, Global<const bf16> weights,
                  InputGradient<bf16> dx, Global<float> sum_parts, Global<float> weight_parts) {
  using Writer = InputWriter<kColumns>;
  using Memory = PassMemory<kColumns, kWithInput>;
  constexpr int kRight = kColumns / 16, kPitch = Memory::kPitch, kUnitStep = kWarps / kRight;
  const Memory memory(p);
  const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
  const int column_slices = p.column_slices(), row_slices = p.row_slices();
  const int slice = static_cast<int>(blockIdx.x) / column_slices;
  const int column0 = static_cast<int>(blockIdx.x) % column_slices * kColumns;
  const int row0 = slice % row_slices * p.rows, block = slice / row_slices;
  const int end = p.tiles.end(block), rows = p.rows;
  const Shared<bf16> gradient(0, kPassRows * memory.gradient_pitch);
  const Shared<bf16> inputs(memory.input_at, kPassRows * kPitch);
  const Shared<bf16> filter(memory.weights_at, kWithInput ? rows * kPitch : 0);
  Writer writer(dx, column0);
  // Of the weights' gradient a warp has 16 columns, and every kUnitStep-th 16 rows.
  float dweight[kUnits][2][4] = {};
  const int unit_row = warp / kRight * 16, unit_column = warp % kRight * 16;
  if constexpr (kWithInput) {
    copy_weights(weights, p.c_out, p.c_in, row0, column0, rows, kColumns, filter, kPitch);
    copies_commit();
    copies_wait<0>();
  }
  for (int tile = block * p.tiles.per_block; tile < end; ++tile) {
    const int first = p.tiles.first_row(tile), inside = p.tiles.rows_of(tile);
    load_tile<1>(dy.moved(first), {inside, row0, p.c_out, rows / kVector}, gradient,
                 memory.gradient_pitch);
    load_tile<kUnits <= 2 ? 2 : 1>(x.moved(first), {inside, column0, p.c_in, kColumns / kVector},
                                   inputs, kPitch);
    __syncthreads();
    PW_UNROLL
    for (int k = 0; k < kPassRows; k += kMmaDepth) {
      uint32_t b[2][2];
      load_right<true>(b, inputs, kPitch, k, unit_column);
      PW_UNROLL
      for (int u = 0; u < kUnits; ++u) {
        const int row = unit_row + u * kUnitStep * 16;
        if (row >= rows) continue;
        uint32_t a[4];
        load_left<true>(a, gradient, memory.gradient_pitch, row, k);
        mma(dweight[u][0], a, b[0]);
        mma(dweight[u][1], a, b[1]);
      }
    }
    if constexpr (kWithInput) {
      // A warp has 16 rows and half of the columns.
      constexpr int kHalf = kRight / 2;
      const int warp_row = warp / 2 * 16, warp_column = warp % 2 * (kColumns / 2);
      float sum[2 * kHalf][4] = {};
      PW_ROLLED
      for (int k = 0; k < rows; k += kMmaDepth) {
        uint32_t a[4];
        load_left<false>(a, gradient, memory.gradient_pitch, warp_row, k);
        PW_UNROLL
        for (int j = 0; j < kHalf; ++j) {
          uint32_t b[2][2];
          load_right<true>(b, filter, kPitch, k, warp_column + j * 16);
          mma(sum[2 * j], a, b[0]);
          mma(sum[2 * j + 1], a, b[1]);
        }
      }
      // Results lie where the gradient was.
      __syncthreads();
      const Shared<float> results(0, kPassRows * Writer::kPitch);
      PW_UNROLL
      for (int j = 0; j < 2 * kHalf; ++j) {
        PW_UNROLL
        for (int half = 0; half < 2; ++half) {
          results.store<2>((warp_row + lane / 4 + half * 8) * Writer::kPitch + warp_column +
                               j * kMmaColumns + lane % 4 * 2,
                           {{sum[j][2 * half], sum[j][2 * half + 1]}});
        }
      }
      __syncthreads();
      writer.write(results, first, inside);
      __syncthreads();
      const int image = p.tiles.image(tile);
      if (tile + 1 == end || p.tiles.image(tile + 1) != image) {
        writer.leave_sums(sum_parts, 0, p.tiles.slot(block, image));
      }
    } else {
      __syncthreads();
    }
  }
  const Global<float> parts = weight_parts.from(static_cast<int64_t>(block) * p.c_out * p.c_in);
  PW_UNROLL
  for (int u = 0; u < kUnits; ++u) {
    PW_UNROLL
    for (int i = 0; i < 8; ++i) {
      const int of_slice = unit_row + u * kUnitStep * 16 + lane / 4 + i % 4 / 2 * 8;
      const int row = row0 + of_slice;
      const int column = column0 + unit_column + i / 4 * 8 + lane % 4 * 2 + i % 2;
      if (of_slice < rows && row < p.c_out && column < p.c_in) {
        parts[row * p.c_in + column] = dweight[u][i / 4][i % 4];
      }
    }
  }
}

// How many images' sums a gradient's tiles must keep apart.
int64_t images_of(int32_t transform, const Shape &in) {
  return transform == PW_BN_SILU_GATE ? in.n : 1;
}

// How the backward pass is done: in one pass, or the input's gradient by a product of its own.
struct BackwardPlan {
  bool together;
  PassPlan pass;
  TallPlan tall;
  int tall_columns;

  // Together while a slice's part of the weights' gradient fits the registers of a block and there
  // are few slices, each of which loads the output's gradient again.
  static PassPlan pass_of(const pw_conv &d, bool &together) {
    const Shape in = input_shape(d);
    const int64_t images = images_of(d.transform, in);
    const int rows = static_cast<int>(round_up(d.c_out, 16));
    int columns = 32;
    while (columns < 128 && columns < d.c_in) columns *= 2;
    const PassPlan plan(images, in.rows() / images, d.c_in, d.c_out, columns, rows);
    together = plan.units() <= kMostUnits && plan.column_slices() <= kMostSlices;
    if (together) return plan;
    return {1, in.rows(), d.c_in, d.c_out, 128, static_cast<int>(least(96, rows))};
  }

  explicit BackwardPlan(const pw_conv &d)
      : together(false),
        pass(pass_of(d, together)),
        tall(images_of(d.transform, input_shape(d)),
             input_shape(d).rows() / images_of(d.transform, input_shape(d)), d.c_out, d.c_in,
             tile_columns(d.c_in)),
        tall_columns(tile_columns(d.c_in)) {}

  int64_t sum_slots() const { return most(together ? pass.tiles.slots() : 0, tall.tiles.slots()); }
};

// ---- the families' functions ----

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
    bytes = weights_at + floats(plan.pass.tiles.blocks() * d.c_in * d.c_out);
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
  multiply_tall<false>(pool, plan, tile_columns(d.c_out), View<bf16>(x, in, d.transform),
                       rounded_weights(pool, d, weight, workspace),
                       Forward{output<bf16>(y, out.elements()), input<float>(bias, out.c), out.c,
                               moment_parts(stats, parts, blocks, out.c)});
  if (stats != nullptr) merge_moments(pool, parts, blocks, out.c, stats);
}

template <bool kWithInput>
void run_pass(Pool &pool, const PassPlan &p, const NormGradient &dy, const View<bf16> &x,
              Global<const bf16> weights, const InputGradient<bf16> &dx, Global<float> sums,
              Global<float> dweights) {
  const auto with_columns = [&](auto constant) {
    constexpr int kColumns = constant();
    const Grid grid{p.blocks(), kThreads, PassMemory<kColumns, kWithInput>(p).bytes};
    const auto run = [&](auto units) {
      launch(pool, grid, backward_pass<kColumns, units(), kWithInput>, p, dy, x, weights, dx, sums,
             dweights);
    };
    if (p.units() <= 2) return run(std::integral_constant<int, 2>());
    if (p.units() <= 3) return run(std::integral_constant<int, 3>());
    if (p.units() <= 4) return run(std::integral_constant<int, 4>());
    if (p.units() <= 7) return run(std::integral_constant<int, 7>());
    run(std::integral_constant<int, kMostUnits>());
  };
  if (p.columns == 32) return with_columns(std::integral_constant<int, 32>());
  if (p.columns == 64) return with_columns(std::integral_constant<int, 64>());
  with_columns(std::integral_constant<int, 128>());
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
  const NormGradient gradient(Gradient<bf16>(dy, out, d.gradient));
  const BackwardPlan plan(d);
  const BackwardSpace space(d);
  char *const base = static_cast<char *>(workspace);
  const InputGradient<bf16> to(dx, view, in);
  const int64_t count = in.c * out.c;
  const int64_t blocks = plan.pass.tiles.blocks();
  const Global<float> sums =
      output<float>(base + space.sums_at, plan.sum_slots() * kMostSums * in.c);
  const Global<float> dweights = output<float>(base + space.weights_at, blocks * count);
  Global<const bf16> weights;
  if (dx.dx != nullptr) weights = rounded_weights(pool, d, weight, workspace);
  // The addend may lie where dx goes, and x and dy are read by both products.
  const bool together = plan.together && dx.dx != nullptr && dweight != nullptr;
  if (together) {
    run_pass<true>(pool, plan.pass, gradient, view, weights, to, sums, dweights);
  } else if (dweight != nullptr) {
    run_pass<false>(pool, plan.pass, gradient, view, weights, to, sums, dweights);
  }
  if (dweight != nullptr) {
    sum_parts(pool, 1, blocks, count, EvenParts{blocks}, base + space.weights_at,
              PutVector{output<float>(dweight, count), d.accumulate});
  }
  if (dx.dx == nullptr) return;
  const RowTiles &tiles = together ? plan.pass.tiles : plan.tall.tiles;
  if (!together) {
    multiply_tall<true>(pool, plan.tall, plan.tall_columns, gradient, weights, Backward{to, sums});
  }
  if (input_sums_of(d.transform) == 0) return;
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
