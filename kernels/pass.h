// Gradients of a pointwise convolution's weights and, with the same tiles, of its input.
#pragma once

#include "tiles.h"

namespace pw {

constexpr int kPassRows = 64;
constexpr int kMostUnits = 11;  // 16 x 16 parts of the weights' gradient that a warp keeps
constexpr int64_t kPassBlocks = 512;
// Of the weights' gradient where it is made alone.
constexpr int kAloneColumns = 128, kAloneRows = 96;
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
    backward_pass(PassPlan p, BfGradient dy, View<bf16> x, Global<const bf16> weights,
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

template <int kColumns, int kUnits, bool kWithInput>
void launch_pass(Pool &pool, const PassPlan &p, const BfGradient &dy, const View<bf16> &x,
                 Global<const bf16> weights, const InputGradient<bf16> &dx, Global<float> sums,
                 Global<float> dweights) {
  launch(pool, {p.blocks(), kThreads, PassMemory<kColumns, kWithInput>(p).bytes},
         backward_pass<kColumns, kUnits, kWithInput>, p, dy, x, weights, dx, sums, dweights);
}

// The weights' gradient alone: [block of p.tiles][c_out][c_in] parts of it.
inline void weights_pass(Pool &pool, const PassPlan &p, const BfGradient &dy, const View<bf16> &x,
                         Global<float> dweights) {
  launch_pass<kAloneColumns, kAloneRows / 16, false>(pool, p, dy, x, {}, {}, {}, dweights);
}

// Both gradients.
inline void both_pass(Pool &pool, const PassPlan &p, const BfGradient &dy, const View<bf16> &x,
                      Global<const bf16> weights, const InputGradient<bf16> &dx, Global<float> sums,
                      Global<float> dweights) {
  const auto with_columns = [&](auto constant) {
    constexpr int kColumns = constant();
    const auto run = [&](auto units) {
      launch_pass<kColumns, units(), true>(pool, p, dy, x, weights, dx, sums, dweights);
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

}  // namespace pw
