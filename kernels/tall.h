// Products of a tall matrix of bf16, transformed as it is loaded, with weights: pointwise
// convolutions, and the gradients of their inputs where pass.h does not make them.
#pragma once

#include "tiles.h"

namespace pw {

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
inline int tile_columns(int64_t columns) {
  return ceil_div(columns, 32) == ceil_div(columns, 64) ? 32 : 64;
}
template <class Body>
void dispatch_columns(int columns, Body &&body) {
  if (columns == 32) return body(std::integral_constant<int, 32>());
  body(std::integral_constant<int, 64>());
}

template <bool kByDepth, class Source, class To>
void multiply_tall(Pool &pool, const TallPlan &p, const Source &source, Global<const bf16> weights,
                   const To &to) {
  dispatch_columns(tile_columns(p.columns), [&](auto constant) {
    constexpr int kColumns = constant();
    const TallMemory<WriterOf<To, kColumns>, kByDepth> memory(p, kColumns);
    launch(pool, {p.tiles.blocks() * ceil_div(p.columns, kColumns), kThreads, memory.bytes()},
           tall_product<kColumns, kByDepth, Source, To>, p, source, weights, to);
  });
}

}  // namespace pw
