// The device of the emulation: a GPU on the host, one thread at a time.
#pragma once

#include <string>

#include "fill.h"
#include "pool.h"
#include "status.h"

struct pw_device {
  int threads() const { return pool.threads(); }

  pw::Pool pool;
  const pw::Kernels *kernels = &pw::kernels();
};

#include "streams.h"
