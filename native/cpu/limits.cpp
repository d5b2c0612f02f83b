// What this processor reaches with the device's threads, measured.

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <new>
#include <utility>
#include <vector>

#include "device.h"
#include "isa/kernels.h"
// Behind device.h.
#include "backend.h"

namespace pw {
namespace {

using Probe = int64_t (*)(float *block, int64_t count, int64_t rounds);

// A repetition must be long beside a wake-up of the pool, and short enough that some of them meet
// no interruption.
constexpr double kRepetition = 3e-3;  // seconds
constexpr int kRepetitions = 16;
// More tasks than threads, so that a thread that comes late does not count.
constexpr int64_t kTasksPerThread = 4;

// Memory as the kernels get it.
class Block {
 public:
  Block(pw_device &device, int64_t floats)
      : device_(device),
        memory_(static_cast<float *>(
            backend::allocate(device, floats * static_cast<int64_t>(sizeof(float))))) {
    const int64_t parts = kTasksPerThread * device.pool.threads();
    parallel(device.pool, parts, [&](int64_t part, int) {
      std::fill(memory_ + part * floats / parts, memory_ + (part + 1) * floats / parts, 0.5f);
    });
  }
  ~Block() { backend::release(device_, memory_); }
  Block(const Block &) = delete;
  Block &operator=(const Block &) = delete;

  float *get() const { return memory_; }

 private:
  pw_device &device_;
  float *memory_;
};

int64_t cache_bytes(int name, int64_t otherwise) {
  const long bytes = sysconf(name);
  return bytes > 0 ? bytes : otherwise;
}

int64_t whole_blocks(int64_t bytes) {
  const auto floats = bytes / static_cast<int64_t>(sizeof(float));
  return std::max<int64_t>(1, floats / kProbeFloats) * kProbeFloats;
}

// The rate of one kind of work, repeated.
class Meter {
 public:
  // run(rounds) returns the work done.
  explicit Meter(std::function<int64_t(int64_t)> run) : run_(std::move(run)) {
    // The shorter of two, lest an interruption be taken for work.
    while (std::min(repeat(), repeat()) < kRepetition && rates_.back() > 0) rounds_ *= 2;
    rates_.clear();
  }

  // The seconds that it took.
  double repeat() {
    const auto start = std::chrono::steady_clock::now();
    const auto work = static_cast<double>(run_(rounds_));
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    rates_.push_back(work / seconds);
    return seconds;
  }

  // What the cores can do: interruptions can only have slowed them.
  float best() const { return static_cast<float>(*std::max_element(rates_.begin(), rates_.end())); }

  // What memory does as a rule: it is shared with whatever else runs on the machine, and a virtual
  // machine's threads may share one link to it in one moment and have two in the next.
  float median() {
    const auto middle = rates_.begin() + static_cast<std::ptrdiff_t>(rates_.size() / 2);
    std::nth_element(rates_.begin(), middle, rates_.end());
    return static_cast<float>(*middle);
  }

 private:
  std::function<int64_t(int64_t)> run_;
  int64_t rounds_ = 1;
  std::vector<double> rates_;
};

// Every thread on a block of its own.
Meter own_blocks(Pool &pool, Probe probe, float *blocks, int64_t count) {
  return Meter([=, &pool](int64_t rounds) {
    std::atomic<int64_t> work{0};
    parallel(pool, kTasksPerThread * pool.threads(),
             [&](int64_t, int worker) { work += probe(blocks + worker * count, count, rounds); });
    return work.load();
  });
}

// All threads through one buffer.
Meter one_buffer(Pool &pool, Probe probe, float *buffer, int64_t count) {
  return Meter([=, &pool](int64_t rounds) {
    const int64_t tasks = kTasksPerThread * pool.threads(), part = count / tasks;
    std::atomic<int64_t> work{0};
    for (int64_t round = 0; round < rounds; ++round) {
      parallel(pool, tasks,
               [&](int64_t task, int) { work += probe(buffer + task * part, part, 1); });
    }
    return work.load();
  });
}

}  // namespace

pw_limits backend::limits(pw_device &device) {
  Pool &pool = device.pool;
  const CpuKernels &kernels = *device.kernels;
  const int64_t cached = whole_blocks(cache_bytes(_SC_LEVEL2_CACHE_SIZE, 512 << 10) / 2);
  const Block blocks(device, pool.threads() * cached);
  // Four times the last cache: of a buffer much smaller a part would stay there from round to
  // round.
  const int64_t large =
      std::max<int64_t>(128 << 20, 4 * cache_bytes(_SC_LEVEL3_CACHE_SIZE, 32 << 20));
  const int64_t tasks = kTasksPerThread * pool.threads();
  const int64_t streamed = tasks * whole_blocks(large / tasks);
  const Block buffer(device, streamed);
  Meter fma = own_blocks(pool, kernels.probe_fma, blocks.get(), kProbeFloats);
  Meter dot = own_blocks(pool, kernels.probe_dot, blocks.get(), kProbeFloats);
  Meter silu = own_blocks(pool, kernels.probe_silu, blocks.get(), kProbeFloats);
  Meter cache = own_blocks(pool, kernels.probe_update, blocks.get(), cached);
  Meter memory = one_buffer(pool, kernels.probe_update, buffer.get(), streamed);
  // In turn, so that an interruption does not hit all repetitions of one.
  for (int i = 0; i < kRepetitions; ++i) {
    for (Meter *meter : {&fma, &dot, &silu, &cache, &memory}) meter->repeat();
  }
  return {fma.best(), dot.best(), memory.median(), cache.best(), silu.best()};
}

}  // namespace pw
