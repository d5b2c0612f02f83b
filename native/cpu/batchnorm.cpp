#include <cmath>

#include "checks.h"
#include "isa/kernels.h"

namespace pw {
namespace {

// The vectors of batch norm are a few thousand numbers at most: double arithmetic on one thread
// costs nothing.
struct Forward {
  pw_batchnorm d;
  const float *stats, *gamma, *beta;
  float *running_mean, *running_var, *bn;

  void operator()() const {
    for (int64_t i = 0; i < d.c; ++i) {
      double mean, variance;
      if (d.training != 0) {
        mean = stats[i];
        variance = stats[d.c + i];
        update(i, mean, variance);
      } else {
        mean = running_mean[i];
        variance = running_var[i];
      }
      const double rstd = 1.0 / std::sqrt(variance + static_cast<double>(d.eps));
      const double scale = gamma[i] * rstd;
      bn[i] = static_cast<float>(scale);
      bn[d.c + i] = static_cast<float>(beta[i] - mean * scale);
      bn[2 * d.c + i] = static_cast<float>(mean);
      bn[3 * d.c + i] = static_cast<float>(rstd);
    }
  }

  void update(int64_t i, double mean, double variance) const {
    const double weight = d.momentum;
    // A single value has no unbiased variance; its biased one, 0, is kept.
    const double unbias =
        d.count > 1 ? static_cast<double>(d.count) / static_cast<double>(d.count - 1) : 1.0;
    if (running_mean != nullptr) {
      running_mean[i] = static_cast<float>((1 - weight) * running_mean[i] + weight * mean);
    }
    if (running_var != nullptr) {
      running_var[i] =
          static_cast<float>((1 - weight) * running_var[i] + weight * variance * unbias);
    }
  }
};

struct Backward {
  pw_batchnorm d;
  const float *sums, *bn;
  float *dgamma, *dbeta, *coef;

  void operator()() const {
    for (int64_t i = 0; i < d.c; ++i) {
      const float sum_dz = sums[i], sum_dz_xhat = sums[d.c + i];
      if (dgamma != nullptr) dgamma[i] = d.accumulate != 0 ? dgamma[i] + sum_dz_xhat : sum_dz_xhat;
      if (dbeta != nullptr) dbeta[i] = d.accumulate != 0 ? dbeta[i] + sum_dz : sum_dz;
      // scale * (dz - mean(dz) - (raw - mean) * rstd * mean(dz xhat)), sorted by dz and raw.
      const double scale = bn[i];
      double beta = 0, gamma = 0;
      if (d.training != 0) {
        const double count = static_cast<double>(d.count);
        const double mean = bn[2 * d.c + i], rstd = bn[3 * d.c + i];
        beta = -scale * rstd * (sum_dz_xhat / count);
        gamma = -scale * (sum_dz / count) - beta * mean;
      }
      coef[i] = bn[i];
      coef[d.c + i] = static_cast<float>(beta);
      coef[2 * d.c + i] = static_cast<float>(gamma);
    }
  }
};

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
    pw::submit(stream, pw::Forward{*batchnorm, stats, gamma, beta, running_mean, running_var, bn});
  });
}

pw_status pw_batchnorm_backward(pw_stream *stream, const pw_batchnorm *batchnorm, const float *sums,
                                const float *bn, float *dgamma, float *dbeta, float *coef) {
  return pw::guard([&] {
    const pw::Checks checks("batchnorm_backward");
    pw::check(checks, stream, batchnorm);
    checks.require(sums != nullptr && bn != nullptr && coef != nullptr, "sums, bn or coef is null");
    pw::submit(stream, pw::Backward{*batchnorm, sums, bn, dgamma, dbeta, coef});
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
    pw_device *device = stream->device;
    pw::submit(stream, [=] { device->kernels->batchnorm_apply(device->pool, t, view, y); });
  });
}
