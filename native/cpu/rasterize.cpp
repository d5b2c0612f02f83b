// Hits to images. A few hundred hits an image against the filling of its pixels: plain code, one
// task an image.

#include <cstring>

#include "hits.h"
#include "isa/kernels.h"

namespace pw {
namespace {

struct Bf16 {
  uint16_t bits;
};

// Values are finite and not negative, so rounding to nearest even needs no special cases.
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
  Hits hits;
  void *input, *target;
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

// Maximum and minimum are taken of the stored values: encoding and rounding keep the order.
template <class T>
void draw(const Job &job, const Placement &placement, int64_t begin, int64_t end, Mask *mask,
          int32_t encoding, T *image) {
  const pw_rasterize &d = job.d;
  const int32_t energies = encoding == PW_ENERGY_ALL ? 3 : 1;
  const bool timed = energies == 1 && d.toa_scale > 0;
  if (timed) {
    for (int64_t j = begin; j < end; ++j) {
      if (mask != nullptr && mask->hides(j - begin)) continue;
      for_square(image, d.side, placement, job.hits.x[j], job.hits.y[j],
                 [](T *pixel) { put(pixel + 1, kNoTime); });
    }
  }
  for (int64_t j = begin; j < end; ++j) {
    if (mask != nullptr && mask->hides(j - begin)) continue;
    const float energy = job.hits.energy[j];
    T shown[3], time;
    for (int32_t c = 0; c < energies; ++c) {
      put(shown + c, encoded(energy, d.energy_scale, encoding, c));
    }
    put(&time, timed ? normalised(job.hits.toa[j], d.toa_scale) : 0.0f);
    const bool above = energies == 1 && energy > d.energy_threshold;
    for_square(image, d.side, placement, job.hits.x[j], job.hits.y[j], [&](T *pixel) {
      for (int32_t c = 0; c < energies; ++c) {
        if (get(shown[c]) > get(pixel[c])) pixel[c] = shown[c];
      }
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
  const int64_t begin = job.hits.offsets[image], end = job.hits.offsets[image + 1];
  if (begin >= end) return;
  const int64_t id = job.hits.ids[image];
  const Placement placement(job.d, *job.step, id, job.hits.x, job.hits.y, begin, end);
  if (target != nullptr) draw(job, placement, begin, end, nullptr, PW_ENERGY_SQRT, target);
  if (input != nullptr) {
    Mask mask(job.d, *job.step, id, end - begin);
    draw(job, placement, begin, end, &mask, job.d.encoding, input);
  }
}

void rasterize_all(Pool &pool, const pw_rasterize &d, const pw_step *step, const Hits &hits,
                   void *input, void *target) {
  const Job job{d, step, hits, input, target};
  parallel(pool, d.n, [&](int64_t image, int) {
    if (d.storage == PW_BF16) {
      rasterize<Bf16>(job, image);
    } else {
      rasterize<float>(job, image);
    }
  });
}

}  // namespace

void fill_common_rasterize(Kernels &k) { k.rasterize = rasterize_all; }

}  // namespace pw
