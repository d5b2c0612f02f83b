// Products of bf16 by tensor cores: D [16][8] += A [16][16] B [16][8], spread over a warp.
//
// PTX ISA, "Matrix fragments for mma.m16n8k16 with floating point type": with group = lane / 4 and
// pair = lane % 4, a lane holds
//   A: rows group (registers 0, 2) and group + 8 (1, 3), columns 2 pair (0, 1) and 2 pair + 8 (2,
//   3)
//      and the one behind each,
//   B: rows 2 pair (register 0) and 2 pair + 8 (1) and the one behind each, column group,
//   D: rows group (values 0, 1) and group + 8 (2, 3), columns 2 pair and 2 pair + 1.
#pragma once

#include "gpu.h"

namespace pw {

constexpr int kMmaRows = 16, kMmaColumns = 8, kMmaDepth = 16;

// Two neighbours in depth, the first in the lower half.
PW_GPU uint32_t pair_of(float first, float second) {
  return static_cast<uint32_t>(to_bf16(first).bits) | static_cast<uint32_t>(to_bf16(second).bits)
                                                          << 16;
}

#if defined(__CUDACC__)
PW_GPU void mma(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
#else
namespace emulation {

struct Fragments {
  uint32_t a[4], b[2];
};

inline float half_of(uint32_t pair, int half) {
  return to_float(bf16{static_cast<uint16_t>(half == 0 ? pair : pair >> 16)});
}
inline float a_value(const void *all, int row, int k) {
  Fragments f;
  std::memcpy(&f, lane_value(all, row % 8 * 4 + k % 8 / 2), sizeof f);
  return half_of(f.a[row / 8 + k / 8 * 2], k % 2);
}
inline float b_value(const void *all, int k, int column) {
  Fragments f;
  std::memcpy(&f, lane_value(all, column * 4 + k % 8 / 2), sizeof f);
  return half_of(f.b[k / 8], k % 2);
}

}  // namespace emulation

inline void mma(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  const emulation::Fragments own{{a[0], a[1], a[2], a[3]}, {b[0], b[1]}};
  const void *const all = emulation::exchange(&own, sizeof own, __FILE__, __LINE__);
  const int lane = static_cast<int>(threadIdx.x) % emulation::kWarp;
  for (int i = 0; i < 4; ++i) {
    const int row = lane / 4 + i / 2 * 8, column = lane % 4 * 2 + i % 2;
    for (int k = 0; k < kMmaDepth; ++k) {
      d[i] += emulation::a_value(all, row, k) * emulation::b_value(all, k, column);
    }
  }
}
#endif

}  // namespace pw
