// What the families that run over rows of channels share: chunks of rows whose size depends on the
// tensor alone, loops over the vectors of a row, and sums over chunks.
#pragma once

#include "../pool.h"
#include "silu.h"

// On a lambda, behind its parameters: the body must see a constant count.
#define PW_INLINE_BODY __attribute__((always_inline))

namespace pw::PW_ISA {

// body(c, count) for the vectors of a row: count is the constant kLanes but for the last one's.
template <class Body>
PW_INLINE void for_lanes(int64_t channels, Body &&body) {
  int64_t c = 0;
  for (; c + kLanes <= channels; c += kLanes) body(c, kLanes);
  if (c < channels) body(c, static_cast<int>(channels - c));
}

// Rows [0, rows) in chunks of about `elements`; never so many rows that an f32 sum over a chunk
// would lose digits.
struct Chunks {
  int64_t rows, size, count;

  Chunks(int64_t rows, int64_t channels, int64_t elements)
      : rows(rows), size(least(most(elements / channels, 32), 1024)), count(ceil_div(rows, size)) {}

  int64_t begin(int64_t chunk) const { return chunk * size; }
  int64_t end(int64_t chunk) const { return least(rows, (chunk + 1) * size); }
};

// 128 KiB of f32: fits the L2 cache beside its results, and is worth a task.
constexpr int64_t kChunkElements = 32768;

// body(image, first row, end) for the parts of rows [begin, end) that lie in one image of `pixels`
// rows each.
template <class Body>
PW_INLINE void for_images(int64_t begin, int64_t end, int64_t pixels, Body &&body) {
  while (begin < end) {
    const int64_t image = begin / pixels;
    const int64_t stop = least(end, (image + 1) * pixels);
    body(image, begin, stop);
    begin = stop;
  }
}

// The sites of images of so many pixels each; null: all.
struct Sites {
  const float *active = nullptr, *number = nullptr;

  Sites() = default;
  Sites(const float *sites, int64_t images, int64_t pixels)
      : active(sites), number(sites != nullptr ? sites + images * pixels : nullptr) {}

  // Of an image, by which its sums are divided.
  double divisor(int64_t image, int64_t pixels) const {
    if (number == nullptr) return static_cast<double>(pixels);
    return number[image] > 0 ? static_cast<double>(number[image]) : 1.0;
  }
  // Those of one image alone.
  Sites image(int64_t image, int64_t pixels) const {
    Sites sites = *this;
    if (active != nullptr) {
      sites.active += image * pixels;
      sites.number += image;
    }
    return sites;
  }
  // Those from a row on.
  PW_INLINE const float *from(int64_t row) const {
    return active != nullptr ? active + row : nullptr;
  }
};

// body(Kind<rows>{}, row) for rows [row, end), four at a time, that are active; row `row` begins
// `active`, which is null where all are. Rows that are not go to idle(row).
template <class Body, class Idle>
PW_INLINE void for_active(const float *active, int64_t row, int64_t end, Body &&body, Idle &&idle) {
  const int64_t first = row;
  const auto at = [&](int64_t r) { return active == nullptr || active[r - first] != 0; };
  const auto one = [&](int64_t r) {
    if (at(r)) {
      body(Kind<1>{}, r);
    } else {
      idle(r);
    }
  };
  for (; row + 4 <= end; row += 4) {
    if (at(row) && at(row + 1) && at(row + 2) && at(row + 3)) {
      body(Kind<4>{}, row);
    } else {
      for (int64_t r = row; r < row + 4; ++r) one(r);
    }
  }
  for (; row < end; ++row) one(row);
}
template <class Body>
PW_INLINE void for_active(const float *active, int64_t row, int64_t end, Body &&body) {
  for_active(active, row, end, body, [](int64_t) {});
}

// The transformed values of the same channels of kRows rows of one image.
template <int kKind, int kRows>
PW_INLINE void view_rows(const ViewLanes &lanes, vf (&x)[kRows]) {
  if constexpr (kKind == PW_BN_SILU || kKind == PW_BN_SILU_GATE) {
    vf s[kRows];
    for (int r = 0; r < kRows; ++r) x[r] = lanes.z(x[r]);
    sigmoids<kRows>(x, s);
    for (int r = 0; r < kRows; ++r) x[r] *= s[r];
    if constexpr (kKind == PW_BN_SILU_GATE) {
      for (int r = 0; r < kRows; ++r) x[r] *= lanes.gate;
    }
  } else {
    for (int r = 0; r < kRows; ++r) x[r] = view_value<kKind>(lanes, x[r]);
  }
}

// A vector's worth of doubles, in two halves.
typedef float vhf __attribute__((vector_size(kLanes * 2)));
typedef double vhd __attribute__((vector_size(kLanes * 4)));
// GCC 12 takes the generic conversion apart, through memory; where the instruction is known, it is
// named.
#if defined(__AVX512F__)
PW_INLINE vhd low_half(vf v) { return _mm512_cvtps_pd(_mm512_castps512_ps256(v)); }
PW_INLINE vhd high_half(vf v) {
  return _mm512_cvtps_pd(_mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(v), 1)));
}
#elif defined(__AVX2__)
PW_INLINE vhd low_half(vf v) { return _mm256_cvtps_pd(_mm256_castps256_ps128(v)); }
PW_INLINE vhd high_half(vf v) { return _mm256_cvtps_pd(_mm256_extractf128_ps(v, 1)); }
#else
PW_INLINE vhd widened(vf v, int half) {
  vhf halves[2];
  std::memcpy(halves, &v, sizeof v);
  return __builtin_convertvector(halves[half], vhd);
}
PW_INLINE vhd low_half(vf v) { return widened(v, 0); }
PW_INLINE vhd high_half(vf v) { return widened(v, 1); }
#endif
struct Wide {
  vhd low{}, high{};

  PW_INLINE void add(vf v) {
    low += low_half(v);
    high += high_half(v);
  }
  PW_INLINE void add_square(vf v) {
    const vhd a = low_half(v), b = high_half(v);
    low += a * a;
    high += b * b;
  }
  PW_INLINE vf scaled(double factor) const {
    const vhf half[2] = {__builtin_convertvector(low * factor, vhf),
                         __builtin_convertvector(high * factor, vhf)};
    vf v;
    std::memcpy(&v, half, sizeof v);
    return v;
  }
  PW_INLINE double sum() const {
    const vhd both = low + high;
    double s = 0;
    for (int i = 0; i < kLanes / 2; ++i) s += both[i];
    return s;
  }
};

// out[i] = factor * sum over k of parts[k * stride + i], i in [0, width).
PW_INLINE void add_up(const float *parts, int64_t count, int64_t stride, int64_t width,
                      double factor, float *out) {
  for_lanes(width, [&](int64_t i, int lanes) PW_INLINE_BODY {
    Wide total;
    for (int64_t k = 0; k < count; ++k) total.add(load_n(parts + k * stride + i, lanes));
    store_n(out + i, total.scaled(factor), lanes);
  });
}

// The same for sums over all chunks of a job, on all threads where that pays.
inline void add_up_chunks(Pool &pool, const float *parts, int64_t count, int64_t width,
                          float *out) {
  const int64_t block = count * width > 65536 ? 128 : width;
  parallel(pool, ceil_div(width, block), [&](int64_t task, int) {
    const int64_t first = task * block;
    add_up(parts + first, count, width, least(block, width - first), 1.0, out + first);
  });
}

}  // namespace pw::PW_ISA
