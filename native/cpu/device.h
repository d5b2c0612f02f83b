// What the runtime and the families of the CPU backend share.
#pragma once

#include <exception>
#include <functional>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "pixelwake/kernels.h"
#include "pool.h"

namespace pw {

struct Kernels;

// Reports a bad argument; guard() turns it into PW_INVALID.
struct Invalid : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

struct Unsupported : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline void require(bool condition, const char *message) {
  if (!condition) throw Invalid(message);
}

void set_last_error(const char *message) noexcept;

// Runs `body` and maps whatever it throws to a status: nothing is thrown through the C interface.
template <class Body>
pw_status guard(Body &&body) noexcept {
  try {
    set_last_error("");
    body();
    return PW_OK;
  } catch (const Invalid &e) {
    set_last_error(e.what());
    return PW_INVALID;
  } catch (const Unsupported &e) {
    set_last_error(e.what());
    return PW_UNSUPPORTED;
  } catch (const std::bad_alloc &) {
    set_last_error("out of memory");
    return PW_NO_MEMORY;
  } catch (const std::exception &e) {
    set_last_error(e.what());
    return PW_DEVICE;
  }
}

}  // namespace pw

struct pw_device {
  pw_device(int threads, int isa, const pw::Kernels *kernels)
      : pool(threads), isa(isa), kernels(kernels) {}
  pw::Pool pool;
  int isa;
  const pw::Kernels *kernels;
};

struct pw_graph {
  std::vector<std::function<void()>> nodes;
};

struct pw_stream {
  pw_device *device;
  pw_graph *capturing = nullptr;
};

namespace pw {

// Runs the work now, or notes it when the stream is being captured. `work` holds copies of
// descriptors and views, never references to the caller's.
template <class Work>
void submit(pw_stream *stream, Work &&work) {
  if (stream->capturing != nullptr) {
    stream->capturing->nodes.emplace_back(std::forward<Work>(work));
  } else {
    work();
  }
}

}  // namespace pw
