// What the runtime and the families of the CPU backend share.
#pragma once

#include <string>

#include "isa/kernels.h"
#include "status.h"

struct pw_device {
  pw_device(int threads, int isa, const pw::CpuKernels *kernels)
      : pool(threads), isa(isa), kernels(kernels) {}
  int threads() const { return pool.threads(); }

  pw::Pool pool;
  int isa;
  const pw::CpuKernels *kernels;
};

#include "streams.h"
