#include "fill.h"

namespace pw {

const Kernels &kernels() {
  static const Kernels whole = [] {
    Kernels table{};
    PW_FAMILIES(PW_FILL)
    return table;
  }();
  return whole;
}

}  // namespace pw
