// The C interface of the depthwise convolutions; the kernels are in isa/depthwise.cpp.
#include "conv_checks.h"

namespace pw {
namespace {

void check_depthwise(const Checks &checks, const pw_conv *conv) {
  check_conv(checks, conv);
  checks.require(conv->c_in == conv->c_out, "c_in and c_out must be equal");
  checks.require(conv->kernel == 3 || conv->kernel == 5, "kernel must be 3 or 5");
}

}  // namespace
}  // namespace pw

int64_t pw_depthwise_workspace(pw_device *device, const pw_conv *conv, int32_t pass) {
  return pw::size_of("depthwise_workspace", device,
                     [&](const pw::Checks &checks, const pw::Kernels &kernels, int threads) {
                       pw::check_depthwise(checks, conv);
                       checks.pass(pass);
                       return kernels.depthwise_workspace(threads, *conv, pass);
                     });
}

pw_status pw_depthwise_forward(pw_stream *stream, const pw_conv *conv, const pw_view *x,
                               const float *weight, const float *bias, void *y, float *stats,
                               void *workspace) {
  return pw::operation("depthwise_forward", stream, [&](const pw::Checks &checks) {
    pw::check_depthwise(checks, conv);
    pw::check_forward(checks, *conv, x, weight, y, workspace);
    checks.require(bias == nullptr, "there is no bias");
    return [=, d = *conv, view = *x](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.depthwise_forward(pool, d, view, weight, y, stats, workspace);
    };
  });
}

pw_status pw_depthwise_backward(pw_stream *stream, const pw_conv *conv, const pw_view *x,
                                const float *weight, const pw_gradient *dy,
                                const pw_input_gradient *dx, float *dweight, float *dbias,
                                void *workspace) {
  return pw::operation("depthwise_backward", stream, [&](const pw::Checks &checks) {
    pw::check_depthwise(checks, conv);
    pw::check_backward(checks, *conv, dy, workspace);
    checks.view(x, conv->transform);
    checks.require(weight != nullptr, "weight is null");
    checks.require(dbias == nullptr, "there is no bias");
    const pw_input_gradient gradient = pw::input_gradient(checks, *conv, dx);
    return [=, d = *conv, view = *x, start = *dy](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.depthwise_backward(pool, d, view, weight, start, gradient, dweight, workspace);
    };
  });
}
