// Which hits of a cluster an image shows, and where.
#pragma once

#include <cmath>

#include "philox.h"

namespace pw {

// Which hits of a cluster the input does not show.
class Mask {
 public:
  PW_BOTH Mask(const pw_rasterize &d, const pw_step &step, int64_t id, int64_t hits)
      : fraction_(d.mask_fraction), id_(id), index_(step.index), key_(step.seed) {
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

  PW_BOTH bool hides(int64_t j) {
    return fraction_ > 0 && j != spared_ && philox_below(word_of(j), fraction_);
  }

 private:
  PW_BOTH uint32_t word_of(int64_t j) {
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

// By which of the square's symmetries a cluster is turned: the two lower bits count quarter turns,
// the third is a reflection of the columns behind them.
PW_BOTH inline uint32_t turn_of(int32_t augment, const pw_step &step, int64_t id) {
  if (augment > 1) return static_cast<uint32_t>(augment - 2);
  if (augment == 0) return 0;
  const PhiloxKey key(id), index(step.index);
  const PhiloxWords words =
      philox({{key.low, key.high, index.low, 0xffffffffu}}, PhiloxKey(step.seed));
  return words.word[0] & 7u;
}

// A place about the centre of a cluster in the turned cluster.
template <class Number>
PW_BOTH void turn_place(uint32_t turn, Number &x, Number &y) {
  for (uint32_t turns = turn & 3u; turns > 0; --turns) {
    const Number before = x;
    x = -y;
    y = before;
  }
  if ((turn & 4u) != 0) x = -x;
}

// The index of a hit's neighbour at (dx, dy) in the turned cluster.
PW_BOTH inline int32_t turned_neighbour(uint32_t turn, int32_t dx, int32_t dy) {
  turn_place(turn, dx, dy);
  return 3 * (dy + 1) + dx + 1;
}

// What a network over hits is told of a hit: PW_HITS_FEATURES numbers. (x, y) is its turned place.
template <class To>
PW_BOTH void describe_hit(const pw_hits &d, float energy, float toa, float x, float y, To to) {
  const bool timed = d.toa_scale > 0;
  const float e = energy > 0 ? energy : 0.0f, t = timed && toa > 0 ? toa : 0.0f;
  to[0] = std::sqrt(e / d.energy_scale);
  to[1] = std::log((e > 1 ? e : 1.0f) / 40.0f) / 1.2f;
  to[2] = e / d.energy_scale;
  to[3] = timed ? std::sqrt(t / d.toa_scale) : 0.0f;
  to[4] = timed ? std::log1p(t / 10.0f) / 3.0f : 0.0f;
  to[5] = timed ? t / d.toa_scale : 0.0f;
  to[6] = x / 8.0f;
  to[7] = y / 8.0f;
  to[8] = std::sqrt(x * x + y * y) / 8.0f;
}

// Where the hits of a cluster stand in its image.
class Placement {
 public:
  // Columns and rows of the hits [begin, end) are anything with [].
  template <class Columns>
  PW_BOTH Placement(const pw_rasterize &d, const pw_step &step, int64_t id, Columns xs, Columns ys,
                    int64_t begin, int64_t end)
      : side_(d.side) {
    int32_t x1 = xs[begin], y1 = ys[begin];
    x0_ = x1;
    y0_ = y1;
    for (int64_t j = begin + 1; j < end; ++j) {
      const int32_t x = xs[j], y = ys[j];
      x0_ = x < x0_ ? x : x0_;
      x1 = x > x1 ? x : x1;
      y0_ = y < y0_ ? y : y0_;
      y1 = y > y1 ? y : y1;
    }
    const int32_t w = x1 - x0_ + 1, h = y1 - y0_ + 1, m = w > h ? w : h;
    if (m <= side_) {
      const int32_t most = side_ / m;
      scale_ = d.max_scale < most ? d.max_scale : most;
    } else {
      shrink_ = (m + side_ - 1) / side_;
    }
    left_ = (side_ - scaled(w)) / 2;
    top_ = (side_ - scaled(h)) / 2;
    draw_ = turn_of(d.augment, step, id);
  }

  PW_BOTH int32_t scale() const { return scale_; }

  // First image row and column of a hit's square, after the augmentation (which turns squares into
  // squares).
  PW_BOTH void square(int32_t x, int32_t y, int32_t &row, int32_t &column) const {
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
  PW_BOTH int32_t scaled(int32_t length) const { return (length * scale_ + shrink_ - 1) / shrink_; }

  int32_t side_, x0_, y0_, left_, top_;
  int32_t scale_ = 1;   // image pixels of a native one, an axis
  int32_t shrink_ = 1;  // native pixels of an image one, an axis
  uint32_t draw_ = 0;
};

// A value's square root on a scale of 1, clipped.
PW_BOTH inline float normalised(float value, float scale) {
  const float ratio = value / scale;
  return ratio > 0 ? std::sqrt(ratio < 1 ? ratio : 1.0f) : 0.0f;
}

// A hit's energy in a channel of an image: channel 0, or any with PW_ENERGY_ALL. It grows with the
// energy, so that the hit of the largest is the largest in each channel.
PW_BOTH inline float encoded(float energy, float scale, int32_t encoding, int32_t channel) {
  constexpr float kFloor = 4.0f, kShare = 0.15533373f;  // keV; 1 / ln(2500 / 4)
  if (encoding == PW_ENERGY_SQRT) return normalised(energy, scale);
  if (encoding == PW_ENERGY_LOG || channel == 1) {
    return energy > kFloor ? std::log(energy / kFloor) * kShare : 0.0f;
  }
  const float ratio = energy / scale;
  if (!(ratio > 0)) return 0.0f;
  return encoding == PW_ENERGY_LINEAR || channel == 2 ? ratio : std::sqrt(ratio);
}

}  // namespace pw
