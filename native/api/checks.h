// Checks of arguments, the same for every family. Messages begin with the name of the function
// without its pw_.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "device.h"

namespace pw {

class Checks {
 public:
  explicit Checks(const char *operation) : operation_(operation) {}

  void require(bool condition, const char *problem) const {
    if (!condition) throw Invalid(std::string(operation_) + ": " + problem);
  }

  void storage(int32_t storage) const {
    require(storage == PW_F32 || storage == PW_BF16, "storage must be PW_F32 or PW_BF16");
  }

  void positive(int32_t value, const char *name) const {
    if (value <= 0) throw Invalid(std::string(operation_) + ": " + name + " must be positive");
  }

  // Sides of a tensor, or of weights. Elements must stay far below what an int64_t counts in bytes,
  // for kernels multiply the sides.
  void size(std::initializer_list<int64_t> sides) const {
    double elements = 1;
    for (const int64_t side : sides) elements *= static_cast<double>(side);
    require(elements < kMostElements, "the tensors are too large");
  }

  // Sides of an activation by their names in the descriptor.
  void activation(int32_t n, int32_t h, int32_t w, int32_t c, const char *channels = "c") const {
    positive(n, "n");
    positive(h, "h");
    positive(w, "w");
    positive(c, channels);
    size({n, h, w, c});
  }

  // Number of the first of n images in the batch of all processes.
  void first(int32_t first, int32_t n) const {
    require(first >= 0 && first <= INT32_MAX - n,
            "first must not be negative, nor first + n too large");
  }

  void probability(float probability) const {
    require(probability >= 0 && probability < 1, "probability must be in [0, 1)");
  }

  void pass(int32_t pass) const {
    require(pass == PW_FORWARD || pass == PW_BACKWARD, "pass must be PW_FORWARD or PW_BACKWARD");
  }

  void tensor(const pw_tensor *tensor) const {
    require(tensor != nullptr, "the descriptor is null");
    activation(tensor->n, tensor->h, tensor->w, tensor->c);
    storage(tensor->storage);
  }

  // A view has what its transform reads.
  void view(const pw_view *view, int32_t transform) const {
    require(view != nullptr && view->data != nullptr, "the input is null");
    require(transform >= PW_NONE && transform <= PW_BN, "unknown transform");
    require(transform == PW_NONE || view->bn != nullptr, "the transform needs bn, which is null");
    require(transform != PW_BN_SILU_GATE || view->gate != nullptr,
            "the transform needs gate, which is null");
  }

  static constexpr double kMostElements = 1e15;

 private:
  const char *operation_;
};

// A function of the C interface that gives work to a stream. `check` checks the arguments and
// returns the work, a function of the kernels and of what they run on, which holds copies of
// descriptors and views, never references to the caller's.
template <class Check>
pw_status operation(const char *name, pw_stream *stream, Check &&check) {
  return guard([&] {
    const Checks checks(name);
    checks.require(stream != nullptr, "stream is null");
    submit(stream, [work = check(checks), context = Context(stream)] {
      work(context.kernels(), context.pool());
    });
  });
}

// A function of the C interface that tells a size in bytes: what `size` returns of the checks, the
// kernels and the device's threads, or -1 where it throws.
template <class Size>
int64_t size_of(const char *name, pw_device *device, Size &&size) {
  int64_t bytes = -1;
  guard([&] {
    const Checks checks(name);
    checks.require(device != nullptr, "device is null");
    bytes = size(checks, *device->kernels, device->threads());
  });
  return bytes;
}

}  // namespace pw
