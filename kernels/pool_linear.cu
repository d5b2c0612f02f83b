#include "fill.h"
#include "philox.h"
#include "product.h"
#include "reduce.h"

namespace pw {
namespace {

// ---- sites

struct ImageLevel {
  Global<float> sites;
  int64_t h, w;
  int32_t halvings;
};

struct ImageLevels {
  ImageLevel level[kMostSiteLevels];
  int count;
};

// A block an image. A thread looks at all the pixels of its sites; they are counted as whole
// numbers, whose order is of no consequence.
template <class T>
__global__ void image_sites(pw_tensor d, Global<const T> image, ImageLevels levels) {
  const Shared<int32_t> counts(0, kThreads);
  const int thread = static_cast<int>(threadIdx.x);
  const int64_t n = blockIdx.x, h = d.h, w = d.w, c = d.c;
  for (int l = 0; l < levels.count; ++l) {
    const ImageLevel level = levels.level[l];
    const int64_t side = INT64_C(1) << level.halvings, pixels = level.h * level.w;
    int32_t count = 0;
    for (int64_t site = thread; site < pixels; site += kThreads) {
      const int64_t top = site / level.w * side, left = site % level.w * side;
      bool hit = false;
      for (int64_t y = top; y < least(h, top + side); ++y) {
        for (int64_t i = left * c; i < least(w, left + side) * c; ++i) {
          hit = hit || image.at((n * h + y) * w * c + i) != 0;
        }
      }
      level.sites[n * pixels + site] = hit ? 1.0f : 0.0f;
      count += hit ? 1 : 0;
    }
    counts.set(thread, count);
    __syncthreads();
    if (thread == 0) {
      for (int t = 1; t < kThreads; ++t) count += counts.get(t);
      level.sites[d.n * pixels + n] = static_cast<float>(count);
    }
    __syncthreads();
  }
}

void pool_sites(Pool &pool, const pw_tensor &d, const void *image, const SiteLevels &levels) {
  ImageLevels all{};
  all.count = static_cast<int>(levels.count);
  for (int l = 0; l < all.count; ++l) {
    const pw_site_level &level = levels.level[l];
    const int64_t side = INT64_C(1) << level.halvings;
    const int64_t h = ceil_div(d.h, side), w = ceil_div(d.w, side);
    all.level[l] = {output<float>(level.sites, d.n * (h * w + 1)), h, w, level.halvings};
  }
  dispatch_storage(d.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    launch(pool, {d.n, kThreads, kThreads * static_cast<int64_t>(sizeof(int32_t))}, image_sites<T>,
           d, input<T>(image, shape_of(d).elements()), all);
  });
}

// ---- average pool

// Writes dz and tells the terms of its sums.
template <class T, int kColumns>
struct PoolGradient {
  static constexpr int kValues = 2, kWidth = kColumns;
  using Constants = Norm<kWidth>;
  View<T> x;
  Sites sites;
  Global<const float> dembedding;
  Global<T> dz;

  PW_GPU Constants constants(int64_t, int64_t channel) const { return {x.bn, channel, x.c}; }
  PW_GPU void operator()(const Constants &norm, int64_t row, int64_t channel, float *values) const {
    Pack<T, kWidth> stored;
    if (!sites.at(row)) {
      PW_UNROLL
      for (int k = 0; k < kWidth; ++k) {
        put(stored.v[k], 0);
        values[k] = values[kWidth + k] = 0;
      }
      dz.template store<kWidth>(row * x.c + channel, stored);
      return;
    }
    const auto raw = x.template fetch<kWidth>(row, channel);
    const int64_t image = x.image_of(row);
    const float share = 1.0f / static_cast<float>(sites.divisor(image, x.pixels));
    PW_UNROLL
    for (int k = 0; k < kWidth; ++k) {
      const float v = to_float(raw.v[k]);
      const float d = dembedding[image * x.c + channel + k] * share * silu_slope(norm.z(k, v));
      put(stored.v[k], d);
      values[k] = d;
      values[kWidth + k] = d * norm.xhat(k, v);
    }
    dz.template store<kWidth>(row * x.c + channel, stored);
  }
};

// The embedding needs partial sums but has no workspace: a thread sums a channel of an image.
template <class T>
struct PoolChannel {
  View<T> x;
  Sites sites;
  Global<float> embedding;

  PW_GPU void operator()(int64_t i) const {
    const int64_t image = i / x.c, channel = i % x.c;
    double total = 0;
    for (int64_t p = 0; p < x.pixels; ++p) {
      const int64_t row = image * x.pixels + p;
      if (sites.at(row)) total += static_cast<double>(x.at(row * x.c + channel));
    }
    embedding[i] = static_cast<float>(total / sites.divisor(image, x.pixels));
  }
};

void pool_forward(Pool &pool, const pw_tensor &t, const pw_view &x, const float *active,
                  float *embedding) {
  const Shape shape = shape_of(t);
  dispatch_storage(t.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    each(pool, shape.n * shape.c,
         PoolChannel<T>{View<T>(x, shape, PW_BN_SILU), Sites(active, shape),
                        output<float>(embedding, shape.n * shape.c)});
  });
}

int64_t pool_workspace(int, const pw_tensor &t) {
  const Shape shape = shape_of(t);
  return SumPlan{1, shape.rows(), shape.c}.workspace(2);
}

void pool_backward(Pool &pool, const pw_tensor &t, const pw_view &x, const float *active,
                   const float *dembedding, void *dz, float *sums, void *workspace) {
  const Shape shape = shape_of(t);
  dispatch_storage(t.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    dispatch_width<T>(shape.c, [&](auto width) {
      sum_all(pool, SumPlan{1, shape.rows(), shape.c},
              PoolGradient<T, width()>{View<T>(x, shape, PW_BN_SILU), Sites(active, shape),
                                       input<float>(dembedding, shape.n * shape.c),
                                       output<T>(dz, shape.elements())},
              workspace, store_sums<2>(sums, 1, shape.c));
    });
  });
}

template <class T>
struct PoolSpread {
  Shape shape;
  Sites sites;
  Global<const float> dembedding;
  Global<T> dx;

  PW_GPU void operator()(int64_t i) const {
    const int64_t row = i / shape.c, image = row / shape.pixels;
    float value = 0;
    if (sites.at(row)) {
      const float share = 1.0f / static_cast<float>(sites.divisor(image, shape.pixels));
      value = dembedding[image * shape.c + i % shape.c] * share;
    }
    dx.set(i, value);
  }
};

void pool_spread(Pool &pool, const pw_tensor &t, const float *active, const float *dembedding,
                 void *dx) {
  const Shape shape = shape_of(t);
  dispatch_storage(t.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    each(pool, shape.elements(),
         PoolSpread<T>{shape, Sites(active, shape), input<float>(dembedding, shape.n * shape.c),
                       output<T>(dx, shape.elements())});
  });
}

struct PutBiased {
  Global<float> y;
  Global<const float> bias;
  int64_t columns;
  PW_GPU void operator()(int64_t row, int64_t column, float sum, int64_t) const {
    y[row * columns + column] = sum + bias[column];
  }
};

void linear_forward(Pool &pool, const pw_linear &d, const float *x, const float *weight,
                    const float *bias, float *y) {
  const int64_t n = d.n, in = d.c_in, out = d.c_out;
  multiply(pool, {n, out, in}, Rows<float>{input<float>(x, n * in), in},
           Transposed{input<float>(weight, out * in), in},
           PutBiased{output<float>(y, n * out), input<float>(bias, out), out});
}

void linear_backward(Pool &pool, const pw_linear &d, const float *x, const float *weight,
                     const float *dy, float *dx, float *dweight, float *dbias) {
  const int64_t n = d.n, in = d.c_in, out = d.c_out;
  const Global<const float> gradient = input<float>(dy, n * out);
  if (dx != nullptr) {
    multiply(pool, {n, in, out}, Rows<float>{gradient, out},
             Plain{input<float>(weight, out * in), in}, Put{output<float>(dx, n * in), in, 0});
  }
  multiply(pool, {out, in, n}, Columns{gradient, out}, Plain{input<float>(x, n * in), in},
           Put{output<float>(dweight, out * in), in, d.accumulate});
  sum_columns(pool, dy, n, out, dbias, d.accumulate);
}

struct Dropout {
  pw_dropout d;
  int64_t groups;  // of an image
  Global<const pw_step> step;
  Global<const float> x;
  Global<float> y;

  PW_GPU void operator()(int64_t i) const {
    drop_group(d, step[0], static_cast<int32_t>(i / groups), static_cast<int32_t>(i % groups), x,
               y);
  }
};

void dropout(Pool &pool, const pw_dropout &d, const pw_step *step, const float *x, float *y) {
  const int64_t elements = static_cast<int64_t>(d.n) * d.c, groups = ceil_div(d.c, kDropoutGroup);
  each(pool, d.n * groups,
       Dropout{d, groups, input<pw_step>(step, 1), input<float>(x, elements),
               output<float>(y, elements)});
}

}  // namespace

void fill_pool_linear(Kernels &k) {
  k.pool_sites = pool_sites;
  k.pool_forward = pool_forward;
  k.pool_workspace = pool_workspace;
  k.pool_backward = pool_backward;
  k.pool_spread = pool_spread;
  k.linear_forward = linear_forward;
  k.linear_backward = linear_backward;
  k.dropout = dropout;
}

}  // namespace pw
