// Convolutions of any size as products of gathered neighbourhoods with weights, in f32: dense ones,
// and the pointwise ones that pointwise.cu leaves.
#pragma once

#include "geometry.h"

namespace pw {

class Pool;

int64_t convolution_workspace(int processors, const pw_conv &d, int32_t pass);
void convolution_forward(Pool &pool, const pw_conv &d, const pw_view &x, const float *weight,
                         const float *bias, void *y, float *stats, void *workspace);
void convolution_backward(Pool &pool, const pw_conv &d, const pw_view &x, const float *weight,
                          const pw_gradient &dy, const pw_input_gradient &dx, float *dweight,
                          float *dbias, void *workspace);

}  // namespace pw
