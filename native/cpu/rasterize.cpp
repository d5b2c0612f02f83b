// Hits to images. A few hundred hits an image against the filling of its pixels: plain code, one
// task an image.

#include <cmath>
#include <cstring>

#include "checks.h"
#include "philox.h"

namespace pw {
namespace {

struct Bf16 {
  uint16_t bits;
};

// Values are in [0, 2], so rounding to nearest even needs no special cases.
void put(Bf16 *p, float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  p->bits = static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}
void put(float *p, float value) { *p = value; }

float get(Bf16 v) {
  const uint32_t bits = static_cast<uint32_t>(v.bits) << 16;
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}
float get(float v) { return v; }

// Above every normalised time: marks a pixel whose first hit is still to come.
constexpr float kNoTime = 2.0f;

struct Job {
  pw_rasterize d;
  const pw_step *step;
  const int16_t *x, *y;
  const float *energy, *toa;
  const int32_t *offsets;
  const int64_t *ids;
  void *input, *target;
};

// Which hits of a cluster the input does not show.
class Mask {
 public:
  Mask(const Job &job, int64_t image, int64_t hits)
      : fraction_(job.d.mask_fraction),
        id_(job.ids[image]),
        index_(job.step->index),
        key_(job.step->seed) {
    if (!(fraction_ > 0)) return;
    uint32_t largest = 0;
    bool survivor = false;
    for (int64_t j = 0; j < hits && !survivor; ++j) {
      const uint32_t word = word_of(j);
      survivor = !philox_below(word, fraction_);
      if (j == 0 || word > largest) {
        largest = word;
        spared_ = j;
      }
    }
    if (survivor) spared_ = -1;
  }

  bool hides(int64_t j) {
    return fraction_ > 0 && j != spared_ && philox_below(word_of(j), fraction_);
  }

 private:
  uint32_t word_of(int64_t j) {
    if (j >> 2 != block_) {
      block_ = j >> 2;
      words_ = philox({{id_.low, id_.high, index_.low, static_cast<uint32_t>(block_)}}, key_);
    }
    return words_.word[j & 3];
  }

  float fraction_;
  PhiloxKey id_, index_, key_;
  int64_t spared_ = -1;
  int64_t block_ = -1;
  PhiloxWords words_{};
};

// Where the hits of a cluster stand in its image.
class Placement {
 public:
  Placement(const Job &job, int64_t image, int64_t begin, int64_t end) : side_(job.d.side) {
    int32_t x1 = job.x[begin], y1 = job.y[begin];
    x0_ = x1;
    y0_ = y1;
    for (int64_t j = begin + 1; j < end; ++j) {
      const int32_t x = job.x[j], y = job.y[j];
      x0_ = x < x0_ ? x : x0_;
      x1 = x > x1 ? x : x1;
      y0_ = y < y0_ ? y : y0_;
      y1 = y > y1 ? y : y1;
    }
    const int32_t w = x1 - x0_ + 1, h = y1 - y0_ + 1, m = w > h ? w : h;
    if (m <= side_) {
      const int32_t most = side_ / m;
      scale_ = job.d.max_scale < most ? job.d.max_scale : most;
    } else {
      shrink_ = (m + side_ - 1) / side_;
    }
    left_ = (side_ - scaled(w)) / 2;
    top_ = (side_ - scaled(h)) / 2;
    if (job.d.augment != 0) {
      const PhiloxKey id(job.ids[image]), index(job.step->index);
      draw_ =
          philox({{id.low, id.high, index.low, 0xffffffffu}}, PhiloxKey(job.step->seed)).word[0];
    }
  }

  int32_t scale() const { return scale_; }

  // First image row and column of a hit's square, after the augmentation (which turns squares into
  // squares).
  void square(int32_t x, int32_t y, int32_t &row, int32_t &column) const {
    row = top_ + (y - y0_) * scale_ / shrink_;
    column = left_ + (x - x0_) * scale_ / shrink_;
    const int32_t last = side_ - scale_;
    for (uint32_t turns = draw_ & 3u; turns > 0; --turns) {
      const int32_t turned = column;
      column = last - row;
      row = turned;
    }
    if ((draw_ & 4u) != 0) column = last - column;
  }

 private:
  int32_t scaled(int32_t length) const { return (length * scale_ + shrink_ - 1) / shrink_; }

  int32_t side_, x0_, y0_, left_, top_;
  int32_t scale_ = 1;   // image pixels of a native one, an axis
  int32_t shrink_ = 1;  // native pixels of an image one, an axis
  uint32_t draw_ = 0;
};

template <class T, class Body>
void for_square(T *image, int32_t side, const Placement &placement, int32_t x, int32_t y,
                Body &&body) {
  int32_t row, column;
  placement.square(x, y, row, column);
  for (int32_t r = row; r < row + placement.scale(); ++r) {
    T *pixel = image + (static_cast<int64_t>(r) * side + column) * 3;
    for (int32_t s = 0; s < placement.scale(); ++s, pixel += 3) body(pixel);
  }
}

// Maximum and minimum are taken of the stored values: square root and rounding keep the order.
template <class T>
void draw(const Job &job, const Placement &placement, int64_t begin, int64_t end, Mask *mask,
          T *image) {
  const pw_rasterize &d = job.d;
  const bool timed = d.toa_scale > 0;
  if (timed) {
    for (int64_t j = begin; j < end; ++j) {
      if (mask != nullptr && mask->hides(j - begin)) continue;
      for_square(image, d.side, placement, job.x[j], job.y[j],
                 [](T *pixel) { put(pixel + 1, kNoTime); });
    }
  }
  for (int64_t j = begin; j < end; ++j) {
    if (mask != nullptr && mask->hides(j - begin)) continue;
    const float ratio = job.energy[j] / d.energy_scale;
    T energy, time;
    put(&energy, ratio > 0 ? std::sqrt(ratio < 1 ? ratio : 1.0f) : 0.0f);
    const float delay = timed ? job.toa[j] / d.toa_scale : 0.0f;
    put(&time, delay > 0 ? std::sqrt(delay < 1 ? delay : 1.0f) : 0.0f);
    const bool above = job.energy[j] > d.energy_threshold;
    for_square(image, d.side, placement, job.x[j], job.y[j], [&](T *pixel) {
      if (get(energy) > get(pixel[0])) pixel[0] = energy;
      if (timed && get(time) < get(pixel[1])) pixel[1] = time;
      if (above) put(pixel + 2, 1.0f);
    });
  }
}

template <class T>
void rasterize(const Job &job, int64_t image) {
  const int64_t size = static_cast<int64_t>(job.d.side) * job.d.side * 3;
  T *input = job.input != nullptr ? static_cast<T *>(job.input) + image * size : nullptr;
  T *target = job.target != nullptr ? static_cast<T *>(job.target) + image * size : nullptr;
  if (input != nullptr) std::memset(input, 0, static_cast<size_t>(size) * sizeof(T));
  if (target != nullptr) std::memset(target, 0, static_cast<size_t>(size) * sizeof(T));
  const int64_t begin = job.offsets[image], end = job.offsets[image + 1];
  if (begin >= end) return;
  const Placement placement(job, image, begin, end);
  if (target != nullptr) draw(job, placement, begin, end, nullptr, target);
  if (input != nullptr) {
    Mask mask(job, image, end - begin);
    draw(job, placement, begin, end, &mask, input);
  }
}

}  // namespace
}  // namespace pw

pw_status pw_rasterize_forward(pw_stream *stream, const pw_rasterize *rasterize,
                               const pw_step *step, const int16_t *x, const int16_t *y,
                               const float *energy, const float *toa, const int32_t *offsets,
                               const int64_t *ids, void *input, void *target) {
  return pw::guard([&] {
    const pw::Checks checks("rasterize_forward");
    checks.require(stream != nullptr && rasterize != nullptr, "stream or descriptor is null");
    const pw_rasterize d = *rasterize;
    checks.positive(d.n, "n");
    checks.require(d.side > 0 && d.side <= 16384, "side must be 1 to 16384");
    checks.require(d.max_scale >= 1 && d.max_scale <= 16, "max_scale must be 1 to 16");
    checks.storage(d.storage);
    checks.require(d.mask_fraction >= 0 && d.mask_fraction < 1, "mask_fraction must be in [0, 1)");
    checks.require(d.energy_scale > 0, "energy_scale must be positive");
    checks.require(d.toa_scale >= 0, "toa_scale must not be negative");
    checks.require(step != nullptr, "step is null");
    checks.require(x != nullptr && y != nullptr && energy != nullptr, "x, y or energy is null");
    checks.require(d.toa_scale == 0 || toa != nullptr, "toa is null though toa_scale is not 0");
    checks.require(offsets != nullptr && ids != nullptr, "offsets or ids is null");
    const pw::Job job{d, step, x, y, energy, toa, offsets, ids, input, target};
    pw_device *device = stream->device;
    pw::submit(stream, [=] {
      pw::parallel(device->pool, job.d.n, [&](int64_t image, int) {
        if (job.d.storage == PW_BF16) {
          pw::rasterize<pw::Bf16>(job, image);
        } else {
          pw::rasterize<float>(job, image);
        }
      });
    });
  });
}
