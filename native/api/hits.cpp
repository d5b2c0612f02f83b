#include "checks.h"

namespace pw {
namespace {

void check_rows(const Checks &checks, int32_t n, int32_t capacity, const int32_t *offsets) {
  checks.positive(n, "n");
  checks.positive(capacity, "capacity");
  checks.require(offsets != nullptr, "offsets is null");
}

void check(const Checks &checks, const pw_hits *hits, const pw_step *step, const Hits &of) {
  checks.require(hits != nullptr, "the descriptor is null");
  check_rows(checks, hits->n, hits->capacity, of.offsets);
  checks.require(hits->augment >= 0 && hits->augment <= 9, "augment must be 0 to 9");
  checks.require(step != nullptr, "step is null");
  checks.require(of.x != nullptr && of.y != nullptr, "x or y is null");
  checks.require(of.ids != nullptr, "ids is null");
}

void check(const Checks &checks, const pw_hits_norm *norm) {
  checks.require(norm != nullptr, "the descriptor is null");
  checks.positive(norm->n, "n");
  checks.positive(norm->capacity, "capacity");
  checks.positive(norm->c, "c");
  checks.size({norm->capacity, norm->c});
  checks.require(norm->eps > 0, "eps must be positive");
}

void check(const Checks &checks, const pw_hits_product *product) {
  checks.require(product != nullptr, "the descriptor is null");
  checks.positive(product->n, "n");
  checks.positive(product->capacity, "capacity");
  checks.positive(product->c_in, "c_in");
  checks.positive(product->c_out, "c_out");
  checks.require(product->taps == 1 || product->taps == PW_HITS_NEIGHBOURS, "taps must be 1 or 9");
  checks.size({product->capacity, product->c_in});
  checks.size({product->capacity, product->c_out});
  checks.size({product->c_in, product->c_out, product->taps});
}

void check(const Checks &checks, const pw_hits_product &product, const HitInput &of) {
  checks.require(of.offsets != nullptr && of.x != nullptr, "offsets or x is null");
  checks.require((product.taps == 1) == (of.neighbours == nullptr),
                 "neighbours goes with 9 taps, and with them alone");
  checks.require(of.context == nullptr || product.taps == 1, "context goes with 1 tap");
  checks.require(of.context == nullptr || of.cluster != nullptr, "cluster is null");
}

void check(const Checks &checks, const pw_hits_pool *pool, const int32_t *offsets, const float *x,
           const int32_t *largest) {
  checks.require(pool != nullptr, "the descriptor is null");
  check_rows(checks, pool->n, pool->capacity, offsets);
  checks.positive(pool->c, "c");
  checks.require(pool->all == 0 || pool->all == 1, "all must be 0 or 1");
  checks.size({pool->capacity, pool->c});
  checks.size({pool->n, pool->c, 3});
  checks.require(x != nullptr, "x is null");
  checks.require((largest != nullptr) == (pool->all == 1),
                 "largest goes with all, and with it alone");
}

}  // namespace
}  // namespace pw

pw_status pw_hits_neighbours(pw_stream *stream, const pw_hits *hits, const pw_step *step,
                             const int16_t *x, const int16_t *y, const int32_t *offsets,
                             const int64_t *ids, int32_t *neighbours, int32_t *cluster) {
  return pw::operation("hits_neighbours", stream, [&](const pw::Checks &checks) {
    const pw::Hits of{x, y, nullptr, nullptr, offsets, ids};
    pw::check(checks, hits, step, of);
    checks.require(neighbours != nullptr && cluster != nullptr, "neighbours or cluster is null");
    return [=, d = *hits](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.hits_neighbours(pool, d, step, of, neighbours, cluster);
    };
  });
}

pw_status pw_hits_features(pw_stream *stream, const pw_hits *hits, const pw_step *step,
                           const int16_t *x, const int16_t *y, const float *energy,
                           const float *toa, const int32_t *offsets, const int64_t *ids,
                           float *features) {
  return pw::operation("hits_features", stream, [&](const pw::Checks &checks) {
    const pw::Hits of{x, y, energy, toa, offsets, ids};
    pw::check(checks, hits, step, of);
    checks.require(hits->energy_scale > 0, "energy_scale must be positive");
    checks.require(hits->toa_scale >= 0, "toa_scale must not be negative");
    checks.require(energy != nullptr && features != nullptr, "energy or features is null");
    checks.require(hits->toa_scale == 0 || toa != nullptr, "toa is null though toa_scale is not 0");
    return [=, d = *hits](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.hits_features(pool, d, step, of, features);
    };
  });
}

int64_t pw_hits_norm_workspace(pw_device *device, const pw_hits_norm *norm) {
  return pw::size_of("hits_norm_workspace", device,
                     [&](const pw::Checks &checks, const pw::Kernels &kernels, int threads) {
                       pw::check(checks, norm);
                       return kernels.hits_norm_workspace(threads, *norm);
                     });
}

pw_status pw_hits_norm_forward(pw_stream *stream, const pw_hits_norm *norm, const int32_t *offsets,
                               const float *x, const float *gamma, const float *beta, float *y,
                               float *moments) {
  return pw::operation("hits_norm_forward", stream, [&](const pw::Checks &checks) {
    pw::check(checks, norm);
    checks.require(offsets != nullptr && x != nullptr, "offsets or x is null");
    checks.require(gamma != nullptr && beta != nullptr, "gamma or beta is null");
    checks.require(y != nullptr && moments != nullptr, "y or moments is null");
    return [=, d = *norm](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.hits_norm_forward(pool, d, offsets, x, gamma, beta, y, moments);
    };
  });
}

pw_status pw_hits_norm_backward(pw_stream *stream, const pw_hits_norm *norm, const int32_t *offsets,
                                const float *x, const float *gamma, const float *moments,
                                const float *dy, const float *addend, float *dx, float *dgamma,
                                float *dbeta, void *workspace) {
  return pw::operation("hits_norm_backward", stream, [&](const pw::Checks &checks) {
    pw::check(checks, norm);
    checks.require(offsets != nullptr && x != nullptr, "offsets or x is null");
    checks.require(gamma != nullptr && moments != nullptr, "gamma or moments is null");
    checks.require(dy != nullptr && dx != nullptr, "dy or dx is null");
    checks.require(workspace != nullptr, "workspace is null");
    return [=, d = *norm](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.hits_norm_backward(pool, d, offsets, x, gamma, moments, dy, addend, dx, dgamma, dbeta,
                                 workspace);
    };
  });
}

int64_t pw_hits_product_workspace(pw_device *device, const pw_hits_product *product, int32_t pass) {
  return pw::size_of("hits_product_workspace", device,
                     [&](const pw::Checks &checks, const pw::Kernels &kernels, int threads) {
                       pw::check(checks, product);
                       checks.pass(pass);
                       return kernels.hits_product_workspace(threads, *product, pass);
                     });
}

pw_status pw_hits_product_forward(pw_stream *stream, const pw_hits_product *product,
                                  const int32_t *offsets, const int32_t *neighbours,
                                  const int32_t *cluster, const float *x, const float *context,
                                  const float *weight, const float *bias, const float *addend,
                                  float *y, void *workspace) {
  return pw::operation("hits_product_forward", stream, [&](const pw::Checks &checks) {
    const pw::HitInput of{offsets, neighbours, cluster, x, context};
    pw::check(checks, product);
    pw::check(checks, *product, of);
    checks.require(weight != nullptr && y != nullptr, "weight or y is null");
    checks.require(workspace != nullptr, "workspace is null");
    return [=, d = *product](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.hits_product_forward(pool, d, of, weight, bias, addend, y, workspace);
    };
  });
}

pw_status pw_hits_product_backward(pw_stream *stream, const pw_hits_product *product,
                                   const int32_t *offsets, const int32_t *neighbours,
                                   const int32_t *cluster, const float *x, const float *context,
                                   const float *weight, const float *dy, const float *addend,
                                   float *dx, float *dcontext, float *dweight, float *dbias,
                                   void *workspace) {
  return pw::operation("hits_product_backward", stream, [&](const pw::Checks &checks) {
    const pw::HitInput of{offsets, neighbours, cluster, x, context};
    pw::check(checks, product);
    pw::check(checks, *product, of);
    checks.require(dy != nullptr, "dy is null");
    checks.require(weight != nullptr || (dx == nullptr && dcontext == nullptr), "weight is null");
    checks.require(dcontext == nullptr || product->taps == 1, "dcontext goes with 1 tap");
    checks.require(workspace != nullptr, "workspace is null");
    return [=, d = *product](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.hits_product_backward(pool, d, of, weight, dy, addend, dx, dcontext, dweight, dbias,
                                    workspace);
    };
  });
}

pw_status pw_hits_pool_forward(pw_stream *stream, const pw_hits_pool *pool, const int32_t *offsets,
                               const float *x, float *pooled, int32_t *largest) {
  return pw::operation("hits_pool_forward", stream, [&](const pw::Checks &checks) {
    pw::check(checks, pool, offsets, x, largest);
    checks.require(pooled != nullptr, "pooled is null");
    return [=, d = *pool](const pw::Kernels &kernels, pw::Pool &threads) {
      kernels.hits_pool_forward(threads, d, offsets, x, pooled, largest);
    };
  });
}

pw_status pw_hits_pool_backward(pw_stream *stream, const pw_hits_pool *pool, const int32_t *offsets,
                                const int32_t *cluster, const float *x, const int32_t *largest,
                                const float *dpooled, const float *addend, float *dx) {
  return pw::operation("hits_pool_backward", stream, [&](const pw::Checks &checks) {
    pw::check(checks, pool, offsets, x, largest);
    checks.require(cluster != nullptr, "cluster is null");
    checks.require(dpooled != nullptr && dx != nullptr, "dpooled or dx is null");
    return [=, d = *pool](const pw::Kernels &kernels, pw::Pool &threads) {
      kernels.hits_pool_backward(threads, d, offsets, cluster, x, largest, dpooled, addend, dx);
    };
  });
}
