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
  const vu u = __builtin_convertvector(h, vu) << 16;
  return reinterpret_cast<vf>(u);
}

PW_INLINE void store(float *p, vf v) { *reinterpret_cast<vf_memory *>(p) = v; }
PW_INLINE void store(bf16 *p, vf v) {
  const vu bits = reinterpret_cast<vu>(v);
  const vu rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  const vu quiet = (bits >> 16) | 0x40u;
  const vu nan = reinterpret_cast<vu>((bits & 0x7fffffffu) > 0x7f800000u);
  const vu out = (nan & quiet) | (~nan & rounded);
  *reinterpret_cast<vh_memory *>(p) = __builtin_convertvector(out, vh);
}

// The first `count` lanes (0 < count <= kLanes); the others load as 0 and are not stored. Memory
// beyond is not touched.
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

PW_INLINE vf vmin(vf a, vf b) { return a < b ? a : b; }
PW_INLINE vf vmax(vf a, vf b) { return a > b ? a : b; }

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

PW_INLINE vf sigmoid(vf z) { return 1.0f / (1.0f + vexp(-z)); }

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
