// Whether a job is worth other threads, and what else jobs share.
#pragma once

#include "../pool.h"
#include "vec.h"

namespace pw::PW_ISA {

// body(task, worker) for every task; here when the whole job is shorter than about 20 us, what
// waking the others costs.
template <class Body>
void run_tasks(Pool &pool, int64_t tasks, int64_t cycles, Body &&body) {
  if (cycles < 50000) {
    for (int64_t i = 0; i < tasks; ++i) body(i, 0);
  } else {
    parallel(pool, tasks, body);
  }
}

PW_INLINE void clear(float *p, int64_t floats) {
  std::memset(p, 0, static_cast<size_t>(floats) * sizeof(float));
}

}  // namespace pw::PW_ISA
