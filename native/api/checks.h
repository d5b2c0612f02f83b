// Checks of arguments that several families share. Messages begin with the name of the operation.
#pragma once

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

  // Number of the first of n images in the batch of all processes.
  void first(int32_t first, int32_t n) const {
    require(first >= 0 && first <= INT32_MAX - n,
            "first must not be negative, nor first + n too large");
  }

  void tensor(const pw_tensor *tensor) const {
    require(tensor != nullptr, "the descriptor is null");
    positive(tensor->n, "n");
    positive(tensor->h, "h");
    positive(tensor->w, "w");
    positive(tensor->c, "c");
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

 private:
  const char *operation_;
};

}  // namespace pw
