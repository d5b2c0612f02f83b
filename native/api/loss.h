// The autoencoder's loss of an image from sums over its pixels, and the factors of its gradient.
// Arrays are anything with [].
#pragma once

#include <cstring>

#include "pixelwake/kernels.h"
#include "portable.h"

namespace pw {

// The sums over the pixels of an image that its loss is made of.
struct MaskSums {
  double weight, cross_entropy, overlap, predicted, present, both, either;
};
struct ImageSums {
  double weight, weighted_error, error, empty_error;
  MaskSums mask[2];  // cluster, threshold
};
constexpr int kSums = sizeof(ImageSums) / sizeof(double);
static_assert(kSums == 18);
// The same of a part of an image, by number.
struct Sums {
  double sum[kSums];
};

// What the gradient of a pixel needs of them, factors of the total included.
struct MaskFactors {
  float cross_entropy, dice_present, dice_all;
};
struct GradientFactors {
  float image;
  MaskFactors mask[2];
};

// Of an image: its row of columns, and the factors of its gradient.
template <class Chunks, class Columns>
PW_BOTH inline GradientFactors finish_image(const pw_autoencoder_loss &d, Chunks chunks,
                                            int64_t count, Columns columns) {
  double totals[kSums] = {};
  for (int64_t i = 0; i < count; ++i) {
    for (int k = 0; k < kSums; ++k) totals[k] += chunks[i].sum[k];
  }
  ImageSums s;
  memcpy(&s, totals, sizeof(s));
  const double images = d.n, values = 3.0 * static_cast<double>(d.h) * d.w;
  GradientFactors factors{};
  for (int k = 0; k < PW_LOSS_COLUMNS; ++k) columns[k] = 0;
  if (s.weight > 0) {
    columns[0] = static_cast<float>(s.weighted_error / (3 * s.weight));
    factors.image = static_cast<float>(d.image_weight * 2.0 / (3 * s.weight * images));
  }
  for (int k = 0; k < 2; ++k) {
    const MaskSums &m = s.mask[k];
    const double weight = (k == 0 ? d.cluster_weight : d.threshold_weight) / images;
    const double numerator = 2 * m.overlap + 1, denominator = m.predicted + m.present + 1;
    double loss = d.dice_weight * (1 - numerator / denominator);
    if (m.weight > 0) {
      loss += d.bce_weight * m.cross_entropy / m.weight;
      factors.mask[k].cross_entropy = static_cast<float>(weight * d.bce_weight / m.weight);
    }
    factors.mask[k].dice_present = static_cast<float>(weight * d.dice_weight * -2 / denominator);
    factors.mask[k].dice_all =
        static_cast<float>(weight * d.dice_weight * numerator / (denominator * denominator));
    columns[1 + k] = static_cast<float>(loss);
    columns[5 + 2 * k] = static_cast<float>(m.both);
    columns[6 + 2 * k] = static_cast<float>(m.either);
  }
  columns[3] = static_cast<float>(s.error / values);
  columns[4] = static_cast<float>(s.empty_error / values);
  return factors;
}

// losses [4] from the columns of all images.
template <class Columns, class Losses>
PW_BOTH inline void finish_losses(const pw_autoencoder_loss &d, Columns columns, Losses losses) {
  double mean[3] = {};
  for (int64_t n = 0; n < d.n; ++n) {
    for (int k = 0; k < 3; ++k) mean[k] += columns[n * PW_LOSS_COLUMNS + k];
  }
  for (double &m : mean) m /= static_cast<double>(d.n);
  losses[0] = static_cast<float>(d.image_weight * mean[0] + d.cluster_weight * mean[1] +
                                 d.threshold_weight * mean[2]);
  for (int k = 0; k < 3; ++k) losses[1 + k] = static_cast<float>(mean[k]);
}

}  // namespace pw
