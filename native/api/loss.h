// The autoencoder's loss of an image from sums over its pixels, and the factors of its gradient;
// the supervised loss and that of hits as a whole. Arrays are anything with [].
#pragma once

#include <cmath>
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

// By which sums over images are divided.
PW_BOTH inline double images_of(const pw_autoencoder_loss &d) {
  return d.global > 0 ? d.global : d.n;
}

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
  const double images = images_of(d), values = 3.0 * static_cast<double>(d.h) * d.w;
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
  for (double &m : mean) m /= images_of(d);
  losses[0] = static_cast<float>(d.image_weight * mean[0] + d.cluster_weight * mean[1] +
                                 d.threshold_weight * mean[2]);
  for (int k = 0; k < 3; ++k) losses[1 + k] = static_cast<float>(mean[k]);
}

// ---- supervised loss: in double throughout, as there are few numbers

// huber(difference), and its slope. What is not a number stays so.
PW_BOTH inline double huber(double difference, double delta, double &slope) {
  const double size = std::fabs(difference);
  const bool near = size <= delta;
  slope = near ? difference : size > delta ? std::copysign(delta, difference) : size;
  return near ? difference * difference / 2 : delta * (size - delta / 2);
}

// Its buffers; each may be null where kernels.h says so.
template <class Floats, class Ints, class Out>
struct Supervised {
  pw_supervised_loss d;
  Floats output;
  Ints labels;
  Floats values, class_weights;
  Out doutput, columns;

  PW_BOTH double weight(int c) const {
    return class_weights != nullptr ? static_cast<double>(class_weights[c]) : 1.0;
  }

  // The class part of an image whose logits begin at `at`; its columns 0, 2 and 3.
  PW_BOTH void classify(int64_t at, int label, Out row) const {
    if (label < 0 || label >= d.classes) {
      for (int c = 0; c < d.classes && doutput != nullptr; ++c) doutput[at + c] = 0;
      return;
    }
    int best = 0;
    for (int c = 1; c < d.classes; ++c) {
      if (output[at + c] > output[at + best]) best = c;
    }
    const double largest = output[at + best];
    double sum = 0;
    for (int c = 0; c < d.classes; ++c) sum += std::exp(output[at + c] - largest);
    const double log_sum = largest + std::log(sum);
    const double smoothing = d.label_smoothing, share = smoothing / d.classes;
    double loss = 0, all = 0;
    for (int c = 0; c < d.classes; ++c) {
      const double a = (c == label ? (1 - smoothing) * weight(c) : 0.0) + share * weight(c);
      if (a != 0) loss += a * (log_sum - output[at + c]);
      all += a;
    }
    const double factor = static_cast<double>(d.class_part) * static_cast<double>(d.scale);
    for (int c = 0; c < d.classes && doutput != nullptr; ++c) {
      const double a = (c == label ? (1 - smoothing) * weight(c) : 0.0) + share * weight(c);
      doutput[at + c] = static_cast<float>(factor * (all * std::exp(output[at + c] - log_sum) - a));
    }
    row[0] = static_cast<float>(loss);
    // Logits that are not numbers have no largest.
    row[2] = best == label && sum == sum ? 1.0f : 0.0f;
    row[3] = static_cast<float>(std::exp(output[at + label] - log_sum));
  }

  // The value part of an image whose predictions begin at `at` and values at `from`; its column 1.
  PW_BOTH void regress(int64_t at, int64_t from, Out row) const {
    const double delta = d.huber_delta, targets = d.targets;
    const double factor =
        static_cast<double>(d.value_part) * static_cast<double>(d.scale) / targets;
    double loss = 0;
    for (int t = 0; t < d.targets; ++t) {
      const double value = values[from + t];
      double slope = 0;
      if (value == value) {
        loss += huber(output[at + t] - value, delta, slope);
      }
      if (doutput != nullptr) doutput[at + t] = static_cast<float>(factor * slope);
    }
    row[1] = static_cast<float>(loss / targets);
  }

  PW_BOTH void image(int64_t n, Out row) const {
    const int64_t at = n * (d.classes + d.targets);
    for (int k = 0; k < PW_SUPERVISED_COLUMNS; ++k) row[k] = 0;
    if (d.classes > 0) classify(at, labels[n], row);
    if (d.targets > 0) regress(at + d.classes, n * d.targets, row);
  }
};

// losses [3] from the columns of all images.
template <class Columns, class Losses>
PW_BOTH inline void finish_supervised(const pw_supervised_loss &d, Columns columns, Losses losses) {
  double sum[2] = {};
  for (int64_t n = 0; n < d.n; ++n) {
    for (int k = 0; k < 2; ++k) sum[k] += columns[n * PW_SUPERVISED_COLUMNS + k];
  }
  for (double &s : sum) s *= d.scale;
  losses[0] = static_cast<float>(d.class_part * sum[0] + d.value_part * sum[1]);
  for (int k = 0; k < 2; ++k) losses[1 + k] = static_cast<float>(sum[k]);
}

// ---- loss of hits: in double throughout

// Columns of a hit's output: energy and time, the places of neighbours, the threshold.
constexpr int kHitParts = 3;
PW_BOTH inline int hit_part(int column) {
  return column < 2 ? 0 : column < 2 + PW_HITS_NEIGHBOURS ? 1 : 2;
}
static_assert(PW_HITS_HEADS == 2 + PW_HITS_NEIGHBOURS + 1);

PW_BOTH inline double clusters_of(const pw_hits_loss &d) { return d.global > 0 ? d.global : d.n; }

// BCE(logit, target), and its slope.
PW_BOTH inline double cross_entropy(double logit, double target, double &slope) {
  const double small = std::exp(-std::fabs(logit));
  slope = (logit >= 0 ? 1 : small) / (1 + small) - target;
  return (logit > 0 ? logit : 0) - logit * target + std::log1p(small);
}

// Its buffers; doutput may be null.
template <class Ints, class Floats, class Out>
struct HitsLoss {
  pw_hits_loss d;
  Ints offsets;
  Floats output, target;
  Out doutput;

  PW_BOTH double weight(int part) const {
    return part == 0 ? d.image_weight : part == 1 ? d.cluster_weight : d.threshold_weight;
  }

  PW_BOTH void cluster(int64_t n, Out row) const {
    const int64_t from = static_cast<int64_t>(offsets[n]) * PW_HITS_HEADS;
    const int64_t to = static_cast<int64_t>(offsets[n + 1]) * PW_HITS_HEADS;
    double known[kHitParts] = {}, loss[kHitParts] = {}, factor[kHitParts] = {};
    for (int64_t at = from; at < to; ++at) {
      const float value = target[at];
      if (value == value) known[hit_part(static_cast<int>((at - from) % PW_HITS_HEADS))] += 1;
    }
    for (int part = 0; part < kHitParts; ++part) {
      if (known[part] > 0) factor[part] = weight(part) / (known[part] * clusters_of(d));
    }
    for (int64_t at = from; at < to; ++at) {
      const int part = hit_part(static_cast<int>((at - from) % PW_HITS_HEADS));
      const double value = target[at], given = output[at];
      double slope = 0;
      if (value == value) {
        loss[part] += part == 0 ? huber(given - value, d.huber_delta, slope)
                                : cross_entropy(given, value, slope);
      }
      if (doutput != nullptr) doutput[at] = static_cast<float>(factor[part] * slope);
    }
    for (int part = 0; part < kHitParts; ++part) {
      row[part] = known[part] > 0 ? static_cast<float>(loss[part] / known[part]) : 0.0f;
    }
  }
};

// losses [4] from the columns of all clusters.
template <class Columns, class Losses>
PW_BOTH inline void finish_hits_loss(const pw_hits_loss &d, Columns columns, Losses losses) {
  double mean[kHitParts] = {};
  for (int64_t n = 0; n < d.n; ++n) {
    for (int k = 0; k < kHitParts; ++k) mean[k] += columns[n * PW_HITS_LOSS_COLUMNS + k];
  }
  for (double &m : mean) m /= clusters_of(d);
  losses[0] = static_cast<float>(d.image_weight * mean[0] + d.cluster_weight * mean[1] +
                                 d.threshold_weight * mean[2]);
  for (int k = 0; k < kHitParts; ++k) losses[1 + k] = static_cast<float>(mean[k]);
}

}  // namespace pw
