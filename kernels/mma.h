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

// PTX ISA, "ldmatrix": four matrices of 8 x 8; lane l names where row l % 8 of matrix l / 8 begins.
// Of matrix i, register i receives elements 2 pair and 2 pair + 1 of row `group`; transposed,
// elements `group` of rows 2 pair and 2 pair + 1.
#if defined(__CUDACC__)
template <bool kTransposed>
PW_GPU void load_matrices(uint32_t (&r)[4], const Shared<bf16> &from, int64_t i) {
  const auto at = static_cast<uint32_t>(from.address(i));
  if constexpr (kTransposed) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(at)
                 : "memory");
  } else {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(at)
                 : "memory");
  }
}
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

template <bool kTransposed>
void load_matrices(uint32_t (&r)[4], const Shared<bf16> &from, int64_t i) {
  (void)from.load<8>(i);  // checks where the row lies
  const int64_t own = from.address(i);
  const void *const all = emulation::exchange(&own, sizeof own, __FILE__, __LINE__);
  const int lane = static_cast<int>(threadIdx.x) % emulation::kWarp;
  const auto element = [&](int matrix, int row, int column) {
    int64_t begin;
    std::memcpy(&begin, emulation::lane_value(all, 8 * matrix + row), sizeof begin);
    bf16 value;
    std::memcpy(&value, emulation::shared_read(begin + 2 * column, 2), 2);
    return static_cast<uint32_t>(value.bits);
  };
  for (int m = 0; m < 4; ++m) {
    const int group = lane / 4, pair = 2 * (lane % 4);
    const uint32_t low = kTransposed ? element(m, pair, group) : element(m, group, pair);
    const uint32_t high = kTransposed ? element(m, pair + 1, group) : element(m, group, pair + 1);
    r[m] = low | high << 16;
  }
}

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

// Fragments from a matrix in shared memory of `pitch` elements a row. `row` and `column` name the
// fragment's first element; kTransposed: the matrix lies the other way round, depth by depth.
//
// A of [16 rows][16 depth].
template <bool kTransposed>
PW_GPU void load_left(uint32_t (&a)[4], const Shared<bf16> &from, int pitch, int row, int depth) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  if constexpr (kTransposed) {
    load_matrices<true>(a, from,
                        (depth + lane % 8 + lane / 16 * 8) * pitch + row + lane / 8 % 2 * 8);
  } else {
    load_matrices<false>(a, from, (row + lane % 16) * pitch + depth + lane / 16 * 8);
  }
}
// B of [16 depth][16 columns], which are two of mma's. Transposed or not, it lies column by column
// (as W [column][depth]) or depth by depth.
template <bool kTransposed>
PW_GPU void load_right(uint32_t (&b)[2][2], const Shared<bf16> &from, int pitch, int depth,
                       int column) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  uint32_t r[4];
  if constexpr (kTransposed) {
    load_matrices<true>(r, from,
                        (depth + lane % 8 + lane / 8 % 2 * 8) * pitch + column + lane / 16 * 8);
  } else {
    load_matrices<false>(r, from,
                         (column + lane % 8 + lane / 16 * 8) * pitch + depth + lane / 8 % 2 * 8);
  }
  b[0][0] = r[0];
  b[0][1] = r[1];
  b[1][0] = r[2];
  b[1][1] = r[3];
}

// Elements from one row to the next, so that eight rows meet all banks: an odd number of 16 bytes.
PW_BOTH constexpr int matrix_pitch(int width) { return width + (width / 8 % 2 == 0 ? 8 : 0); }

}  // namespace pw
