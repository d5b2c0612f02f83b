// Runs CUDA kernels on the host, so that every machine tests them: the threads of a block are
// fibers that take turns at barriers and shuffles. Accesses are checked as they happen: ranges of
// device memory for their bounds, shared memory for its bounds and for accesses of two threads that
// no barrier separates; barriers for being reached by all threads at one place.
//
// What goes wrong throws Fault through the launch.
#pragma once

#include <math.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __restrict__ __restrict

namespace pw::emulation {

struct Fault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Dim {
  unsigned x = 1, y = 1, z = 1;
};

// Of the thread that runs now.
struct Thread {
  Dim thread, block, threads, blocks;
  int index = 0;        // in the block
  int block_epoch = 0;  // barriers of the block passed
  int warp_epoch = 0;   // synchronisations of the warp passed
};
Thread &current();

constexpr int kWarp = 32;
constexpr int kMostThreads = 1024;

// Runs `kernel` for every thread of every block, one block after the other.
void run(int64_t blocks, int threads, int64_t shared_bytes, const std::function<void()> &kernel);

// __syncthreads() and __syncwarp(), at a place of the source.
void barrier(const char *file, int line);
void warp_barrier(const char *file, int line);

// All lanes of the warp give `bytes` of a value (at most kMostExchange) and see those of all.
constexpr int kMostExchange = 32;
const void *exchange(const void *value, int bytes, const char *file, int line);
// The value that a lane gave in the last exchange.
inline const void *lane_value(const void *all, int lane) {
  return static_cast<const char *>(all) + lane * kMostExchange;
}

// Checks an access to the block's shared memory, `at` bytes from its start, and returns it.
void *shared_read(int64_t at, int64_t bytes);
void *shared_write(int64_t at, int64_t bytes);

// Copies of 16 bytes into shared memory that run beside the thread: their place holds nothing until
// it has waited for them. As late as may be, so that a wait that is missing shows.
void copy_async(int64_t to, const void *from);
void copies_commit();
void copies_wait(int groups);

void require_aligned(const void *place, size_t bytes);
// ---- what kernels read and write of device memory (traffic.cpp) ----

// Where the environment names a file by PIXELWAKE_EMULATION_TRAFFIC, it receives a table when the
// process ends: of every kind of launch the blocks, threads and shared memory, the bytes that
// threads asked for, and those of the sectors of 32 bytes that a launch touched at all, which is
// what must come from memory where a cache is never too small.
extern const bool traffic_counted;
void count_traffic(const void *place, int64_t bytes, bool written);
// Device memory that is counted.
void add_memory(const void *memory, int64_t bytes);
void drop_memory(const void *memory);

// A launch, whose kind is told by the types of its kernel's parameters.
class Launch {
 public:
  Launch(const char *kind, int64_t blocks, int threads, int64_t shared_bytes);
  ~Launch();
  Launch(const Launch &) = delete;
  Launch &operator=(const Launch &) = delete;
};

[[noreturn]] void out_of_bounds(const char *what, int64_t index, int64_t count);

}  // namespace pw::emulation

#define threadIdx (::pw::emulation::current().thread)
#define blockIdx (::pw::emulation::current().block)
#define blockDim (::pw::emulation::current().threads)
#define gridDim (::pw::emulation::current().blocks)
#define __syncthreads() ::pw::emulation::barrier(__FILE__, __LINE__)
#define __syncwarp() ::pw::emulation::warp_barrier(__FILE__, __LINE__)
