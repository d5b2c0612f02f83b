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
#define PW_ROLLED _Pragma("unroll 1")  // the compiler would unroll it, for which registers lack
#else
#define PW_UNROLL
#define PW_ROLLED
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

// kN neighbouring elements, loaded and stored at once: where they lie is a multiple of their size.
template <class T, int kN>
struct alignas(sizeof(T) * kN) Pack {
  T v[kN];
};
// Elements of 16 bytes, the most that a thread loads at once.
template <class T>
constexpr int kPack = 16 / static_cast<int>(sizeof(T));

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
    touch(i, 1, !std::is_const_v<T>);
    return data_[i];
  }
  PW_BOTH bool operator!=(decltype(nullptr)) const { return data_ != nullptr; }
  PW_BOTH explicit operator bool() const { return data_ != nullptr; }

  PW_GPU float at(int64_t i) const { return to_float((*this)[i]); }
  PW_GPU void set(int64_t i, float v) const { put((*this)[i], v); }

  template <int kN>
  PW_GPU Pack<Value, kN> load(int64_t i) const {
    return *reinterpret_cast<const Pack<Value, kN> *>(place<kN>(i, false));
  }
  template <int kN>
  PW_GPU void store(int64_t i, const Pack<Value, kN> &pack) const {
    *reinterpret_cast<Pack<Value, kN> *>(place<kN>(i, true)) = pack;
  }
  // Where kN elements from i on lie, which are read or written.
  template <int kN>
  PW_GPU T *place(int64_t i, bool written) const {
    check(i, kN);
    touch(i, kN, written);
#if !defined(__CUDACC__)
    emulation::require_aligned(data_ + i, kN * sizeof(T));
#endif
    return data_ + i;
  }

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

  // The emulation can count what kernels read and write.
  PW_BOTH void touch(int64_t i, int64_t n, bool written) const {
#if !defined(__CUDACC__)
    if (emulation::traffic_counted) {
      emulation::count_traffic(data_ + i, n * static_cast<int64_t>(sizeof(T)), written);
    }
#else
    (void)i;
    (void)n;
    (void)written;
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
  template <int kN>
  PW_GPU Pack<T, kN> load(int64_t i) const {
    check(i, kN);
#if defined(__CUDACC__)
    return *reinterpret_cast<const Pack<T, kN> *>(base() + i);
#else
    const void *const from = emulation::shared_read(byte(i), kN * sizeof(T));
    emulation::require_aligned(from, kN * sizeof(T));
    return *static_cast<const Pack<T, kN> *>(from);
#endif
  }
  template <int kN>
  PW_GPU void store(int64_t i, const Pack<T, kN> &pack) const {
    check(i, kN);
#if defined(__CUDACC__)
    *reinterpret_cast<Pack<T, kN> *>(base() + i) = pack;
#else
    void *const to = emulation::shared_write(byte(i), kN * sizeof(T));
    emulation::require_aligned(to, kN * sizeof(T));
    *static_cast<Pack<T, kN> *>(to) = pack;
#endif
  }

  // Begins to copy kPack elements from device memory to element i; they are there once the thread
  // has waited for them (copies_wait), and for others after a barrier.
  PW_GPU void copy_async(int64_t i, const Global<const T> &from, int64_t j) const {
    check(i, kPack<T>);
    const void *const source = from.template place<kPack<T>>(j, false);
#if defined(__CUDACC__)
    const auto to = static_cast<uint32_t>(__cvta_generic_to_shared(base() + i));
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(source) : "memory");
#else
    emulation::copy_async(byte(i), source);
#endif
  }

  // Where element i lies, as the instructions of shared memory name it.
  PW_GPU int64_t address(int64_t i) const {
#if defined(__CUDACC__)
    return static_cast<int64_t>(__cvta_generic_to_shared(base() + i));
#else
    return byte(i);
#endif
  }

 private:
#if defined(__CUDACC__)
  PW_GPU T *base() const {
    extern __shared__ __align__(16) unsigned char pw_shared[];
    return reinterpret_cast<T *>(pw_shared + offset_);
  }
  PW_GPU void check(int64_t, int64_t = 1) const {}
#else
  int64_t byte(int64_t i) const { return offset_ + i * static_cast<int64_t>(sizeof(T)); }
  void check(int64_t i, int64_t n = 1) const {
    if (i < 0 || i + n > count_) emulation::out_of_bounds("element of shared memory", i, count_);
  }
#endif

  int64_t offset_, count_;
};

// What comes after is not begun before what is ahead: the compiler would keep the registers of all
// turns of an unrolled loop at once.
PW_GPU void keep_order() {
#if defined(__CUDACC__)
  asm volatile("" ::: "memory");
#endif
}

// Closes the group of copies that a thread has begun since the last one.
PW_GPU void copies_commit() {
#if defined(__CUDACC__)
  asm volatile("cp.async.commit_group;" ::: "memory");
#else
  emulation::copies_commit();
#endif
}
// Waits for the thread's copies, but for those of the last kGroups groups.
template <int kGroups>
PW_GPU void copies_wait() {
#if defined(__CUDACC__)
  asm volatile("cp.async.wait_group %0;" ::"n"(kGroups) : "memory");
#else
  emulation::copies_wait(kGroups);
#endif
}

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
  // More than 48 KiB have to be asked for.
  if (grid.shared_bytes > (48 << 10)) {
    cuda_check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                    static_cast<int>(grid.shared_bytes)),
               "cudaFuncSetAttribute");
  }
  kernel<<<static_cast<unsigned>(grid.blocks), static_cast<unsigned>(grid.threads),
           static_cast<size_t>(grid.shared_bytes), pool.stream()>>>(arguments...);
  cuda_check(cudaGetLastError(), "launch");
#else
  (void)pool;
  const emulation::Launch counted(__PRETTY_FUNCTION__, grid.blocks, grid.threads,
                                  grid.shared_bytes);
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
