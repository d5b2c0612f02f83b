// Products of rows of hits with a matrix for each place around a hit, and their gradients.
#pragma once

#include "hits_rows.h"

namespace pw {
namespace {

constexpr int kHitsWarpRows = 16;                             // of a product, a warp
constexpr int kHitsTileRows = kThreads / 32 * kHitsWarpRows;  // a block
constexpr int kHitsTile = 64;                                 // columns, two a thread
constexpr int kHitsDepth = 32;                                // channels of a step

// The rows of x that a product takes, and its factor, packed [taps][depth][columns]: the depth is
// a multiple of 4 there, the columns of kHitsTile, with zeros behind the matrix.
struct HitsProduct {
  HitsRows rows;
  int64_t taps, depth, columns;
  Global<const int32_t> neighbours;
  Global<const float> x, packed;

  PW_BOTH int64_t packed_depth() const { return (depth + 3) / 4 * 4; }
  PW_BOTH int64_t column_tiles() const { return (columns + kHitsTile - 1) / kHitsTile; }
  PW_BOTH int64_t packed_columns() const { return column_tiles() * kHitsTile; }
  int64_t packed_size() const { return taps * packed_depth() * packed_columns(); }
};

// Where the sources of a block's rows, its rows of x and its factor lie in shared memory.
constexpr int64_t kHitsSources = kHitsTaps * kHitsTileRows, kHitsX = kHitsTileRows * kHitsDepth;
constexpr int64_t kHitsSharedBytes =
    (kHitsSources + kHitsX + kHitsDepth * kHitsTile) * static_cast<int64_t>(sizeof(float));

// put(row, column, sum) for y[row] = sum over taps of packed[tap] x[neighbours[row][tap]]. Tracks
// are thin, so that most neighbours are missing: as all lanes of a warp have the same rows, a warp
// passes over those without the neighbour of the tap.
template <int kWidth, class Put>
__global__ void __launch_bounds__(kThreads, 2) hits_multiply(HitsProduct p, Put put) {
  const Shared<int32_t> sources(0, kHitsSources);
  const Shared<float> xs(kHitsSources * sizeof(float), kHitsX);
  const Shared<float> weights((kHitsSources + kHitsX) * sizeof(float), kHitsDepth * kHitsTile);
  const int thread = static_cast<int>(threadIdx.x), lane = thread % 32;
  const int own = thread / 32 * kHitsWarpRows;  // the warp's first row in the block
  const int64_t rows = p.rows.count(), taps = p.taps;
  const int64_t column0 = blockIdx.x % p.column_tiles() * kHitsTile;
  const int64_t row0 = blockIdx.x / p.column_tiles() * kHitsTileRows;
  if (row0 >= rows) return;
  for (int i = thread; i < taps * kHitsTileRows; i += kThreads) {
    const int r = i / static_cast<int>(taps), tap = i % static_cast<int>(taps);
    int32_t source = -1;
    if (row0 + r < rows) {
      source =
          p.neighbours != nullptr ? p.neighbours[row0 * taps + i] : static_cast<int32_t>(row0 + r);
    }
    sources.set(tap * kHitsTileRows + r, source);
  }
  float sum[kHitsWarpRows][2];
  PW_UNROLL
  for (int i = 0; i < kHitsWarpRows; ++i) sum[i][0] = sum[i][1] = 0;
  __syncthreads();
  for (int64_t tap = 0; tap < taps; ++tap) {
    uint32_t present = 0;
    PW_UNROLL
    for (int i = 0; i < kHitsWarpRows; ++i) {
      present |= (sources.get(tap * kHitsTileRows + own + i) >= 0 ? 1u : 0u) << i;
    }
    for (int64_t k0 = 0; k0 < p.depth; k0 += kHitsDepth) {
      const int deep = static_cast<int>(least(kHitsDepth, p.packed_depth() - k0));
      for (int i = thread; i < kHitsX / kWidth; i += kThreads) {
        const int r = i / (kHitsDepth / kWidth), k = i % (kHitsDepth / kWidth) * kWidth;
        const int64_t source = sources.get(tap * kHitsTileRows + r);
        if (source < 0 || k >= deep) continue;
        Pack<float, kWidth> value{};
        if (k0 + k < p.depth) value = p.x.template load<kWidth>(source * p.depth + k0 + k);
        xs.template store<kWidth>(r * kHitsDepth + k, value);
      }
      const int64_t from = (tap * p.packed_depth() + k0) * p.packed_columns() + column0;
      for (int i = thread; i < deep * kHitsTile / 4; i += kThreads) {
        const int k = i / (kHitsTile / 4), column = i % (kHitsTile / 4) * 4;
        weights.template store<4>(
            k * kHitsTile + column,
            p.packed.template load<4>(from + k * p.packed_columns() + column));
      }
      __syncthreads();
      for (int k = 0; k < deep && present != 0; k += 4) {
        float w[4][2];
        PW_UNROLL
        for (int q = 0; q < 4; ++q) {
          w[q][0] = weights.get((k + q) * kHitsTile + lane);
          w[q][1] = weights.get((k + q) * kHitsTile + 32 + lane);
        }
        PW_UNROLL
        for (int i = 0; i < kHitsWarpRows; ++i) {
          if ((present >> i & 1u) == 0) continue;
          const Pack<float, 4> value = xs.template load<4>((own + i) * kHitsDepth + k);
          PW_UNROLL
          for (int q = 0; q < 4; ++q) {
            sum[i][0] += value.v[q] * w[q][0];
            sum[i][1] += value.v[q] * w[q][1];
          }
        }
      }
      __syncthreads();
    }
  }
  PW_UNROLL
  for (int i = 0; i < kHitsWarpRows; ++i) {
    const int64_t row = row0 + own + i, column = column0 + lane;
    if (row < rows && column < p.columns) put(row, column, sum[i][0]);
    if (row < rows && column + 32 < p.columns) put(row, column + 32, sum[i][1]);
  }
}

// Packs a weight [c_out][c_in][taps], of whose elements those of the next input and of the next
// output channel lie so far apart: for a gradient with the roles of the channels changed and the
// taps in reverse, as the neighbour in place k has the row in place 8 - k.
struct HitsPack {
  Global<const float> weight;
  Global<float> to;
  int64_t taps, depth, columns, packed_depth, packed_columns, depth_step, column_step;
  bool reversed;

  PW_GPU void operator()(int64_t i) const {
    const int64_t column = i % packed_columns, k = i / packed_columns % packed_depth;
    const int64_t tap = i / packed_columns / packed_depth;
    to[i] = k < depth && column < columns
                ? weight[k * depth_step + column * column_step + (reversed ? taps - 1 - tap : tap)]
                : 0.0f;
  }
};

struct HitsPut {
  Global<float> y;
  Global<const float> bias, addend;
  int64_t columns;

  PW_GPU void operator()(int64_t row, int64_t column, float sum) const {
    const int64_t at = row * columns + column;
    if (bias != nullptr) sum += bias[column];
    if (addend != nullptr) sum += addend[at];
    y[at] = sum;
  }
};

struct HitsPutGradient {
  Global<const float> x, addend;
  Global<float> dx, du;  // each where it is wanted
  int64_t columns;
  bool gelu;

  PW_GPU void operator()(int64_t row, int64_t column, float sum) const {
    const int64_t at = row * columns + column;
    if (du != nullptr) du[at] = sum;
    if (!(dx != nullptr)) return;
    if (gelu) sum *= hits_gelu_slope(x[at]);
    if (addend != nullptr) sum += addend[at];
    dx[at] = sum;
  }
};

template <class Put>
void hits_multiply_by(Pool &pool, HitsProduct p, int64_t capacity, const float *weight,
                      bool reversed, float *packed, Put put) {
  const int64_t size = p.packed_size();
  each(pool, size,
       HitsPack{input<float>(weight, p.taps * p.depth * p.columns), output<float>(packed, size),
                p.taps, p.depth, p.columns, p.packed_depth(), p.packed_columns(),
                reversed ? p.columns * p.taps : p.taps, reversed ? p.taps : p.depth * p.taps,
                reversed});
  p.packed = input<float>(packed, size);
  const int64_t blocks = ceil_div(capacity, kHitsTileRows) * p.column_tiles();
  dispatch_width<float>(p.depth, [&](auto width) {
    launch(pool, {blocks, kThreads, kHitsSharedBytes}, hits_multiply<width(), Put>, p, put);
  });
}

// What is multiplied, where it is not x itself: gelu(x), with context. An element of it is wanted
// up to nine times, by several blocks each.
template <int kWidth>
struct HitsInput {
  HitsRows rows;
  int64_t c;
  bool gelu;
  Global<const int32_t> cluster;
  Global<const float> x, context;
  Global<float> to;

  PW_GPU void operator()(int64_t i) const {
    const int64_t at = i * kWidth, row = at / c, channel = at % c;
    if (row >= rows.count()) return;
    Pack<float, kWidth> value = x.load<kWidth>(at), added{};
    if (context != nullptr) added = context.load<kWidth>(cluster[row] * c + channel);
    PW_UNROLL
    for (int k = 0; k < kWidth; ++k) {
      value.v[k] = (gelu ? hits_gelu(value.v[k]) : value.v[k]) + added.v[k];
    }
    to.store<kWidth>(at, value);
  }
};

Global<const float> hits_multiplied(Pool &pool, const pw_hits_product &d, const HitInput &in,
                                    float *room) {
  const int64_t capacity = d.capacity, c = d.c_in, elements = capacity * c;
  if (d.gelu == 0 && in.context == nullptr) return input<float>(in.x, elements);
  dispatch_width<float>(c, [&](auto width) {
    each(pool, elements / width(),
         HitsInput<width()>{HitsRows(in.offsets, d.n), c, d.gelu != 0,
                            input<int32_t>(in.cluster, capacity), input<float>(in.x, elements),
                            input<float>(in.context, d.n * c), output<float>(room, elements)});
  });
  return input<float>(room, elements);
}

// The weight's gradient in parts [split][tap][c_out][c_in], each of an even share of the rows.
struct HitsWeightGradient {
  HitsRows rows;
  int64_t taps, c_in, c_out, splits;
  Global<const int32_t> neighbours;
  Global<const float> u, dy;
  Global<float> parts;

  PW_BOTH int64_t in_tiles() const { return (c_in + kHitsTile - 1) / kHitsTile; }
  PW_BOTH int64_t out_tiles() const { return (c_out + kHitsTile - 1) / kHitsTile; }
};

constexpr int kHitsStep = 16;  // pairs
constexpr int kHitsThreadTile = 4;
constexpr int64_t kHitsWeightBytes =
    (4 * kThreads + 2 * kHitsStep * kHitsTile) * static_cast<int64_t>(sizeof(float));

// A block makes a tile of a tap's gradient: of a chunk of rows it gathers those that have the
// tap's neighbour, in their order, and multiplies dy[row] by u[neighbour].
__global__ void __launch_bounds__(kThreads, 2) hits_weight_parts(HitsWeightGradient g) {
  const Shared<int32_t> ends(0, 2 * kThreads);  // how many pairs up to a thread's, twice
  const Shared<int32_t> pair_row(2 * kThreads * sizeof(int32_t), kThreads);
  const Shared<int32_t> pair_source(3 * kThreads * sizeof(int32_t), kThreads);
  const Shared<float> outs(4 * kThreads * sizeof(int32_t), kHitsStep * kHitsTile);
  const Shared<float> ins((4 * kThreads + kHitsStep * kHitsTile) * sizeof(float),
                          kHitsStep * kHitsTile);
  const int thread = static_cast<int>(threadIdx.x);
  const int my_out = thread / (kHitsTile / kHitsThreadTile) * kHitsThreadTile;
  const int my_in = thread % (kHitsTile / kHitsThreadTile) * kHitsThreadTile;
  int64_t tile = blockIdx.x;
  const int64_t in0 = tile % g.in_tiles() * kHitsTile;
  tile /= g.in_tiles();
  const int64_t out0 = tile % g.out_tiles() * kHitsTile;
  tile /= g.out_tiles();
  const int64_t tap = tile % g.taps, split = tile / g.taps;
  const int64_t rows = g.rows.count(), share = (rows + g.splits - 1) / g.splits;
  const int64_t end = least(rows, (split + 1) * share);
  float sum[kHitsThreadTile][kHitsThreadTile];
  PW_UNROLL
  for (int i = 0; i < kHitsThreadTile; ++i) {
    PW_UNROLL
    for (int j = 0; j < kHitsThreadTile; ++j) sum[i][j] = 0;
  }
  for (int64_t chunk = split * share; chunk < end; chunk += kThreads) {
    const int64_t row = chunk + thread;
    int32_t source = -1;
    int place = thread, count = static_cast<int>(least(kThreads, end - chunk));
    if (row < end) {
      source =
          g.neighbours != nullptr ? g.neighbours[row * g.taps + tap] : static_cast<int32_t>(row);
    }
    if (g.neighbours != nullptr) {
      int from = 0;
      ends.set(thread, source >= 0 ? 1 : 0);
      __syncthreads();
      for (int step = 1; step < kThreads; step *= 2) {
        const int32_t behind = thread >= step ? ends.get(from + thread - step) : 0;
        ends.set(kThreads - from + thread, ends.get(from + thread) + behind);
        from = kThreads - from;
        __syncthreads();
      }
      place = ends.get(from + thread) - 1;
      count = ends.get(from + kThreads - 1);
    }
    if (source >= 0) {
      pair_row.set(place, static_cast<int32_t>(row));
      pair_source.set(place, source);
    }
    __syncthreads();
    for (int p0 = 0; p0 < count; p0 += kHitsStep) {
      for (int i = thread; i < kHitsStep * kHitsTile; i += kThreads) {
        const int p = i / kHitsTile, column = i % kHitsTile;
        float out = 0, in = 0;
        if (p0 + p < count) {
          const int64_t r = pair_row.get(p0 + p), s = pair_source.get(p0 + p);
          if (out0 + column < g.c_out) out = g.dy[r * g.c_out + out0 + column];
          if (in0 + column < g.c_in) in = g.u[s * g.c_in + in0 + column];
        }
        outs.set(i, out);
        ins.set(i, in);
      }
      __syncthreads();
      PW_UNROLL
      for (int p = 0; p < kHitsStep; ++p) {
        const auto out = outs.load<kHitsThreadTile>(p * kHitsTile + my_out);
        const auto in = ins.load<kHitsThreadTile>(p * kHitsTile + my_in);
        PW_UNROLL
        for (int i = 0; i < kHitsThreadTile; ++i) {
          PW_UNROLL
          for (int j = 0; j < kHitsThreadTile; ++j) sum[i][j] += out.v[i] * in.v[j];
        }
      }
      __syncthreads();
    }
  }
  PW_UNROLL
  for (int i = 0; i < kHitsThreadTile; ++i) {
    PW_UNROLL
    for (int j = 0; j < kHitsThreadTile; ++j) {
      const int64_t out = out0 + my_out + i, in = in0 + my_in + j;
      if (out >= g.c_out || in >= g.c_in) continue;
      g.parts[((split * g.taps + tap) * g.c_out + out) * g.c_in + in] = sum[i][j];
    }
  }
}

// From [tap][c_out][c_in] to [c_out][c_in][tap].
struct HitsPutWeight {
  Global<float> to;
  int64_t taps, matrix;
  int32_t accumulate;

  PW_GPU void operator()(int64_t, int64_t i, double total) const {
    PutVector{to, accumulate}(0, i % matrix * taps + i / matrix, total);
  }
};

template <int kColumns>
struct HitsBiasTerms {
  static constexpr int kValues = 1, kWidth = kColumns;
  struct Constants {
    int64_t rows;
  };
  HitsRows rows;
  int64_t c;
  Global<const float> dy;

  PW_GPU Constants constants(int64_t, int64_t) const { return {rows.count()}; }
  PW_GPU void operator()(const Constants &there, int64_t row, int64_t channel,
                         float *values) const {
    Pack<float, kWidth> out{};
    if (row < there.rows) out = dy.load<kWidth>(row * c + channel);
    PW_UNROLL
    for (int k = 0; k < kWidth; ++k) values[k] = out.v[k];
  }
};

// What lies in the workspace of a product, in floats from its start.
struct HitsWork {
  int64_t inputs, packed, gradients = 0, parts = 0, splits = 1, total;

  HitsWork(const pw_hits_product &d, int32_t pass) {
    const int64_t capacity = d.capacity, matrix = static_cast<int64_t>(d.c_in) * d.c_out;
    const int64_t rows = round_up(capacity * d.c_in, 64);
    const auto room = [&](int64_t depth, int64_t columns) {
      return d.taps * round_up(depth, 4) * round_up(columns, kHitsTile);
    };
    inputs = 0;
    packed = d.gelu != 0 || d.taps == 1 ? rows : 0;
    if (pass == PW_FORWARD) {
      total = packed + room(d.c_in, d.c_out);
      return;
    }
    gradients = packed + room(d.c_out, d.c_in);
    parts = gradients + (d.taps == 1 ? rows : 0);
    constexpr int64_t kBlocks = 512;
    const int64_t tiles = d.taps * ceil_div(d.c_in, kHitsTile) * ceil_div(d.c_out, kHitsTile);
    splits = most(1, least(ceil_div(kBlocks, tiles), capacity / kThreads));
    total = parts + most(splits * d.taps * matrix, SumPlan{1, capacity, d.c_out}.workspace(1) / 4);
  }
};

int64_t hits_product_workspace(int, const pw_hits_product &d, int32_t pass) {
  return round_up(HitsWork(d, pass).total * static_cast<int64_t>(sizeof(float)), 256);
}

void hits_product_forward(Pool &pool, const pw_hits_product &d, const HitInput &in,
                          const float *weight, const float *bias, const float *addend, float *y,
                          void *workspace) {
  const HitsWork work(d, PW_FORWARD);
  const int64_t capacity = d.capacity, elements = capacity * d.c_out;
  float *const room = static_cast<float *>(workspace);
  hits_multiply_by(pool,
                   HitsProduct{HitsRows(in.offsets, d.n),
                               d.taps,
                               d.c_in,
                               d.c_out,
                               input<int32_t>(in.neighbours, capacity * d.taps),
                               hits_multiplied(pool, d, in, room + work.inputs),
                               {}},
                   capacity, weight, false, room + work.packed,
                   HitsPut{output<float>(y, elements), input<float>(bias, d.c_out),
                           input<float>(addend, elements), d.c_out});
}

struct HitsContextGradient {
  static constexpr bool kLargest = false;
  Global<const float> du;
  Global<float> dcontext;
  int64_t c;

  PW_GPU float value(int64_t row, int64_t channel) const { return du[row * c + channel]; }
  PW_GPU void finish(int64_t cluster, int64_t channel, double sum, int64_t) const {
    dcontext[cluster * c + channel] = static_cast<float>(sum);
  }
};

void hits_product_backward(Pool &pool, const pw_hits_product &d, const HitInput &in,
                           const float *weight, const float *dy, const float *addend, float *dx,
                           float *dcontext, float *dweight, float *dbias, void *workspace) {
  const HitsWork work(d, PW_BACKWARD);
  const int64_t capacity = d.capacity, matrix = static_cast<int64_t>(d.c_in) * d.c_out;
  const int64_t elements = capacity * d.c_in;
  const HitsRows rows(in.offsets, d.n);
  const auto neighbours = input<int32_t>(in.neighbours, capacity * d.taps);
  const auto gradient = input<float>(dy, capacity * d.c_out);
  float *const room = static_cast<float *>(workspace), *const parts = room + work.parts;
  if (dweight != nullptr) {
    const HitsWeightGradient g{rows,
                               d.taps,
                               d.c_in,
                               d.c_out,
                               work.splits,
                               neighbours,
                               hits_multiplied(pool, d, in, room + work.inputs),
                               gradient,
                               output<float>(parts, work.splits * d.taps * matrix)};
    launch(pool, {work.splits * d.taps * g.in_tiles() * g.out_tiles(), kThreads, kHitsWeightBytes},
           hits_weight_parts, g);
    sum_parts(pool, 1, work.splits, d.taps * matrix, EvenParts{work.splits}, parts,
              HitsPutWeight{output<float>(dweight, d.taps * matrix), d.taps, matrix, d.accumulate});
  }
  if (dbias != nullptr) {
    dispatch_width<float>(d.c_out, [&](auto width) {
      sum_all(pool, SumPlan{1, capacity, d.c_out}, HitsBiasTerms<width()>{rows, d.c_out, gradient},
              parts, PutVector{output<float>(dbias, d.c_out), d.accumulate});
    });
  }
  if (dx == nullptr && dcontext == nullptr) return;
  float *const du = dcontext != nullptr ? room + work.gradients : nullptr;
  hits_multiply_by(pool, HitsProduct{rows, d.taps, d.c_out, d.c_in, neighbours, gradient, {}},
                   capacity, weight, true, room + work.packed,
                   HitsPutGradient{input<float>(in.x, elements), input<float>(addend, elements),
                                   output<float>(dx, elements), output<float>(du, elements), d.c_in,
                                   d.gelu != 0});
  if (dcontext == nullptr) return;
  hits_fold_clusters(
      pool, in.offsets, d.n, d.c_in,
      HitsContextGradient{input<float>(du, elements),
                          output<float>(dcontext, static_cast<int64_t>(d.n) * d.c_in), d.c_in});
}

}  // namespace
}  // namespace pw
