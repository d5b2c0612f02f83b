// C interface of the 1x1 convolutions: checks, then hands over to the kernels.
#include "conv_checks.h"

namespace pw {
namespace {

void check_pointwise(const Checks &checks, const pw_conv *conv) {
  check_conv(checks, conv);
  checks.require(conv->kernel == 1 && conv->stride == 1 && conv->transposed == 0,
                 "kernel and stride must be 1, transposed 0");
  checks.size({conv->c_in, conv->c_out});
}

}  // namespace
}  // namespace pw

int64_t pw_pointwise_workspace(pw_device *device, const pw_conv *conv, int32_t pass) {
  return pw::size_of("pointwise_workspace", device,
                     [&](const pw::Checks &checks, const pw::Kernels &kernels, int threads) {
                       pw::check_pointwise(checks, conv);
                       checks.pass(pass);
                       return kernels.pointwise_workspace(threads, *conv, pass);
                     });
}

pw_status pw_pointwise_forward(pw_stream *stream, const pw_conv *conv, const pw_view *x,
                               const float *weight, const float *bias, void *y, float *stats,
                               void *workspace) {
  return pw::operation("pointwise_forward", stream, [&](const pw::Checks &checks) {
    pw::check_pointwise(checks, conv);
    pw::check_forward(checks, *conv, x, weight, y, workspace);
    return [=, d = *conv, view = *x](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.pointwise_forward(pool, d, view, weight, bias, y, stats, workspace);
    };
  });
}

pw_status pw_pointwise_backward(pw_stream *stream, const pw_conv *conv, const pw_view *x,
                                const float *weight, const pw_gradient *dy,
                                const pw_input_gradient *dx, float *dweight, float *dbias,
                                void *workspace) {
  return pw::operation("pointwise_backward", stream, [&](const pw::Checks &checks) {
    pw::check_pointwise(checks, conv);
    pw::check_backward(checks, *conv, dy, workspace);
    const pw_input_gradient gradient = pw::input_gradient(checks, *conv, dx);
    const bool wants_dx = gradient.dx != nullptr;
    // What is not computed needs neither input nor weight.
    if (dweight != nullptr || (wants_dx && conv->transform != PW_NONE)) {
      checks.view(x, conv->transform);
    }
    checks.require(!wants_dx || weight != nullptr, "weight is null");
    const pw_view view = x != nullptr ? *x : pw_view{};
    return [=, d = *conv, start = *dy](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.pointwise_backward(pool, d, view, weight, start, gradient, dweight, dbias, workspace);
    };
  });
}
