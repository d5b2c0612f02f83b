// What the tensor-core kernels of pointwise convolutions share: tiles of rows, their loading, and
// what becomes of results.
#pragma once

#include "inputs.h"
#include "mma.h"
#include "moments.h"

namespace pw {

constexpr int kVector = 8;  // channels of 16 bytes

// Tiles of `rows` rows, of which none reaches from one image into the next; blocks take runs of
// them. All of it fits 32 bits, whose divisions are several times faster.
struct RowTiles {
  int images, pixels, rows;
  int per_block = 1;

  RowTiles(int64_t images, int64_t pixels, int64_t rows, int64_t blocks)
      : images(static_cast<int>(images)),
        pixels(static_cast<int>(pixels)),
        rows(static_cast<int>(rows)) {
    per_block = static_cast<int>(ceil_div(count(), most(1, least(blocks, count()))));
  }

  PW_BOTH int per_image() const { return (pixels + rows - 1) / rows; }
  PW_BOTH int count() const { return images * per_image(); }
  PW_BOTH int blocks() const { return (count() + per_block - 1) / per_block; }
  PW_BOTH int end(int block) const {
    return static_cast<int>(least(count(), static_cast<int64_t>(block + 1) * per_block));
  }
  PW_BOTH int image(int tile) const { return tile / per_image(); }
  PW_BOTH int first_row(int tile) const { return image(tile) * pixels + tile % per_image() * rows; }
  PW_BOTH int rows_of(int tile) const {
    return static_cast<int>(least(rows, pixels - tile % per_image() * rows));
  }
  // Where block and image leave partial results: increasing with both, so that no two meet.
  PW_BOTH int slot(int block, int image) const { return block + image; }
  int64_t slots() const { return static_cast<int64_t>(blocks()) + images - 1; }
};

// The slots of an image.
struct ImageSlots {
  RowTiles tiles;
  PW_GPU int64_t first(int64_t image) const {
    return image * tiles.per_image() / tiles.per_block + image;
  }
  PW_GPU int64_t end(int64_t image) const {
    return ((image + 1) * tiles.per_image() - 1) / tiles.per_block + image + 1;
  }
};

PW_GPU Pack<bf16, kVector> packed(const float (&v)[kVector]) {
  Pack<bf16, kVector> pack;
  PW_UNROLL
  for (int k = 0; k < kVector; ++k) pack.v[k] = to_bf16(v[k]);
  return pack;
}
PW_GPU Pack<bf16, kVector> zeros() {
  const float none[kVector] = {};
  return packed(none);
}

using BfGradient = NormGradient<bf16>;

// A tile of a matrix that `source` (a View or a BfGradient) loads into shared memory. What lies
// outside of the matrix, or of the image's rows, is zero.
struct Window {
  int rows;  // inside
  int channel0;
  int channels;  // of the whole matrix
  int groups;    // vectors of a row of the tile

  // The vector of a thread's rows, and its rows: turn, turn + turns, ... None where turn is
  // negative.
  PW_GPU int group() const { return static_cast<int>(threadIdx.x) % groups; }
  PW_GPU int turns() const { return kThreads / groups; }
  PW_GPU int turn() const {
    const int t = static_cast<int>(threadIdx.x) / groups;
    return t < turns() ? t : -1;
  }
  PW_GPU int channel() const { return channel0 + group() * kVector; }
  PW_GPU bool inside(int row) const { return row < rows && channel() < channels; }
};

// Loads of a thread: vectors of kCount of its rows.
template <class Source, int kCount>
struct Fetched {
  typename Source::template Raw<kVector> raw[kCount] = {};

  // From row `row` of the tile on, with which `source` begins.
  PW_GPU void fetch(const Source &source, const Window &w, int row) {
    PW_UNROLL
    for (int i = 0; i < kCount; ++i, row += w.turns()) {
      if (w.inside(row)) raw[i] = source.template fetch<kVector>(row, w.channel());
    }
  }
  // To a tile of `rows` rows.
  PW_GPU void store(const Source &source, const Window &w, int row, int rows,
                    const Shared<bf16> &tile, int pitch) const {
    PW_UNROLL
    for (int i = 0; i < kCount; ++i, row += w.turns()) {
      if (row >= rows) continue;
      Pack<bf16, kVector> pack = zeros();
      if (w.inside(row)) {
        float values[kVector];
        source.template finish<kVector>(raw[i], row, w.channel(), values);
        pack = packed(values);
      }
      keep_order();
      tile.store<kVector>(row * pitch + w.group() * kVector, pack);
    }
  }
};

// Copies a part of weights [rows][columns], rows and columns that lie outside are zero.
PW_GPU void copy_weights(const Global<const bf16> &weights, int rows, int columns, int row0,
                         int column0, int tile_rows, int tile_columns, const Shared<bf16> &tile,
                         int pitch) {
  const int groups = tile_columns / kVector;
  PW_ROLLED
  for (int v = static_cast<int>(threadIdx.x); v < tile_rows * groups; v += kThreads) {
    const int row = v / groups, column = v % groups * kVector;
    if (row0 + row < rows && column0 + column < columns) {
      tile.copy_async(row * pitch + column, weights, (row0 + row) * columns + column0 + column);
    } else {
      tile.store<kVector>(row * pitch + column, zeros());
    }
  }
}

// A thread's pair of neighbouring columns of a tile of kColumns, and its rows of it.
template <int kColumns>
struct ColumnPair {
  static constexpr int kPairs = kColumns / 2, kTurns = kThreads / kPairs;

  PW_GPU static int column() { return static_cast<int>(threadIdx.x) % kPairs * 2; }
  PW_GPU static int turn() { return static_cast<int>(threadIdx.x) / kPairs; }
  static_assert(kThreads % kPairs == 0);
};

// Writes a tile of the gradient of a convolution's input and adds up what goes with it.
template <int kColumns>
class InputWriter {
 public:
  using Pair = ColumnPair<kColumns>;
  static constexpr int kPitch = kColumns + 4;  // of the tile of results, f32

  PW_GPU InputWriter(const InputGradient<bf16> &to, int column0)
      : to_(to), channel_(column0 + Pair::column()) {
    clear();
  }

  // results [rows][kPitch] belong to the rows from row0 on.
  PW_GPU void write(const Shared<float> &results, int row0, int rows) {
    if (channel_ >= to_.x.c) return;
    const View<bf16> &x = to_.x;
    const int64_t base = static_cast<int64_t>(row0) * x.c + channel_;
    const Global<const bf16> inputs = x.data.from(base);
    const Global<bf16> dx = to_.dx.from(base);
    const int pitch = static_cast<int>(x.c);
    // Not kept from tile to tile: registers are few.
    Norm<2> norm{};
    if (input_sums_of(x.kind) > 0) norm = Norm<2>(x.bn, channel_, x.c);
    PW_ROLLED
    for (int row = Pair::turn(); row < rows; row += Pair::kTurns) {
      const int at = row * pitch;
      Pack<float, 2> g = results.load<2>(row * kPitch + Pair::column());
      if (to_.addend != nullptr) {
        const Pack<bf16, 2> more = to_.addend.template load<2>(base + at);
        for (int k = 0; k < 2; ++k) g.v[k] += to_float(more.v[k]);
      }
      Pack<bf16, 2> raw{};
      if (input_sums_of(x.kind) > 0) raw = inputs.template load<2>(at);
      Pack<bf16, 2> stored;
      PW_UNROLL
      for (int k = 0; k < 2; ++k) {
        const float v = to_float(raw.v[k]), z = norm.z(k, v);
        stored.v[k] = to_bf16(x.kind == PW_BN_SILU ? g.v[k] * silu_slope(z) : g.v[k]);
        add_input_sums(x.kind, z, norm.xhat(k, v), to_float(stored.v[k]), sums_[k]);
      }
      dx.template store<2>(at, stored);
    }
  }

  // Leaves the sums as row `slot` of parts [slot][kMostSums][channels] and begins anew. All threads
  // call it, while shared memory from `offset` on, sum_bytes(), is free.
  PW_GPU void leave_sums(const Global<float> &parts, int64_t offset, int slot) {
    if (input_sums_of(to_.x.kind) == 0) return;
    const Shared<float> all(offset, kMostSums * kColumns * Pair::kTurns);
    PW_UNROLL
    for (int k = 0; k < 2; ++k) {
      PW_UNROLL
      for (int q = 0; q < kMostSums; ++q) {
        all.set((Pair::turn() * kMostSums + q) * kColumns + Pair::column() + k, sums_[k][q]);
      }
    }
    __syncthreads();
    const int column0 = channel_ - Pair::column();
    for (int i = static_cast<int>(threadIdx.x); i < kMostSums * kColumns; i += kThreads) {
      const int channel = column0 + i % kColumns;
      if (channel >= to_.x.c) continue;
      float total = 0;
      for (int t = 0; t < Pair::kTurns; ++t) total += all.get(t * kMostSums * kColumns + i);
      parts[(static_cast<int64_t>(slot) * kMostSums + i / kColumns) * to_.x.c + channel] = total;
    }
    __syncthreads();
    clear();
  }
  PW_BOTH static constexpr int64_t sum_bytes() {
    return kMostSums * kColumns * Pair::kTurns * static_cast<int64_t>(sizeof(float));
  }

 private:
  PW_GPU void clear() {
    for (auto &of_column : sums_) {
      for (float &sum : of_column) sum = 0;
    }
  }

  InputGradient<bf16> to_;
  int channel_;
  float sums_[2][kMostSums];
};

}  // namespace pw
