// What kernels are written with, for a GPU and for the emulation of one: ranges of device memory,
// shared memory, vectors of neighbouring elements, launches.
#pragma once

#include <cstdint>
#include <type_traits>

#include "pixelwake/kernels.h"
#include "pool.h"
#include "portable.h"

#if defined(__CUDACC__)
#define PW_GPU __device__ __forceinline__
#define PW_UNROLL _Pragma("unroll")
#else
#define PW_UNROLL
#include "emulation/emulation.h"
#define PW_GPU inline __attribute__((always_inline))
#endif

namespace pw {

constexpr int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }
constexpr int64_t round_up(int64_t a, int64_t b) { return ceil_div(a, b) * b; }
PW_BOTH constexpr int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
PW_BOTH constexpr int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

// bf16 in memory; arithmetic is f32.
struct bf16 {
  uint16_t bits;
};

PW_GPU float to_float(float v) { return v; }
PW_GPU float to_float(bf16 v) {
  const uint32_t bits = static_cast<uint32_t>(v.bits) << 16;
  float f;
  memcpy(&f, &bits, sizeof(f));
  return f;
}
// Rounds to nearest even; NaN stays NaN.
PW_GPU bf16 to_bf16(float v) {
  uint32_t bits;
  memcpy(&bits, &v, sizeof(bits));
  if ((bits & 0x7fffffffu) > 0x7f800000u) return {static_cast<uint16_t>((bits >> 16) | 0x40)};
  return {static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16)};
}
PW_GPU void put(float &to, float v) { to = v; }
PW_GPU void put(bf16 &to, float v) { to = to_bf16(v); }

// `count` elements of device memory; null where nothing was given. The emulation checks every
// access; on a GPU it is a pointer.
template <class T>
class Global {
 public:
  using Value = std::remove_const_t<T>;

  PW_BOTH Global() {}
  PW_BOTH Global(T *data, int64_t count) : data_(data), count_(count) {}

  PW_BOTH T &operator[](int64_t i) const {
    check(i, 1);
    return data_[i];
  }
  PW_BOTH bool operator!=(decltype(nullptr)) const { return data_ != nullptr; }
  PW_BOTH explicit operator bool() const { return data_ != nullptr; }

  PW_GPU float at(int64_t i) const { return to_float((*this)[i]); }
  PW_GPU void set(int64_t i, float v) const { put((*this)[i], v); }

  // From `first` on.
  PW_BOTH Global from(int64_t first) const { return {data_ + first, count_ - first}; }
  PW_BOTH T *data() const { return data_; }

 private:
  PW_BOTH void check(int64_t i, int64_t n) const {
#if !defined(__CUDACC__)
    if (i < 0 || i + n > count_) emulation::out_of_bounds("element", i, count_);
#else
    (void)i;
    (void)n;
#endif
  }

  T *data_ = nullptr;
  int64_t count_ = 0;
};

template <class T>
Global<const T> input(const void *data, int64_t count) {
  return {static_cast<const T *>(data), count};
}
template <class T>
Global<T> output(void *data, int64_t count) {
  return {static_cast<T *>(data), count};
}

// A kernel's shared memory from byte `offset` on, as `count` values.
template <class T>
class Shared {
 public:
  PW_GPU Shared(int64_t offset, int64_t count) : offset_(offset), count_(count) {}

  PW_GPU T get(int64_t i) const {
    check(i);
#if defined(__CUDACC__)
    return base()[i];
#else
    return *static_cast<const T *>(emulation::shared_read(byte(i), sizeof(T)));
#endif
  }
  PW_GPU void set(int64_t i, T v) const {
    check(i);
#if defined(__CUDACC__)
    base()[i] = v;
#else
    *static_cast<T *>(emulation::shared_write(byte(i), sizeof(T))) = v;
#endif
  }

 private:
#if defined(__CUDACC__)
  PW_GPU T *base() const {
    extern __shared__ __align__(16) unsigned char pw_shared[];
    return reinterpret_cast<T *>(pw_shared + offset_);
  }
  PW_GPU void check(int64_t) const {}
#else
  int64_t byte(int64_t i) const { return offset_ + i * static_cast<int64_t>(sizeof(T)); }
  void check(int64_t i) const {
    if (i < 0 || i >= count_) emulation::out_of_bounds("element of shared memory", i, count_);
  }
#endif

  int64_t offset_, count_;
};

// Blocks and threads of a launch, in one dimension.
struct Grid {
  int64_t blocks;
  int threads;
  int64_t shared_bytes = 0;
};

constexpr int kThreads = 256;

// One thread an item, or several items a thread where there are many.
inline Grid grid_of(const Pool &pool, int64_t items) {
  return {least(most(1, ceil_div(items, kThreads)), 32 * pool.threads()), kThreads};
}

PW_GPU int64_t first_item() { return static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; }
PW_GPU int64_t item_step() { return static_cast<int64_t>(gridDim.x) * blockDim.x; }

template <class... Parameters, class... Arguments>
void launch(Pool &pool, const Grid &grid, void (*kernel)(Parameters...), Arguments... arguments) {
#if defined(__CUDACC__)
  kernel<<<static_cast<unsigned>(grid.blocks), static_cast<unsigned>(grid.threads),
           static_cast<size_t>(grid.shared_bytes), pool.stream()>>>(arguments...);
  cuda_check(cudaGetLastError(), "launch");
#else
  (void)pool;
  emulation::run(grid.blocks, grid.threads, grid.shared_bytes, [&] { kernel(arguments...); });
#endif
}

// f(i) for i in [0, items).
template <class F>
__global__ void for_items(int64_t items, F f) {
  for (int64_t i = first_item(); i < items; i += item_step()) f(i);
}
template <class F>
void each(Pool &pool, int64_t items, F f) {
  launch(pool, grid_of(pool, items), for_items<F>, items, f);
}

// Calls body with a null pointer of the storage type.
template <class Body>
void dispatch_storage(int32_t storage, Body &&body) {
  if (storage == PW_BF16) {
    body(static_cast<bf16 *>(nullptr));
  } else {
    body(static_cast<float *>(nullptr));
  }
}

}  // namespace pw
