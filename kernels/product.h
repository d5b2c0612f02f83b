// Matrix products C [m][n] = A [m][depth] B [depth][n] in tiles, whose factors are whatever two
// functors load: transformed tensors, gathered neighbourhoods, weights in their own order.
#pragma once

#include "mma.h"
#include "moments.h"
#include "reduce.h"

namespace pw {

constexpr int kTile = 64;       // rows and columns of a block
constexpr int kTileDepth = 16;  // of a step
constexpr int kThreadTile = 4;  // rows and columns of a thread
constexpr int kTilePitch = kTile + 1;

struct ProductPlan {
  int64_t m, n, depth;
  int64_t splits = 1;  // of the depth; each is a product of its own

  PW_BOTH int64_t rows_of_tiles() const { return (m + kTile - 1) / kTile; }
  PW_BOTH int64_t columns_of_tiles() const { return (n + kTile - 1) / kTile; }
  PW_BOTH int64_t split_depth() const { return (depth + splits - 1) / splits; }
  int64_t blocks() const { return rows_of_tiles() * columns_of_tiles() * splits; }
};

// Gives a result to c; one that has moments answers with what it has stored.
template <class C>
constexpr bool kHasMoments = requires(const C &c) {
  c.moments;
};
template <class C>
PW_GPU void put_result(const C &c, int64_t row, int64_t column, float &sum, int64_t split) {
  if constexpr (kHasMoments<C>) {
    sum = c(row, column, sum, split);
  } else {
    c(row, column, sum, split);
  }
}

// a(row, k) and b(k, column) are asked for inside the matrices only; c(row, column, sum, split)
// takes the result. kAlongDepth of a factor: its memory runs along the depth.
template <class A, class B, class C>
__global__ void product(ProductPlan p, A a, B b, C c) {
  const Shared<float> rows(0, kTileDepth * kTilePitch);
  const Shared<float> columns(kTileDepth * kTilePitch * sizeof(float), kTileDepth * kTilePitch);
  const int thread = static_cast<int>(threadIdx.x);
  const int64_t tile = blockIdx.x;
  const int64_t column0 = tile % p.columns_of_tiles() * kTile;
  const int64_t row0 = tile / p.columns_of_tiles() % p.rows_of_tiles() * kTile;
  const int64_t split = tile / p.columns_of_tiles() / p.rows_of_tiles();
  const int64_t begin = split * p.split_depth(), end = least(p.depth, begin + p.split_depth());
  const int my_row = thread / (kTile / kThreadTile) * kThreadTile;
  const int my_column = thread % (kTile / kThreadTile) * kThreadTile;
  float sum[kThreadTile][kThreadTile];
  PW_UNROLL
  for (int i = 0; i < kThreadTile; ++i) {
    PW_UNROLL
    for (int j = 0; j < kThreadTile; ++j) sum[i][j] = 0;
  }
  for (int64_t k0 = begin; k0 < end; k0 += kTileDepth) {
    for (int i = thread; i < kTile * kTileDepth; i += kThreads) {
      const int ka = A::kAlongDepth ? i % kTileDepth : i / kTile;
      const int row = A::kAlongDepth ? i / kTileDepth : i % kTile;
      const bool inside_a = row0 + row < p.m && k0 + ka < end;
      rows.set(ka * kTilePitch + row, inside_a ? a(row0 + row, k0 + ka) : 0.0f);
      const int kb = B::kAlongDepth ? i % kTileDepth : i / kTile;
      const int column = B::kAlongDepth ? i / kTileDepth : i % kTile;
      const bool inside_b = column0 + column < p.n && k0 + kb < end;
      columns.set(kb * kTilePitch + column, inside_b ? b(k0 + kb, column0 + column) : 0.0f);
    }
    __syncthreads();
    PW_UNROLL
    for (int k = 0; k < kTileDepth; ++k) {
      float x[kThreadTile], w[kThreadTile];
      PW_UNROLL
      for (int i = 0; i < kThreadTile; ++i) {
        x[i] = rows.get(k * kTilePitch + my_row + i);
        w[i] = columns.get(k * kTilePitch + my_column + i);
      }
      PW_UNROLL
      for (int i = 0; i < kThreadTile; ++i) {
        PW_UNROLL
        for (int j = 0; j < kThreadTile; ++j) sum[i][j] += x[i] * w[j];
      }
    }
    __syncthreads();
  }
  PW_UNROLL
  for (int i = 0; i < kThreadTile; ++i) {
    PW_UNROLL
    for (int j = 0; j < kThreadTile; ++j) {
      const int64_t row = row0 + my_row + i, column = column0 + my_column + j;
      if (row < p.m && column < p.n) put_result(c, row, column, sum[i][j], split);
    }
  }
  if constexpr (kHasMoments<C>) {
    if (!c.moments.wanted()) return;
    Moments moments[kThreadTile];
    PW_UNROLL
    for (int i = 0; i < kThreadTile; ++i) {
      if (row0 + my_row + i >= p.m) continue;
      PW_UNROLL
      for (int j = 0; j < kThreadTile; ++j) moments[j].add(sum[i][j]);
    }
    leave_moments(c.moments, 0, kTile / kThreadTile, kTile, my_row / kThreadTile, my_column,
                  row0 / kTile, column0, moments);
  }
}

// The same by tensor cores, both factors rounded to bf16. A tile of each lies in shared memory as
// pairs along the depth, [row or column][pair]; a warp multiplies 16 rows by 32 columns.
constexpr int kMmaStep = 32;              // depth
constexpr int kMmaPairs = kMmaStep / 2;   // of a row
constexpr int kMmaPitch = kMmaPairs + 4;  // words; lanes of a fragment meet different banks
constexpr int kWarpColumns = 32;
constexpr int kWarpTiles = kWarpColumns / kMmaColumns;

// f(i, k) for the pairs of [0, kTile) x [0, kMmaStep), zero outside `rows` and `end`.
template <bool kAlongDepth, class F>
PW_GPU void stage_pairs(const Shared<uint32_t> &tile, int64_t first, int64_t rows, int64_t k0,
                        int64_t end, F &&f) {
  for (int i = static_cast<int>(threadIdx.x); i < kTile * kMmaPairs; i += kThreads) {
    const int pair = kAlongDepth ? i % kMmaPairs : i / kTile;
    const int row = kAlongDepth ? i / kMmaPairs : i % kTile;
    const int64_t k = k0 + 2 * pair;
    const bool inside = first + row < rows;
    const float low = inside && k < end ? f(first + row, k) : 0.0f;
    const float high = inside && k + 1 < end ? f(first + row, k + 1) : 0.0f;
    tile.set(row * kMmaPitch + pair, pair_of(low, high));
  }
}

template <class A, class B, class C>
__global__ void product_bf16(ProductPlan p, A a, B b, C c) {
  const Shared<uint32_t> rows(0, kTile * kMmaPitch);
  const Shared<uint32_t> columns(kTile * kMmaPitch * sizeof(uint32_t), kTile * kMmaPitch);
  const int thread = static_cast<int>(threadIdx.x), warp = thread / 32, lane = thread % 32;
  const int group = lane / 4, pair = lane % 4;
  const int64_t tile = blockIdx.x;
  const int64_t column0 = tile % p.columns_of_tiles() * kTile;
  const int64_t row0 = tile / p.columns_of_tiles() % p.rows_of_tiles() * kTile;
  const int64_t split = tile / p.columns_of_tiles() / p.rows_of_tiles();
  const int64_t begin = split * p.split_depth(), end = least(p.depth, begin + p.split_depth());
  const int warp_row = warp / (kTile / kWarpColumns) * kMmaRows;
  const int warp_column = warp % (kTile / kWarpColumns) * kWarpColumns;
  float sum[kWarpTiles][4];
  PW_UNROLL
  for (int t = 0; t < kWarpTiles; ++t) {
    PW_UNROLL
    for (int i = 0; i < 4; ++i) sum[t][i] = 0;
  }
  for (int64_t k0 = begin; k0 < end; k0 += kMmaStep) {
    stage_pairs<A::kAlongDepth>(rows, row0, p.m, k0, end,
                                [&](int64_t row, int64_t k) { return a(row, k); });
    stage_pairs<B::kAlongDepth>(columns, column0, p.n, k0, end,
                                [&](int64_t column, int64_t k) { return b(k, column); });
    __syncthreads();
    for (int k = 0; k < kMmaPairs; k += kMmaDepth / 2) {
      const int at = (warp_row + group) * kMmaPitch + k + pair;
      const uint32_t left[4] = {rows.get(at), rows.get(at + 8 * kMmaPitch), rows.get(at + 4),
                                rows.get(at + 8 * kMmaPitch + 4)};
      PW_UNROLL
      for (int t = 0; t < kWarpTiles; ++t) {
        const int from = (warp_column + t * kMmaColumns + group) * kMmaPitch + k + pair;
        const uint32_t right[2] = {columns.get(from), columns.get(from + 4)};
        mma(sum[t], left, right);
      }
    }
    __syncthreads();
  }
  PW_UNROLL
  for (int t = 0; t < kWarpTiles; ++t) {
    PW_UNROLL
    for (int i = 0; i < 4; ++i) {
      const int64_t row = row0 + warp_row + group + i / 2 * 8;
      const int64_t column = column0 + warp_column + t * kMmaColumns + 2 * pair + i % 2;
      if (row < p.m && column < p.n) c(row, column, sum[t][i], split);
    }
  }
}

// By tensor cores where the activations are bf16.
template <class T = float, class A, class B, class C>
void multiply(Pool &pool, const ProductPlan &p, A a, B b, C c) {
  if constexpr (sizeof(T) == 2) {
    const int64_t bytes = 2 * kTile * kMmaPitch * static_cast<int64_t>(sizeof(uint32_t));
    launch(pool, {p.blocks(), kThreads, bytes}, product_bf16<A, B, C>, p, a, b, c);
  } else {
    const int64_t bytes = most(2 * kTileDepth * kTilePitch, 3 * kTile * kTile / kThreadTile) *
                          static_cast<int64_t>(sizeof(float));
    launch(pool, {p.blocks(), kThreads, bytes}, product<A, B, C>, p, a, b, c);
  }
}

// Leaves the split's part of the product in [split][m][n].
struct StorePart {
  Global<float> to;
  int64_t m, n;

  PW_GPU void operator()(int64_t row, int64_t column, float sum, int64_t split) const {
    to[(split * m + row) * n + column] = sum;
  }
};

// finish(row, column, total) for the sums of the parts.
template <class Finish>
struct JoinParts {
  int64_t n;
  Finish finish;

  PW_GPU void operator()(int64_t, int64_t i, double total) const {
    finish(i / n, i % n, static_cast<float>(total));
  }
};

// A product of few results, such as a weight's gradient, in as many splits of its depth as give
// enough blocks.
inline ProductPlan deep_product(int64_t m, int64_t n, int64_t depth) {
  constexpr int64_t kBlocks = 512, kLeastDepth = 128;
  ProductPlan p{m, n, depth};
  p.splits = most(1, least(ceil_div(kBlocks, p.blocks()), depth / kLeastDepth));
  return p;
}
inline int64_t deep_workspace(const ProductPlan &p) {
  return round_up(p.splits * p.m * p.n * static_cast<int64_t>(sizeof(float)), 256);
}
template <class A, class B, class Finish>
void multiply_deep(Pool &pool, const ProductPlan &p, A a, B b, void *workspace, Finish finish) {
  const int64_t count = p.splits * p.m * p.n;
  multiply(pool, p, a, b, StorePart{output<float>(workspace, count), p.m, p.n});
  sum_parts(pool, 1, p.splits, p.m * p.n, EvenParts{p.splits}, workspace,
            JoinParts<Finish>{p.n, finish});
}

// A row-major matrix [rows][columns] as left factor, and a matrix whose transpose is the right one.
template <class T>
struct Rows {
  static constexpr bool kAlongDepth = true;
  Global<const T> data;
  int64_t columns;
  PW_GPU float operator()(int64_t row, int64_t k) const { return data.at(row * columns + k); }
};
struct Transposed {
  static constexpr bool kAlongDepth = true;
  Global<const float> data;  // [n][depth]
  int64_t depth;
  PW_GPU float operator()(int64_t k, int64_t column) const { return data[column * depth + k]; }
};

// The transpose of a row-major matrix as left factor, and a row-major matrix as right one.
struct Columns {
  static constexpr bool kAlongDepth = false;
  Global<const float> data;  // [depth][m]
  int64_t m;
  PW_GPU float operator()(int64_t row, int64_t k) const { return data[k * m + row]; }
};
struct Plain {
  static constexpr bool kAlongDepth = false;
  Global<const float> data;  // [depth][n]
  int64_t n;
  PW_GPU float operator()(int64_t k, int64_t column) const { return data[k * n + column]; }
};

// Writes, or adds to, an f32 matrix [m][n].
struct Put {
  Global<float> to;
  int64_t n;
  int32_t accumulate;

  PW_GPU void operator()(int64_t row, int64_t column, float sum, int64_t = 0) const {
    float &place = to[row * n + column];
    place = accumulate != 0 ? place + sum : sum;
  }
};

// Sums of the columns of a matrix [n][columns].
inline void sum_columns(Pool &pool, const void *rows, int64_t n, int64_t columns, float *to,
                        int32_t accumulate) {
  sum_parts(pool, 1, n, columns, EvenParts{n}, rows,
            PutVector{output<float>(to, columns), accumulate});
}

}  // namespace pw
