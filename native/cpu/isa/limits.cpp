// Loops that do nothing but multiply and add, take dot products, update memory or compute SiLU: the
// rates that the kernels beside this file are held against.
#include "kernels.h"
#include "silu.h"

namespace pw::PW_ISA {
namespace {

// One register. (`vf` is two on the portable path, which GCC then keeps in memory.)
#if defined(__AVX2__)
typedef vf vr;
#else
typedef float vr __attribute__((vector_size(16)));
#endif
constexpr int kRegister = sizeof(vr) / sizeof(float);

// Enough independent chains to hide the latency of a fused multiply-add on two ports, and few
// enough that they and two operands fit 16 registers.
constexpr int kChains = 12;
constexpr int kSteps = 64;

int64_t probe_fma(float *block, int64_t, int64_t rounds) {
  vr sum[kChains];
  std::memcpy(sum, block, sizeof sum);
  // Made from memory, so that the compiler cannot know what the chains converge to.
  const vr factor = sum[0] * 0.0f + 0.5f, addend = sum[0] * 0.0f + 1.0f;
  for (int64_t round = 0; round < rounds; ++round) {
    for (int step = 0; step < kSteps; ++step) {
      for (int i = 0; i < kChains; ++i) sum[i] = sum[i] * factor + addend;
    }
  }
  std::memcpy(block, sum, sizeof sum);
  return rounds * kSteps * kChains * kRegister * 2;
}

int64_t probe_dot(float *block, int64_t, int64_t rounds) {
#if defined(__AVX512BF16__)
  vf sum[kChains];
  std::memcpy(sum, block, sizeof sum);
  const auto left = _mm512_cvtne2ps_pbh(sum[0], sum[1]);
  const auto right = _mm512_cvtne2ps_pbh(sum[2], sum[3]);
  for (int64_t round = 0; round < rounds; ++round) {
    for (int step = 0; step < kSteps; ++step) {
      for (int i = 0; i < kChains; ++i) sum[i] = _mm512_dpbf16_ps(sum[i], left, right);
    }
  }
  std::memcpy(block, sum, sizeof sum);
  return rounds * kSteps * kChains * kLanes * 4;
#else
  (void)block;
  (void)rounds;
  return 0;
#endif
}

int64_t probe_update(float *block, int64_t count, int64_t rounds) {
  for (int64_t round = 0; round < rounds; ++round) {
    for (int64_t i = 0; i < count; i += 4 * kLanes) {
      for (int k = 0; k < 4; ++k) {
        float *p = block + i + k * kLanes;
        store(p, load(p) * 0.5f + 1.0f);
      }
    }
  }
  return rounds * count * static_cast<int64_t>(2 * sizeof(float));
}

int64_t probe_silu(float *block, int64_t count, int64_t rounds) {
  constexpr int kVectors = 4;
  vf total[kVectors] = {};
  for (int64_t round = 0; round < rounds; ++round) {
    for (int64_t i = 0; i < count; i += kVectors * kLanes) {
      vf z[kVectors], s[kVectors];
      for (int k = 0; k < kVectors; ++k) z[k] = load(block + i + k * kLanes);
      sigmoids<kVectors>(z, s);
      for (int k = 0; k < kVectors; ++k) total[k] += z[k] * s[k];
    }
  }
  // Never so large; the compiler must not know.
  if (sum(total[0] + total[1] + (total[2] + total[3])) > 1e30f) block[0] = 0;
  return rounds * count;
}

}  // namespace

void fill_limits(CpuKernels &k) {
  k.probe_fma = probe_fma;
  k.probe_dot = probe_dot;
  k.probe_update = probe_update;
  k.probe_silu = probe_silu;
}

}  // namespace pw::PW_ISA
