// Batch norm of one channel: from statistics to the vectors that consumers apply, and from sums to
// those of the gradient. In double, as the vectors are short. Arrays are anything with [].
#pragma once

#include <cmath>

#include "pixelwake/kernels.h"
#include "portable.h"

namespace pw {

// bn [4][c] and the running statistics, which are left alone where they are null.
template <class In, class Out>
PW_BOTH inline void batchnorm_channel(const pw_batchnorm &d, int64_t i, In stats, In gamma, In beta,
                                      Out running_mean, Out running_var, Out bn) {
  double mean, variance;
  if (d.training != 0) {
    mean = stats[i];
    variance = stats[d.c + i];
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

// coef [3][c] and the gradients of gamma and beta, either of which may be null.
template <class In, class Out>
PW_BOTH inline void batchnorm_gradient_channel(const pw_batchnorm &d, int64_t i, In sums, In bn,
                                               Out dgamma, Out dbeta, Out coef) {
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

}  // namespace pw
