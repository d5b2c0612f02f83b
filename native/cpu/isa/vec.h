// Vectors of f32 lanes for the instruction set that this file is compiled for, on GCC's vector
// extensions, and the storage types.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__AVX2__) || defined(__AVX512F__)
#include <immintrin.h>
#endif

#include "pixelwake/kernels.h"

namespace pw::PW_ISA {

#if defined(__AVX512F__)
constexpr int kLanes = 16;
#else
constexpr int kLanes = 8;  // the portable path too: the compiler splits it
#endif

typedef float vf __attribute__((vector_size(kLanes * 4)));
typedef int32_t vi __attribute__((vector_size(kLanes * 4)));
// The same without alignment and free to alias, for memory.
typedef float vf_memory __attribute__((vector_size(kLanes * 4), aligned(4), may_alias));
typedef uint16_t vh __attribute__((vector_size(kLanes * 2)));
typedef uint16_t vh_memory __attribute__((vector_size(kLanes * 2), aligned(2), may_alias));
typedef uint32_t vu __attribute__((vector_size(kLanes * 4)));

#define PW_INLINE inline __attribute__((always_inline))
#define PW_LAMBDA __attribute__((always_inline))  // behind the parameters of a lambda

// bf16 in memory; arithmetic is f32.
struct bf16 {
  uint16_t bits;
};

PW_INLINE vf splat(float v) { return vf{} + v; }

PW_INLINE float to_float(float v) { return v; }
PW_INLINE float to_float(bf16 v) {
  const uint32_t bits = static_cast<uint32_t>(v.bits) << 16;
  float f;
  std::memcpy(&f, &bits, 4);
  return f;
}

// Rounds to nearest even; NaN stays NaN.
PW_INLINE bf16 to_bf16(float v) {
  uint32_t bits;
  std::memcpy(&bits, &v, 4);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return {static_cast<uint16_t>((bits >> 16) | 0x40)};
  return {static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16)};
}

PW_INLINE void put(float *p, float v) { *p = v; }
PW_INLINE void put(bf16 *p, float v) { *p = to_bf16(v); }

PW_INLINE vf load(const float *p) { return *reinterpret_cast<const vf_memory *>(p); }
PW_INLINE vf load(const bf16 *p) {
  const vh h = *reinterpret_cast<const vh_memory *>(p);
#if defined(__AVX512F__)
  const vu u = reinterpret_cast<vu>(_mm512_cvtepu16_epi32(reinterpret_cast<__m256i>(h)));
#elif defined(__AVX2__)
  const vu u = reinterpret_cast<vu>(_mm256_cvtepu16_epi32(reinterpret_cast<__m128i>(h)));
#else
  const vu u = __builtin_convertvector(h, vu);
#endif
  return reinterpret_cast<vf>(u << 16);
}

PW_INLINE void store(float *p, vf v) { *reinterpret_cast<vf_memory *>(p) = v; }
// v rounded to bf16, in the upper half of each lane.
PW_INLINE vu bf16_bits(vf v) {
  const vu bits = reinterpret_cast<vu>(v);
  const vu nearest = bits + 0x7fffu + ((bits >> 16) & 1u);
#if defined(__AVX512F__)
  const __m512 value = reinterpret_cast<__m512>(v);
  return reinterpret_cast<vu>(_mm512_mask_or_epi32(
      reinterpret_cast<__m512i>(nearest), _mm512_cmp_ps_mask(value, value, _CMP_UNORD_Q),
      reinterpret_cast<__m512i>(bits), _mm512_set1_epi32(0x400000)));
#else
  const vu nan = reinterpret_cast<vu>((bits & 0x7fffffffu) > 0x7f800000u);
  return (nan & (bits | 0x400000u)) | (~nan & nearest);
#endif
}
// The lanes as they are stored.
PW_INLINE vh narrowed(vf v) {
#if defined(__AVX512BF16__)
  return reinterpret_cast<vh>(_mm512_cvtneps_pbh(reinterpret_cast<__m512>(v)));
#elif defined(__AVX512F__)
  return reinterpret_cast<vh>(_mm512_cvtepi32_epi16(reinterpret_cast<__m512i>(bf16_bits(v) >> 16)));
#elif defined(__AVX2__)
  const __m256i halves = reinterpret_cast<__m256i>(bf16_bits(v) >> 16);
  return reinterpret_cast<vh>(
      _mm_packus_epi32(_mm256_castsi256_si128(halves), _mm256_extracti128_si256(halves, 1)));
#else
  return __builtin_convertvector(bf16_bits(v) >> 16, vh);
#endif
}
PW_INLINE void store(bf16 *p, vf v) { *reinterpret_cast<vh_memory *>(p) = narrowed(v); }

// As it comes back from storage T.
template <class T>
PW_INLINE vf stored_as(vf v) {
  if constexpr (sizeof(T) == 2) {
#if defined(__AVX512BF16__)
    const __m512i wide = _mm512_cvtepu16_epi32(reinterpret_cast<__m256i>(narrowed(v)));
    return reinterpret_cast<vf>(_mm512_slli_epi32(wide, 16));
#else
    return reinterpret_cast<vf>(bf16_bits(v) & 0xffff0000u);
#endif
  } else {
    return v;
  }
}

// The first `count` lanes (0 < count <= kLanes); the others load as 0 and are not stored. Memory
// beyond is not touched.
#if defined(__AVX512F__)
PW_INLINE __mmask16 first_lanes(int count) { return static_cast<__mmask16>((1u << count) - 1u); }
PW_INLINE vf load_n(const float *p, int count) {
  if (count == kLanes) return load(p);
  return reinterpret_cast<vf>(_mm512_maskz_loadu_ps(first_lanes(count), p));
}
PW_INLINE vf load_n(const bf16 *p, int count) {
  if (count == kLanes) return load(p);
  const __m512i wide = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(first_lanes(count), p));
  return reinterpret_cast<vf>(_mm512_slli_epi32(wide, 16));
}
PW_INLINE void store_n(float *p, vf v, int count) {
  if (count == kLanes) {
    store(p, v);
  } else {
    _mm512_mask_storeu_ps(p, first_lanes(count), reinterpret_cast<__m512>(v));
  }
}
PW_INLINE void store_n(bf16 *p, vf v, int count) {
  if (count == kLanes) {
    store(p, v);
  } else {
    _mm256_mask_storeu_epi16(p, first_lanes(count), reinterpret_cast<__m256i>(narrowed(v)));
  }
}
#else
template <class T>
PW_INLINE vf load_n(const T *p, int count) {
  if (count == kLanes) return load(p);
  T lanes[kLanes] = {};
  std::memcpy(lanes, p, sizeof(T) * static_cast<unsigned>(count));
  return load(lanes);
}
template <class T>
PW_INLINE void store_n(T *p, vf v, int count) {
  if (count == kLanes) {
    store(p, v);
    return;
  }
  T lanes[kLanes];
  store(lanes, v);
  std::memcpy(p, lanes, sizeof(T) * static_cast<unsigned>(count));
}
#endif

// a < b ? a : b and a > b ? a : b, so b where either is NaN: in one instruction, which GCC makes of
// the expressions only where NaN does not count.
#if defined(__AVX512F__)
PW_INLINE vf vmin(vf a, vf b) {
  return reinterpret_cast<vf>(
      _mm512_min_ps(reinterpret_cast<__m512>(a), reinterpret_cast<__m512>(b)));
}
PW_INLINE vf vmax(vf a, vf b) {
  return reinterpret_cast<vf>(
      _mm512_max_ps(reinterpret_cast<__m512>(a), reinterpret_cast<__m512>(b)));
}
#elif defined(__AVX2__)
PW_INLINE vf vmin(vf a, vf b) {
  return reinterpret_cast<vf>(
      _mm256_min_ps(reinterpret_cast<__m256>(a), reinterpret_cast<__m256>(b)));
}
PW_INLINE vf vmax(vf a, vf b) {
  return reinterpret_cast<vf>(
      _mm256_max_ps(reinterpret_cast<__m256>(a), reinterpret_cast<__m256>(b)));
}
#else
PW_INLINE vf vmin(vf a, vf b) { return a < b ? a : b; }
PW_INLINE vf vmax(vf a, vf b) { return a > b ? a : b; }
#endif

PW_INLINE float sum(vf v) {
  float s = 0;
  for (int i = 0; i < kLanes; ++i) s += v[i];
  return s;
}

// e^x to about 2 ulp: x = n ln 2 + r, |r| <= ln 2 / 2, a polynomial of degree 6 for e^r (Cephes'
// expf), 2^n by the exponent field. Saturates outside [-87.3, 88.3]; NaN gives a finite number only
// where vmin/vmax drop it, so callers propagate NaN by a product.
PW_INLINE vf vexp(vf x) {
  x = vmin(vmax(x, splat(-87.3f)), splat(88.3f));
  const vf magic = splat(12582912.0f);  // 1.5 * 2^23: adding it rounds to an integer
  const vf shifted = x * 1.44269504f + magic;
  const vf n = shifted - magic;
  vf r = x - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  vf p = splat(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  const vi exponent = (reinterpret_cast<vi>(shifted) - 0x4b400000 + 127) << 23;
  return p * reinterpret_cast<vf>(exponent);
}

#define PW_EACH _Pragma("GCC unroll 16") for (int i = 0; i < kCount; ++i)

// e[i] = e^-z[i] = 2^t = 2^round(t) 2^f: the polynomial is the one of degree 5 with the least
// relative error, 7.5e-8, for 2^f on |f| <= 1/2. Rounding t adds |z| 6e-8, which only the tail of a
// sigmoid, where it is as small as e^z, has in full. Outside |z| of 87 it saturates, at 0 and
// infinity with AVX-512; NaN may give a finite number, so callers propagate it by a product with z.
// One exponential is a chain of some 20 dependent operations, longer than a core looks ahead: the
// same step is taken for all vectors before the next.
template <int kCount>
PW_INLINE void exponentials(const vf (&z)[kCount], vf (&e)[kCount]) {
  vf t[kCount], p[kCount];
  PW_EACH t[i] = z[i] * -1.44269504f;
#if defined(__AVX512F__)
  PW_EACH e[i] = reinterpret_cast<vf>(_mm512_roundscale_ps(reinterpret_cast<__m512>(t[i]), 0));
  PW_EACH t[i] = t[i] - e[i];
#else
  PW_EACH t[i] = vmin(vmax(t[i], splat(-126.0f)), splat(126.0f));
  PW_EACH e[i] =
      t[i] + 12582912.0f;  // 1.5 * 2^23: rounds to an integer, which then is the low bits
  PW_EACH t[i] = t[i] - (e[i] - 12582912.0f);
#endif
  PW_EACH p[i] = t[i] * 1.3276471979e-3f + 9.6755413342e-3f;
  PW_EACH p[i] = p[i] * t[i] + 5.5507132735e-2f;
  PW_EACH p[i] = p[i] * t[i] + 2.4022119724e-1f;
  PW_EACH p[i] = p[i] * t[i] + 6.9314696706e-1f;
  PW_EACH p[i] = p[i] * t[i] + 1.0000000717f;
#if defined(__AVX512F__)
  PW_EACH e[i] = reinterpret_cast<vf>(
      _mm512_scalef_ps(reinterpret_cast<__m512>(p[i]), reinterpret_cast<__m512>(e[i])));
#else
  PW_EACH e[i] =
      reinterpret_cast<vf>(reinterpret_cast<vi>(p[i]) + (reinterpret_cast<vi>(e[i]) << 23));
#endif
}

// s[i] = sigmoid(z[i]).
template <int kCount>
PW_INLINE void sigmoids(const vf (&z)[kCount], vf (&s)[kCount]) {
  vf e[kCount];
  exponentials<kCount>(z, e);
  PW_EACH s[i] = 1.0f / (1.0f + e[i]);
}

PW_INLINE vf sigmoid(vf z) {
  const vf arguments[1] = {z};
  vf values[1];
  sigmoids<1>(arguments, values);
  return values[0];
}

// SiLU(z) = z sigmoid(z) and its derivative s (1 + z (1 - s)), which share the exponential.
PW_INLINE vf silu(vf z) { return z * sigmoid(z); }
struct SiluPair {
  vf value, derivative;
};
PW_INLINE SiluPair silu_pair(vf z) {
  const vf s = sigmoid(z);
  const vf a = z * s;
  return {a, s + a * (1.0f - s)};
}

// Scalar forms of the same arithmetic, for the few values outside vectors.
PW_INLINE float sigmoid(float z) { return sigmoid(splat(z))[0]; }

constexpr int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }
constexpr int64_t round_up(int64_t a, int64_t b) { return ceil_div(a, b) * b; }
PW_INLINE int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
PW_INLINE int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

// Calls body with a null pointer of the storage type: dispatch(storage, [&](auto *type) { using T =
// ...; }).
template <class Body>
PW_INLINE void dispatch_storage(int32_t storage, Body &&body) {
  if (storage == PW_BF16) {
    body(static_cast<bf16 *>(nullptr));
  } else {
    body(static_cast<float *>(nullptr));
  }
}

}  // namespace pw::PW_ISA
