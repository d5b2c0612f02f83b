#include "kernels.h"

namespace pw::PW_ISA {

const CpuKernels &kernels() {
  static const CpuKernels table = [] {
    CpuKernels k{};
    fill_common(k);
    fill_rasterize(k);
    fill_pointwise(k);
    fill_depthwise(k);
    fill_dense(k);
    fill_batchnorm(k);
    fill_squeeze_excite(k);
    fill_residual(k);
    fill_pool_linear(k);
    fill_loss(k);
    fill_optimizer(k);
    fill_inference(k);
    fill_limits(k);
    return k;
  }();
  return table;
}

}  // namespace pw::PW_ISA
