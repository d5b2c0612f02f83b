#include "fill.h"

namespace pw {

const Kernels &kernels() {
  static const Kernels table = [] {
    Kernels k{};
    fill_pointwise(k);
    fill_dense(k);
    fill_depthwise(k);
    fill_batchnorm(k);
    fill_squeeze_excite(k);
    fill_residual(k);
    fill_pool_linear(k);
    fill_rasterize(k);
    fill_loss(k);
    fill_optimizer(k);
    fill_inference(k);
    return k;
  }();
  return table;
}

}  // namespace pw
