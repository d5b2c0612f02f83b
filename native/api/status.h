// Errors of the C interface: thrown inside, a status and a message outside.
#pragma once

#include <exception>
#include <new>
#include <stdexcept>

#include "pixelwake/kernels.h"

namespace pw {

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
