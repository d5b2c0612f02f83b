#include "pool.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace pw {
namespace {

// A step is hundreds of short jobs: a worker that sleeps between them costs a system call each. It
// spins for about the length of the serial code between two jobs first.
constexpr int kSpins = 4000;

void relax() {
#if defined(__x86_64__)
  _mm_pause();
#else
  std::this_thread::yield();
#endif
}

}  // namespace

Pool::Pool(int threads) {
  for (int i = 1; i < threads; ++i) workers_.emplace_back([this, i] { work(i); });
}

Pool::~Pool() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (auto &worker : workers_) worker.join();
}

void Pool::run(int64_t tasks, Task task, void *context) {
  if (workers_.empty() || tasks <= 1) {
    for (int64_t i = 0; i < tasks; ++i) task(context, i, 0);
    return;
  }
  std::lock_guard one(one_job_);
  tasks_ = tasks;
  task_ = task;
  context_ = context;
  next_.store(0, std::memory_order_relaxed);
  busy_.store(static_cast<int>(workers_.size()), std::memory_order_relaxed);
  {
    std::lock_guard lock(mutex_);
    job_.fetch_add(1, std::memory_order_release);
  }
  wake_.notify_all();
  drain(0);
  for (int spins = 0; busy_.load(std::memory_order_acquire) != 0; ++spins) {
    if (spins < kSpins) {
      relax();
    } else {
      std::this_thread::yield();
    }
  }
}

void Pool::drain(int worker) {
  for (int64_t i = next_.fetch_add(1, std::memory_order_relaxed); i < tasks_;
       i = next_.fetch_add(1, std::memory_order_relaxed)) {
    task_(context_, i, worker);
  }
}

void Pool::work(int worker) {
  uint64_t seen = 0;
  for (;;) {
    uint64_t job = job_.load(std::memory_order_acquire);
    for (int spins = 0; job == seen && !stop_ && spins < kSpins; ++spins) {
      relax();
      job = job_.load(std::memory_order_acquire);
    }
    if (job == seen) {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return stop_ || job_.load(std::memory_order_acquire) != seen; });
      job = job_.load(std::memory_order_acquire);
    }
    if (stop_) return;
    seen = job;
    drain(worker);
    busy_.fetch_sub(1, std::memory_order_release);
  }
}

}  // namespace pw
