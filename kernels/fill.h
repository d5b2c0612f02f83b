// One function a family, in the file of its name; table.cu gathers them.
#pragma once

#include "table.h"

namespace pw {

void fill_pointwise(Kernels &);
void fill_dense(Kernels &);
void fill_depthwise(Kernels &);
void fill_batchnorm(Kernels &);
void fill_squeeze_excite(Kernels &);
void fill_residual(Kernels &);
void fill_pool_linear(Kernels &);
void fill_rasterize(Kernels &);
void fill_loss(Kernels &);
void fill_optimizer(Kernels &);
void fill_inference(Kernels &);

const Kernels &kernels();

}  // namespace pw
