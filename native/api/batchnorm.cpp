#include "checks.h"

namespace pw {
namespace {

void check(const Checks &checks, const pw_batchnorm *batchnorm) {
  checks.require(batchnorm != nullptr, "the descriptor is null");
  checks.positive(batchnorm->c, "c");
  checks.require(batchnorm->training == 0 || batchnorm->count > 0, "count must be positive");
}

}  // namespace
}  // namespace pw

pw_status pw_batchnorm_forward(pw_stream *stream, const pw_batchnorm *batchnorm, const float *stats,
                               const float *gamma, const float *beta, float *running_mean,
                               float *running_var, float *bn) {
  return pw::operation("batchnorm_forward", stream, [&](const pw::Checks &checks) {
    pw::check(checks, batchnorm);
    checks.require(batchnorm->eps >= 0, "eps must not be negative");
    checks.require(gamma != nullptr && beta != nullptr && bn != nullptr,
                   "gamma, beta or bn is null");
    if (batchnorm->training != 0) {
      checks.require(stats != nullptr, "training needs stats, which is null");
    } else {
      checks.require(running_mean != nullptr && running_var != nullptr,
                     "evaluation needs the running statistics, which are null");
    }
    return [=, d = *batchnorm](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.batchnorm_forward(pool, d, stats, gamma, beta, running_mean, running_var, bn);
    };
  });
}

pw_status pw_batchnorm_backward(pw_stream *stream, const pw_batchnorm *batchnorm, const float *sums,
                                const float *bn, float *dgamma, float *dbeta, float *coef) {
  return pw::operation("batchnorm_backward", stream, [&](const pw::Checks &checks) {
    pw::check(checks, batchnorm);
    checks.require(sums != nullptr && bn != nullptr && coef != nullptr, "sums, bn or coef is null");
    return [=, d = *batchnorm](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.batchnorm_backward(pool, d, sums, bn, dgamma, dbeta, coef);
    };
  });
}

pw_status pw_batchnorm_apply(pw_stream *stream, const pw_tensor *tensor, const pw_view *x,
                             void *y) {
  return pw::operation("batchnorm_apply", stream, [&](const pw::Checks &checks) {
    checks.tensor(tensor);
    checks.view(x, tensor->transform);
    checks.require(y != nullptr, "y is null");
    return [=, d = *tensor, view = *x](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.batchnorm_apply(pool, d, view, y);
    };
  });
}
