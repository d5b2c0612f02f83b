// The C interface of the dense convolutions; the kernels are in isa/dense.cpp.
#include "conv_checks.h"

namespace pw {
namespace {

void check_dense(const Checks &checks, const pw_conv *conv) {
  check_conv(checks, conv);
  checks.require(conv->kernel >= 1 && conv->kernel <= 7 && conv->kernel % 2 == 1,
                 "kernel must be 1, 3, 5 or 7");
  checks.size({conv->c_in, conv->c_out, conv->kernel, conv->kernel});
}

}  // namespace
}  // namespace pw

int64_t pw_dense_workspace(pw_device *device, const pw_conv *conv, int32_t pass) {
  return pw::size_of("dense_workspace", device,
                     [&](const pw::Checks &checks, const pw::Kernels &kernels, int threads) {
                       pw::check_dense(checks, conv);
                       checks.pass(pass);
                       return kernels.dense_workspace(threads, *conv, pass);
                     });
}

pw_status pw_dense_forward(pw_stream *stream, const pw_conv *conv, const pw_view *x,
                           const float *weight, const float *bias, void *y, float *stats,
                           void *workspace) {
  return pw::operation("dense_forward", stream, [&](const pw::Checks &checks) {
    pw::check_dense(checks, conv);
    pw::check_forward(checks, *conv, x, weight, y, workspace);
    return [=, d = *conv, view = *x](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.dense_forward(pool, d, view, weight, bias, y, stats, workspace);
    };
  });
}

pw_status pw_dense_backward(pw_stream *stream, const pw_conv *conv, const pw_view *x,
                            const float *weight, const pw_gradient *dy, const pw_input_gradient *dx,
                            float *dweight, float *dbias, void *workspace) {
  return pw::operation("dense_backward", stream, [&](const pw::Checks &checks) {
    pw::check_dense(checks, conv);
    pw::check_backward(checks, *conv, dy, workspace);
    checks.view(x, conv->transform);
    checks.require(weight != nullptr, "weight is null");
    const pw_input_gradient gradient = pw::input_gradient(checks, *conv, dx);
    return [=, d = *conv, view = *x, start = *dy](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.dense_backward(pool, d, view, weight, start, gradient, dweight, dbias, workspace);
    };
  });
}
