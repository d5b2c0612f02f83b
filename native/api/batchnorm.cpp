#include "checks.h"

namespace pw {
namespace {

void check(const Checks &checks, const pw_stream *stream, const pw_batchnorm *batchnorm) {
  checks.require(stream != nullptr && batchnorm != nullptr, "stream or descriptor is null");
  checks.positive(batchnorm->c, "c");
  checks.require(batchnorm->training == 0 || batchnorm->count > 0, "count must be positive");
}

}  // namespace
}  // namespace pw

pw_status pw_batchnorm_forward(pw_stream *stream, const pw_batchnorm *batchnorm, const float *stats,
                               const float *gamma, const float *beta, float *running_mean,
                               float *running_var, float *bn) {
  return pw::guard([&] {
    const pw::Checks checks("batchnorm_forward");
    pw::check(checks, stream, batchnorm);
    checks.require(batchnorm->eps >= 0, "eps must not be negative");
    checks.require(gamma != nullptr && beta != nullptr && bn != nullptr,
                   "gamma, beta or bn is null");
    if (batchnorm->training != 0) {
      checks.require(stats != nullptr, "training needs stats, which is null");
    } else {
      checks.require(running_mean != nullptr && running_var != nullptr,
                     "evaluation needs the running statistics, which are null");
    }
    const pw_batchnorm d = *batchnorm;
    const pw::Context context(stream);
    pw::submit(stream, [=] {
      context.kernels().batchnorm_forward(context.pool(), d, stats, gamma, beta, running_mean,
                                          running_var, bn);
    });
  });
}

pw_status pw_batchnorm_backward(pw_stream *stream, const pw_batchnorm *batchnorm, const float *sums,
                                const float *bn, float *dgamma, float *dbeta, float *coef) {
  return pw::guard([&] {
    const pw::Checks checks("batchnorm_backward");
    pw::check(checks, stream, batchnorm);
    checks.require(sums != nullptr && bn != nullptr && coef != nullptr, "sums, bn or coef is null");
    const pw_batchnorm d = *batchnorm;
    const pw::Context context(stream);
    pw::submit(stream, [=] {
      context.kernels().batchnorm_backward(context.pool(), d, sums, bn, dgamma, dbeta, coef);
    });
  });
}

pw_status pw_batchnorm_apply(pw_stream *stream, const pw_tensor *tensor, const pw_view *x,
                             void *y) {
  return pw::guard([&] {
    const pw::Checks checks("batchnorm_apply");
    checks.require(stream != nullptr, "stream is null");
    checks.tensor(tensor);
    checks.view(x, tensor->transform);
    checks.require(y != nullptr, "y is null");
    const pw_tensor t = *tensor;
    const pw_view view = *x;
    const pw::Context context(stream);
    pw::submit(stream, [=] { context.kernels().batchnorm_apply(context.pool(), t, view, y); });
  });
}
