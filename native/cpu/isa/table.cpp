#include "kernels.h"

namespace pw::PW_ISA {

const CpuKernels &kernels() {
  static const CpuKernels whole = [] {
    CpuKernels table{};
    fill_common(table);
    PW_FAMILIES(PW_FILL)
    fill_limits(table);
    return table;
  }();
  return whole;
}

}  // namespace pw::PW_ISA
