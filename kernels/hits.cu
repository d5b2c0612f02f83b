// Networks over hits. How many rows there are only the device knows: grids have room for the
// capacity, and what lies behind the rows is left alone.
#include "fill.h"
#include "hits_product.h"

namespace pw {
namespace {

// ---- neighbours and features

struct HitsClusters {
  pw_hits d;
  HitsRows rows;
  Global<const pw_step> step;
  Global<const int16_t> x, y;
  Global<const int64_t> ids;

  HitsClusters(const pw_hits &d, const pw_step *step, const Hits &hits)
      : d(d),
        rows(hits.offsets, d.n),
        step(input<pw_step>(step, 1)),
        x(input<int16_t>(hits.x, d.capacity)),
        y(input<int16_t>(hits.y, d.capacity)),
        ids(input<int64_t>(hits.ids, d.n)) {}

  PW_GPU uint32_t turn_of_cluster(int64_t i) const { return turn_of(d.augment, step[0], ids[i]); }
  PW_GPU bool before(int64_t row, int32_t other_y, int32_t other_x) const {
    const int32_t own_y = y[row];
    return own_y < other_y || (own_y == other_y && x[row] < other_x);
  }
  // The first of the rows [low, high) that is not before a place.
  PW_GPU int64_t find(int64_t low, int64_t high, int32_t other_y, int32_t other_x) const {
    while (low < high) {
      const int64_t middle = (low + high) / 2;
      if (before(middle, other_y, other_x)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
};

struct HitsNeighbours {
  HitsClusters hits;
  Global<int32_t> neighbours, cluster;

  PW_GPU void operator()(int64_t row) const {
    if (row >= hits.rows.count()) return;
    const int64_t own = hits.rows.cluster_of(row);
    const int64_t begin = hits.rows.offsets[own], end = hits.rows.offsets[own + 1];
    const uint32_t turn = hits.turn_of_cluster(own);
    const int32_t x = hits.x[row], y = hits.y[row];
    const int64_t to = row * kHitsTaps;
    for (int k = 0; k < kHitsTaps; ++k) neighbours[to + k] = -1;
    for (int32_t dy = -1; dy <= 1; ++dy) {
      // On the hit's own line the neighbours are the rows beside it.
      int64_t other = row > begin ? row - 1 : row;
      if (dy < 0) other = hits.find(begin, row, y - 1, x - 1);
      if (dy > 0) other = hits.find(row + 1, end, y + 1, x - 1);
      for (const int64_t last = least(end, other + 3); other < last; ++other) {
        const int32_t dx = hits.x[other] - x;
        if (hits.y[other] != y + dy || dx < -1 || dx > 1) continue;
        neighbours[to + turned_neighbour(turn, dx, dy)] = static_cast<int32_t>(other);
      }
    }
    cluster[row] = static_cast<int32_t>(own);
  }
};

void hits_neighbours(Pool &pool, const pw_hits &d, const pw_step *step, const Hits &hits,
                     int32_t *neighbours, int32_t *cluster) {
  const int64_t capacity = d.capacity;
  each(
      pool, capacity,
      HitsNeighbours{HitsClusters(d, step, hits), output<int32_t>(neighbours, capacity * kHitsTaps),
                     output<int32_t>(cluster, capacity)});
}

constexpr int kHitsFeatureThreads = 128;

// A block a cluster. The sums of the places are integers.
__global__ void hits_describe(HitsClusters hits, Global<const float> energy,
                              Global<const float> toa, Global<float> features) {
  const Shared<int64_t> xs(0, kHitsFeatureThreads);
  const Shared<int64_t> ys(kHitsFeatureThreads * sizeof(int64_t), kHitsFeatureThreads);
  const int thread = static_cast<int>(threadIdx.x);
  const int64_t own = blockIdx.x;
  const int64_t begin = hits.rows.offsets[own], end = hits.rows.offsets[own + 1];
  if (begin >= end) return;
  int64_t sum_x = 0, sum_y = 0;
  for (int64_t row = begin + thread; row < end; row += kHitsFeatureThreads) {
    sum_x += hits.x[row];
    sum_y += hits.y[row];
  }
  xs.set(thread, sum_x);
  ys.set(thread, sum_y);
  __syncthreads();
  for (int half = kHitsFeatureThreads / 2; half > 0; half /= 2) {
    if (thread < half) {
      xs.set(thread, xs.get(thread) + xs.get(thread + half));
      ys.set(thread, ys.get(thread) + ys.get(thread + half));
    }
    __syncthreads();
  }
  const double hits_of = static_cast<double>(end - begin);
  const double mean_x = static_cast<double>(xs.get(0)) / hits_of;
  const double mean_y = static_cast<double>(ys.get(0)) / hits_of;
  const uint32_t turn = hits.turn_of_cluster(own);
  const bool timed = hits.d.toa_scale > 0;
  for (int64_t row = begin + thread; row < end; row += kHitsFeatureThreads) {
    float x = static_cast<float>(hits.x[row] - mean_x);
    float y = static_cast<float>(hits.y[row] - mean_y);
    turn_place(turn, x, y);
    describe_hit(hits.d, energy[row], timed ? toa[row] : 0.0f, x, y,
                 features.from(row * PW_HITS_FEATURES));
  }
}

void hits_features(Pool &pool, const pw_hits &d, const pw_step *step, const Hits &hits,
                   float *features) {
  const int64_t capacity = d.capacity;
  launch(
      pool,
      {d.n, kHitsFeatureThreads, 2 * kHitsFeatureThreads * static_cast<int64_t>(sizeof(int64_t))},
      hits_describe, HitsClusters(d, step, hits), input<float>(hits.energy, capacity),
      input<float>(hits.toa, capacity), output<float>(features, capacity * PW_HITS_FEATURES));
}

// ---- layer norm

constexpr int kHitsLanes = 8;  // threads of a row
constexpr int kHitsNormRows = kThreads / kHitsLanes;

// The sum over a row's lanes. All threads of a warp come here.
PW_GPU float hits_row_sum(const Shared<float> &shared, float value) {
  const int thread = static_cast<int>(threadIdx.x), first = thread / kHitsLanes * kHitsLanes;
  shared.set(thread, value);
  __syncwarp();
  float total = 0;
  PW_UNROLL
  for (int lane = 0; lane < kHitsLanes; ++lane) total += shared.get(first + lane);
  __syncwarp();
  return total;
}

struct HitsNorm {
  HitsRows rows;
  int64_t c;
  float eps;
  Global<const float> x, gamma;

  HitsNorm(const pw_hits_norm &d, const int32_t *offsets, const float *x, const float *gamma)
      : rows(offsets, d.n),
        c(d.c),
        eps(d.eps),
        x(input<float>(x, static_cast<int64_t>(d.capacity) * d.c)),
        gamma(input<float>(gamma, d.c)) {}
};

Grid hits_norm_grid(const Pool &pool, int64_t capacity) {
  return {least(ceil_div(capacity, kHitsNormRows), 32 * pool.threads()), kThreads,
          kThreads * static_cast<int64_t>(sizeof(float))};
}

template <int kWidth>
__global__ void hits_normalise(HitsNorm norm, Global<const float> beta, Global<float> y,
                               Global<float> moments) {
  const Shared<float> shared(0, kThreads);
  const int lane = static_cast<int>(threadIdx.x) % kHitsLanes;
  const int turn = static_cast<int>(threadIdx.x) / kHitsLanes;
  const int64_t rows = norm.rows.count(), c = norm.c, start = lane * kWidth;
  const float share = 1.0f / static_cast<float>(c);
  constexpr int kStep = kHitsLanes * kWidth;
  for (int64_t row0 = static_cast<int64_t>(blockIdx.x) * kHitsNormRows; row0 < rows;
       row0 += static_cast<int64_t>(gridDim.x) * kHitsNormRows) {
    const int64_t row = row0 + turn;
    const int64_t end = row < rows ? c : 0;  // nothing of a row that is not there
    float sum = 0;
    for (int64_t i = start; i < end; i += kStep) {
      const auto in = norm.x.load<kWidth>(row * c + i);
      PW_UNROLL
      for (int k = 0; k < kWidth; ++k) sum += in.v[k];
    }
    const float mean = hits_row_sum(shared, sum) * share;
    sum = 0;
    for (int64_t i = start; i < end; i += kStep) {
      const auto in = norm.x.load<kWidth>(row * c + i);
      PW_UNROLL
      for (int k = 0; k < kWidth; ++k) sum += (in.v[k] - mean) * (in.v[k] - mean);
    }
    const float rstd = 1.0f / sqrtf(hits_row_sum(shared, sum) * share + norm.eps);
    for (int64_t i = start; i < end; i += kStep) {
      const auto in = norm.x.load<kWidth>(row * c + i);
      const auto scale = norm.gamma.load<kWidth>(i), shift = beta.load<kWidth>(i);
      Pack<float, kWidth> out;
      PW_UNROLL
      for (int k = 0; k < kWidth; ++k) {
        out.v[k] = scale.v[k] * ((in.v[k] - mean) * rstd) + shift.v[k];
      }
      y.store<kWidth>(row * c + i, out);
    }
    if (lane == 0 && row < rows) {
      moments[2 * row] = mean;
      moments[2 * row + 1] = rstd;
    }
  }
}

template <int kWidth>
__global__ void hits_norm_gradient(HitsNorm norm, Global<const float> moments,
                                   Global<const float> dy, Global<const float> addend,
                                   Global<float> dx) {
  const Shared<float> shared(0, kThreads);
  const int lane = static_cast<int>(threadIdx.x) % kHitsLanes;
  const int turn = static_cast<int>(threadIdx.x) / kHitsLanes;
  const int64_t rows = norm.rows.count(), c = norm.c, start = lane * kWidth;
  const float share = 1.0f / static_cast<float>(c);
  constexpr int kStep = kHitsLanes * kWidth;
  for (int64_t row0 = static_cast<int64_t>(blockIdx.x) * kHitsNormRows; row0 < rows;
       row0 += static_cast<int64_t>(gridDim.x) * kHitsNormRows) {
    const int64_t row = row0 + turn;
    const bool there = row < rows;
    const int64_t end = there ? c : 0;
    const float mean = there ? moments[2 * row] : 0.0f, rstd = there ? moments[2 * row + 1] : 0.0f;
    float plain = 0, product = 0;
    for (int64_t i = start; i < end; i += kStep) {
      const auto in = norm.x.load<kWidth>(row * c + i), out = dy.load<kWidth>(row * c + i);
      const auto scale = norm.gamma.load<kWidth>(i);
      PW_UNROLL
      for (int k = 0; k < kWidth; ++k) {
        const float g = scale.v[k] * out.v[k];
        plain += g;
        product += g * ((in.v[k] - mean) * rstd);
      }
    }
    const float mean_g = hits_row_sum(shared, plain) * share;
    const float mean_gx = hits_row_sum(shared, product) * share;
    for (int64_t i = start; i < end; i += kStep) {
      const auto in = norm.x.load<kWidth>(row * c + i), out = dy.load<kWidth>(row * c + i);
      const auto scale = norm.gamma.load<kWidth>(i);
      Pack<float, kWidth> added{}, to;
      if (addend != nullptr) added = addend.load<kWidth>(row * c + i);
      PW_UNROLL
      for (int k = 0; k < kWidth; ++k) {
        const float xhat = (in.v[k] - mean) * rstd;
        to.v[k] = rstd * (scale.v[k] * out.v[k] - mean_g - xhat * mean_gx) + added.v[k];
      }
      dx.store<kWidth>(row * c + i, to);
    }
  }
}

// Terms of the gradients of gamma and beta.
template <int kColumns>
struct HitsNormTerms {
  static constexpr int kValues = 2, kWidth = kColumns;
  struct Constants {
    int64_t rows;
  };
  HitsNorm norm;
  Global<const float> moments, dy;

  PW_GPU Constants constants(int64_t, int64_t) const { return {norm.rows.count()}; }
  PW_GPU void operator()(const Constants &there, int64_t row, int64_t channel,
                         float *values) const {
    const bool inside = row < there.rows;
    Pack<float, kWidth> in{}, out{};
    float mean = 0, rstd = 0;
    if (inside) {
      in = norm.x.load<kWidth>(row * norm.c + channel);
      out = dy.load<kWidth>(row * norm.c + channel);
      mean = moments[2 * row];
      rstd = moments[2 * row + 1];
    }
    PW_UNROLL
    for (int k = 0; k < kWidth; ++k) {
      values[k] = out.v[k] * ((in.v[k] - mean) * rstd);
      values[kWidth + k] = out.v[k];
    }
  }
};

struct HitsPutNorm {
  Global<float> dgamma, dbeta;
  int64_t c;
  int32_t accumulate;

  PW_GPU void operator()(int64_t segment, int64_t column, double total) const {
    const PutVector put{column < c ? dgamma : dbeta, accumulate};
    if (put.to != nullptr) put(segment, column % c, total);
  }
};

int64_t hits_norm_workspace(int, const pw_hits_norm &d) {
  return SumPlan{1, d.capacity, d.c}.workspace(2);
}

void hits_norm_forward(Pool &pool, const pw_hits_norm &d, const int32_t *offsets, const float *x,
                       const float *gamma, const float *beta, float *y, float *moments) {
  const int64_t capacity = d.capacity;
  dispatch_width<float>(d.c, [&](auto width) {
    launch(pool, hits_norm_grid(pool, capacity), hits_normalise<width()>,
           HitsNorm(d, offsets, x, gamma), input<float>(beta, d.c),
           output<float>(y, capacity * d.c), output<float>(moments, 2 * capacity));
  });
}

void hits_norm_backward(Pool &pool, const pw_hits_norm &d, const int32_t *offsets, const float *x,
                        const float *gamma, const float *moments, const float *dy,
                        const float *addend, float *dx, float *dgamma, float *dbeta,
                        void *workspace) {
  const int64_t capacity = d.capacity, elements = capacity * d.c;
  const HitsNorm norm(d, offsets, x, gamma);
  const auto moment = input<float>(moments, 2 * capacity), gradient = input<float>(dy, elements);
  dispatch_width<float>(d.c, [&](auto width) {
    if (dgamma != nullptr || dbeta != nullptr) {
      sum_all(
          pool, SumPlan{1, capacity, d.c}, HitsNormTerms<width()>{norm, moment, gradient},
          workspace,
          HitsPutNorm{output<float>(dgamma, d.c), output<float>(dbeta, d.c), d.c, d.accumulate});
    }
    launch(pool, hits_norm_grid(pool, capacity), hits_norm_gradient<width()>, norm, moment,
           gradient, input<float>(addend, elements), output<float>(dx, elements));
  });
}

// ---- pool

template <bool kAll>
struct HitsPooled {
  static constexpr bool kLargest = kAll;
  Global<const float> x;
  Global<float> pooled;
  Global<int32_t> row_of_largest;
  int64_t c;

  PW_GPU float value(int64_t row, int64_t channel) const { return hits_gelu(x[row * c + channel]); }
  PW_GPU float mean(double sum, int64_t hits) const {
    return hits > 0 ? static_cast<float>(sum / static_cast<double>(hits)) : 0.0f;
  }
  PW_GPU void finish(int64_t cluster, int64_t channel, double sum, int64_t hits) const {
    pooled[cluster * c + channel] = mean(sum, hits);
  }
  PW_GPU void finish(int64_t cluster, int64_t channel, double sum, int64_t hits, float largest,
                     int64_t place) const {
    const int64_t to = cluster * 3 * c + channel;
    pooled[to] = mean(sum, hits);
    pooled[to + c] = static_cast<float>(sum / 10.0);
    pooled[to + 2 * c] = largest;
    row_of_largest[cluster * c + channel] = static_cast<int32_t>(place);
  }
};

struct HitsPoolGradient {
  HitsRows rows;
  int64_t c;
  bool all;
  Global<const int32_t> cluster, largest;
  Global<const float> x, dpooled, addend;
  Global<float> dx;

  PW_GPU void operator()(int64_t at) const {
    const int64_t row = at / c, channel = at % c;
    if (row >= rows.count()) return;
    const int64_t own = cluster[row], from = own * (all ? 3 : 1) * c + channel;
    const auto hits = static_cast<float>(rows.offsets[own + 1] - rows.offsets[own]);
    float du = dpooled[from] / hits;
    if (all) {
      du += dpooled[from + c] / 10.0f;
      if (largest[own * c + channel] == row) du += dpooled[from + 2 * c];
    }
    const float added = addend != nullptr ? addend[at] : 0.0f;
    dx[at] = du * hits_gelu_slope(x[at]) + added;
  }
};

void hits_pool_forward(Pool &pool, const pw_hits_pool &d, const int32_t *offsets, const float *x,
                       float *pooled, int32_t *largest) {
  const int64_t n = d.n, c = d.c;
  const auto in = input<float>(x, d.capacity * c);
  if (d.all != 0) {
    hits_fold_clusters(
        pool, offsets, n, c,
        HitsPooled<true>{in, output<float>(pooled, n * 3 * c), output<int32_t>(largest, n * c), c});
  } else {
    hits_fold_clusters(pool, offsets, n, c,
                       HitsPooled<false>{in, output<float>(pooled, n * c), {}, c});
  }
}

void hits_pool_backward(Pool &pool, const pw_hits_pool &d, const int32_t *offsets,
                        const int32_t *cluster, const float *x, const int32_t *largest,
                        const float *dpooled, const float *addend, float *dx) {
  const int64_t n = d.n, c = d.c, elements = d.capacity * c;
  const bool all = d.all != 0;
  each(pool, elements,
       HitsPoolGradient{HitsRows(offsets, n), c, all, input<int32_t>(cluster, d.capacity),
                        input<int32_t>(largest, n * c), input<float>(x, elements),
                        input<float>(dpooled, n * (all ? 3 : 1) * c),
                        input<float>(addend, elements), output<float>(dx, elements)});
}

}  // namespace

void fill_hits(Kernels &k) {
  k.hits_neighbours = hits_neighbours;
  k.hits_features = hits_features;
  k.hits_norm_workspace = hits_norm_workspace;
  k.hits_norm_forward = hits_norm_forward;
  k.hits_norm_backward = hits_norm_backward;
  k.hits_product_workspace = hits_product_workspace;
  k.hits_product_forward = hits_product_forward;
  k.hits_product_backward = hits_product_backward;
  k.hits_pool_forward = hits_pool_forward;
  k.hits_pool_backward = hits_pool_backward;
}

}  // namespace pw
