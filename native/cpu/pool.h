// Worker threads of a CPU device.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace pw {

// Runs the tasks of one job at a time on a fixed set of threads, the caller's among them. Which
// thread runs which task is left to chance; results must depend on the task alone.
class Pool {
 public:
  explicit Pool(int threads);
  ~Pool();
  Pool(const Pool &) = delete;
  Pool &operator=(const Pool &) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  using Task = void (*)(void *context, int64_t task, int worker);

  // Calls task(context, i, worker) for i in [0, tasks), worker in [0, threads()); returns when all
  // are done. Tasks must not throw.
  void run(int64_t tasks, Task task, void *context);

 private:
  void work(int worker);
  void drain(int worker);

  std::mutex one_job_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::thread> workers_;
  std::atomic<uint64_t> job_{0};
  std::atomic<int64_t> next_{0};
  std::atomic<int> busy_{0};
  std::atomic<bool> stop_{false};
  int64_t tasks_ = 0;
  Task task_ = nullptr;
  void *context_ = nullptr;
};

// body(task, worker) for every task in [0, tasks).
template <class Body>
void parallel(Pool &pool, int64_t tasks, Body &&body) {
  using Plain = std::remove_reference_t<Body>;
  pool.run(
      tasks,
      [](void *context, int64_t task, int worker) {
        (*static_cast<Plain *>(context))(task, worker);
      },
      const_cast<void *>(static_cast<const void *>(&body)));
}

}  // namespace pw
