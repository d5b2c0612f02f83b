#include "checks.h"

namespace pw {
namespace {

void check(const Checks &checks, const pw_tensor *tensor) {
  checks.tensor(tensor);
  checks.require(tensor->transform == PW_BN_SILU, "transform must be PW_BN_SILU");
}

void check(const Checks &checks, const pw_linear *linear) {
  checks.require(linear != nullptr, "the descriptor is null");
  checks.positive(linear->n, "n");
  checks.positive(linear->c_in, "c_in");
  checks.positive(linear->c_out, "c_out");
  checks.size({linear->n, linear->c_in});
  checks.size({linear->n, linear->c_out});
  checks.size({linear->c_in, linear->c_out});
}

}  // namespace
}  // namespace pw

pw_status pw_pool_sites(pw_stream *stream, const pw_tensor *tensor, const void *image,
                        int64_t levels, const pw_site_level *level) {
  return pw::operation("pool_sites", stream, [&](const pw::Checks &checks) {
    checks.tensor(tensor);
    checks.require(tensor->transform == PW_NONE, "transform must be PW_NONE");
    checks.require(image != nullptr, "image is null");
    checks.require(levels >= 1 && levels <= pw::kMostSiteLevels, "levels must be 1 to 8");
    checks.require(level != nullptr, "level is null");
    pw::SiteLevels all{};
    all.count = levels;
    for (int64_t i = 0; i < levels; ++i) {
      checks.require(level[i].sites != nullptr, "the sites of a level are null");
      checks.require(level[i].halvings >= 0 && level[i].halvings <= 15, "halvings must be 0 to 15");
      all.level[i] = level[i];
    }
    return [=, d = *tensor](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.pool_sites(pool, d, image, all);
    };
  });
}

pw_status pw_pool_forward(pw_stream *stream, const pw_tensor *tensor, const pw_view *x,
                          const float *sites, float *embedding) {
  return pw::operation("pool_forward", stream, [&](const pw::Checks &checks) {
    pw::check(checks, tensor);
    checks.view(x, tensor->transform);
    checks.require(embedding != nullptr, "embedding is null");
    return [=, d = *tensor, view = *x](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.pool_forward(pool, d, view, sites, embedding);
    };
  });
}

int64_t pw_pool_workspace(pw_device *device, const pw_tensor *tensor) {
  return pw::size_of("pool_workspace", device,
                     [&](const pw::Checks &checks, const pw::Kernels &kernels, int threads) {
                       pw::check(checks, tensor);
                       return kernels.pool_workspace(threads, *tensor);
                     });
}

pw_status pw_pool_backward(pw_stream *stream, const pw_tensor *tensor, const pw_view *x,
                           const float *sites, const float *dembedding, void *dz, float *sums,
                           void *workspace) {
  return pw::operation("pool_backward", stream, [&](const pw::Checks &checks) {
    pw::check(checks, tensor);
    checks.view(x, tensor->transform);
    checks.require(dembedding != nullptr && dz != nullptr && sums != nullptr,
                   "dembedding, dz or sums is null");
    checks.require(workspace != nullptr, "workspace is null");
    return [=, d = *tensor, view = *x](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.pool_backward(pool, d, view, sites, dembedding, dz, sums, workspace);
    };
  });
}

pw_status pw_pool_spread(pw_stream *stream, const pw_tensor *tensor, const float *sites,
                         const float *dembedding, void *dx) {
  return pw::operation("pool_spread", stream, [&](const pw::Checks &checks) {
    checks.tensor(tensor);
    checks.require(tensor->transform == PW_NONE, "transform must be PW_NONE");
    checks.require(dembedding != nullptr && dx != nullptr, "dembedding or dx is null");
    return [=, d = *tensor](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.pool_spread(pool, d, sites, dembedding, dx);
    };
  });
}

pw_status pw_linear_forward(pw_stream *stream, const pw_linear *linear, const float *x,
                            const float *weight, const float *bias, float *y) {
  return pw::operation("linear_forward", stream, [&](const pw::Checks &checks) {
    pw::check(checks, linear);
    checks.require(x != nullptr && weight != nullptr && y != nullptr, "x, weight or y is null");
    return [=, d = *linear](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.linear_forward(pool, d, x, weight, bias, y);
    };
  });
}

pw_status pw_linear_backward(pw_stream *stream, const pw_linear *linear, const float *x,
                             const float *weight, const float *dy, float *dx, float *dweight,
                             float *dbias) {
  return pw::operation("linear_backward", stream, [&](const pw::Checks &checks) {
    pw::check(checks, linear);
    checks.require(dy != nullptr, "dy is null");
    checks.require(dx == nullptr || weight != nullptr, "weight is null");
    checks.require(dweight == nullptr || x != nullptr, "x is null");
    return [=, d = *linear](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.linear_backward(pool, d, x, weight, dy, dx, dweight, dbias);
    };
  });
}

pw_status pw_dropout_forward(pw_stream *stream, const pw_dropout *dropout, const pw_step *step,
                             const float *x, float *y) {
  return pw::operation("dropout_forward", stream, [&](const pw::Checks &checks) {
    checks.require(dropout != nullptr, "the descriptor is null");
    checks.positive(dropout->n, "n");
    checks.positive(dropout->c, "c");
    checks.size({dropout->n, dropout->c});
    checks.require(dropout->layer >= 0, "layer must not be negative");
    checks.probability(dropout->probability);
    checks.first(dropout->first, dropout->n);
    checks.require(step != nullptr && x != nullptr && y != nullptr, "step, x or y is null");
    return [=, d = *dropout](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.dropout(pool, d, step, x, y);
    };
  });
}
