// The emulation runs kernels as a GPU would, and catches mistakes planted in them.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "mma.h"

namespace pw {
namespace {

constexpr int kBlock = 64;

void require(bool condition, const std::string &what) {
  if (condition) return;
  std::fprintf(stderr, "failed: %s\n", what.c_str());
  std::exit(1);
}

// What a launch complains of; empty where it does not.
template <class... Parameters, class... Arguments>
std::string fault_of(const Grid &grid, void (*kernel)(Parameters...), Arguments... arguments) {
  Pool pool;
  try {
    launch(pool, grid, kernel, arguments...);
  } catch (const emulation::Fault &fault) {
    return fault.what();
  }
  return "";
}

void require_fault(const std::string &fault, const std::string &words) {
  require(fault.find(words) != std::string::npos,
          "expected \"" + words + "\", got \"" + fault + "\"");
}

// A block's values in reverse order, through shared memory.
__global__ void reverse(Global<const float> from, Global<float> to, bool synchronised,
                        int64_t beyond) {
  const Shared<float> shared(0, kBlock);
  const int64_t i = first_item();
  shared.set(threadIdx.x, from[i + beyond]);
  if (synchronised) __syncthreads();
  to[i] = shared.get(kBlock - 1 - static_cast<int>(threadIdx.x));
}

// Threads of one half wait where the others do not.
__global__ void half_a_barrier(bool elsewhere) {
  if (threadIdx.x < kBlock / 2) {
    __syncthreads();
  } else if (elsewhere) {
    __syncthreads();
  }
}

// The sum of a warp by exchanges of halves.
__global__ void warp_sums(Global<float> sums) {
  float value = static_cast<float>(threadIdx.x);
  for (int step = emulation::kWarp / 2; step > 0; step /= 2) {
    const void *all = emulation::exchange(&value, sizeof value, __FILE__, __LINE__);
    float other;
    std::memcpy(&other,
                emulation::lane_value(all, static_cast<int>(threadIdx.x) % emulation::kWarp ^ step),
                sizeof other);
    value += other;
  }
  sums[threadIdx.x] = value;
}

// A warp's own part of shared memory needs no more than the warp's barrier.
__global__ void warp_neighbours(Global<float> to, bool synchronised) {
  const Shared<float> shared(0, kBlock);
  const int thread = static_cast<int>(threadIdx.x);
  shared.set(thread, static_cast<float>(thread));
  if (synchronised) __syncwarp();
  to[thread] = shared.get(thread ^ 1);
}

// A block's values in reverse order, copied beside the threads in 16 bytes. What was not waited for
// is not there, and what others copied is there after a barrier.
__global__ void reverse_copies(Global<const float> from, Global<float> to, bool waited,
                               bool synchronised, int64_t beyond) {
  const Shared<float> shared(0, kBlock);
  const int thread = static_cast<int>(threadIdx.x);
  if (thread < kBlock / 4) shared.copy_async(4 * thread, from, 4 * thread + beyond);
  copies_commit();
  if (waited) {
    copies_wait<0>();
  } else {
    copies_wait<1>();
  }
  if (synchronised) __syncthreads();
  to[thread] = shared.get(kBlock - 1 - thread);
}

// Four matrices of 8 x 8 numbers in order, as ldmatrix spreads them over a warp.
template <bool kTransposed>
__global__ void spread_matrices(Global<uint32_t> to) {
  const Shared<bf16> shared(0, 4 * 64);
  const int lane = static_cast<int>(threadIdx.x);
  for (int i = lane; i < 4 * 64; i += 32) shared.set(i, bf16{static_cast<uint16_t>(i)});
  __syncthreads();
  uint32_t r[4];
  load_matrices<kTransposed>(r, shared, 8 * lane);
  for (int m = 0; m < 4; ++m) to[4 * lane + m] = r[m];
}

// A product of small integers by tensor cores; `shift` moves the pairs that a lane takes of A.
__global__ void tensor_product(Global<const float> a, Global<const float> b, Global<float> d,
                               int shift) {
  const int lane = static_cast<int>(threadIdx.x), group = lane / 4, pair = lane % 4;
  uint32_t left[4], right[2];
  for (int i = 0; i < 4; ++i) {
    const int row = group + i % 2 * 8, k = (2 * (pair + shift) + i / 2 * 8) % kMmaDepth;
    left[i] = pair_of(a[row * kMmaDepth + k], a[row * kMmaDepth + k + 1]);
  }
  for (int i = 0; i < 2; ++i) {
    const int k = 2 * pair + i * 8;
    right[i] = pair_of(b[k * kMmaColumns + group], b[(k + 1) * kMmaColumns + group]);
  }
  float sum[4] = {};
  mma(sum, left, right);
  for (int i = 0; i < 4; ++i) {
    d[(group + i / 2 * 8) * kMmaColumns + 2 * pair + i % 2] = sum[i];
  }
}

// Elements of a tensor-core product that differ from the plain one.
int wrong_products(int shift) {
  std::vector<float> a(kMmaRows * kMmaDepth), b(kMmaDepth * kMmaColumns), d(kMmaRows * kMmaColumns);
  for (size_t i = 0; i < a.size(); ++i) a[i] = static_cast<float>(i * 7 % 11) - 5;
  for (size_t i = 0; i < b.size(); ++i) b[i] = static_cast<float>(i * 5 % 13) - 6;
  const std::string fault =
      fault_of({1, 32}, tensor_product, input<float>(a.data(), static_cast<int64_t>(a.size())),
               input<float>(b.data(), static_cast<int64_t>(b.size())),
               output<float>(d.data(), static_cast<int64_t>(d.size())), shift);
  require(fault.empty(), fault);
  int wrong = 0;
  for (size_t row = 0; row < kMmaRows; ++row) {
    for (size_t column = 0; column < kMmaColumns; ++column) {
      float sum = 0;
      for (size_t k = 0; k < kMmaDepth; ++k) {
        sum += a[row * kMmaDepth + k] * b[k * kMmaColumns + column];
      }
      wrong += d[row * kMmaColumns + column] != sum;
    }
  }
  return wrong;
}

void multiplies_by_tensor_cores() {
  require(wrong_products(0) == 0, "a product by tensor cores");
  require(wrong_products(1) > 0, "a wrong fragment index shows");
}

void spreads_matrices() {
  std::vector<uint32_t> plain(128), transposed(128);
  const Grid grid{1, 32, 4 * 64 * sizeof(bf16)};
  require(fault_of(grid, spread_matrices<false>, output<uint32_t>(plain.data(), 128)).empty(),
          "ldmatrix");
  require(fault_of(grid, spread_matrices<true>, output<uint32_t>(transposed.data(), 128)).empty(),
          "ldmatrix.trans");
  for (uint32_t lane = 0; lane < 32; ++lane) {
    for (uint32_t m = 0; m < 4; ++m) {
      const uint32_t row = 64 * m + 8 * (lane / 4) + 2 * (lane % 4);
      const uint32_t column = 64 * m + 8 * 2 * (lane % 4) + lane / 4;
      require(plain[4 * lane + m] == (row | (row + 1) << 16), "a row's pair of ldmatrix");
      require(transposed[4 * lane + m] == (column | (column + 8) << 16),
              "a column's pair of ldmatrix.trans");
    }
  }
}

void copies_beside_threads() {
  std::vector<float> from(kBlock + 4), to(kBlock);
  for (size_t i = 0; i < from.size(); ++i) from[i] = static_cast<float>(i);
  const auto in = input<float>(from.data(), kBlock);
  const auto out = output<float>(to.data(), kBlock);
  const Grid grid{1, kBlock, kBlock * sizeof(float)};
  const std::string fault = fault_of(grid, reverse_copies, in, out, true, true, int64_t{0});
  require(fault.empty(), fault);
  for (size_t i = 0; i < to.size(); ++i) require(to[i] == from[kBlock - 1 - i], "a copy");
  require(fault_of(grid, reverse_copies, in, out, false, true, int64_t{0}).empty(),
          "a wait that is missing");
  for (const float v : to) require(v != v, "what was not waited for is not there");
  require_fault(fault_of(grid, reverse_copies, in, out, true, false, int64_t{0}),
                "unsynchronised shared memory");
  require_fault(fault_of(grid, reverse_copies, in, out, true, true, int64_t{4}),
                "out of bounds: element 64 of 64");
  require_fault(fault_of(grid, reverse_copies, in, out, true, true, int64_t{1}), "misaligned");
}

void runs_kernels() {
  std::vector<float> from(3 * kBlock), to(from.size(), -1);
  for (size_t i = 0; i < from.size(); ++i) from[i] = static_cast<float>(i);
  const auto count = static_cast<int64_t>(from.size());
  const std::string fault =
      fault_of({3, kBlock, kBlock * sizeof(float)}, reverse, input<float>(from.data(), count),
               output<float>(to.data(), count), true, int64_t{0});
  require(fault.empty(), fault);
  for (size_t i = 0; i < to.size(); ++i) {
    const size_t block = i / kBlock;
    require(to[i] == from[block * kBlock + kBlock - 1 - i % kBlock],
            "reverse " + std::to_string(i));
  }
  std::vector<float> sums(kBlock);
  require(fault_of({1, kBlock}, warp_sums, output<float>(sums.data(), kBlock)).empty(),
          "warp sums");
  for (int i = 0; i < kBlock; ++i) {
    require(sums[static_cast<size_t>(i)] == (i < 32 ? 496.0f : 1520.0f), "sum of a warp");
  }
  require(fault_of({1, kBlock, kBlock * sizeof(float)}, warp_neighbours,
                   output<float>(sums.data(), kBlock), true)
              .empty(),
          "neighbours of a warp");
}

void catches_mistakes() {
  std::vector<float> from(kBlock), to(kBlock);
  const auto in = input<float>(from.data(), kBlock);
  const auto out = output<float>(to.data(), kBlock);
  const Grid grid{1, kBlock, kBlock * sizeof(float)};
  require_fault(fault_of(grid, reverse, in, out, true, int64_t{1}),
                "out of bounds: element 64 of 64");
  require_fault(fault_of(grid, reverse, in, out, true, int64_t{-1}), "out of bounds: element -1");
  require_fault(fault_of(grid, reverse, in, out, false, int64_t{0}),
                "unsynchronised shared memory");
  require_fault(fault_of({1, kBlock, 16}, reverse, in, out, true, int64_t{0}),
                "byte of shared memory");
  require_fault(fault_of({1, kBlock}, half_a_barrier, true), "divergent barrier");
  require_fault(fault_of({1, kBlock}, half_a_barrier, false), "divergent barrier");
  require_fault(fault_of(grid, warp_neighbours, out, false), "unsynchronised shared memory");
}

}  // namespace
}  // namespace pw

int main() {
  pw::runs_kernels();
  pw::multiplies_by_tensor_cores();
  pw::spreads_matrices();
  pw::copies_beside_threads();
  pw::catches_mistakes();
  std::puts("emulation: all tests passed");
  return 0;
}
