// C interface of the 1x1 convolutions: checks, then hands over to the kernels.
#include "device.h"

namespace pw {
namespace {

void check(const pw_device *device, const pw_conv *conv) {
  require(device != nullptr, "pointwise: device is null");
  require(conv != nullptr, "pointwise: descriptor is null");
  require(conv->n > 0 && conv->h > 0 && conv->w > 0 && conv->c_in > 0 && conv->c_out > 0,
          "pointwise: n, h, w, c_in and c_out must be positive");
  require(conv->kernel == 1 && conv->stride == 1 && conv->transposed == 0,
          "pointwise: kernel and stride must be 1, transposed 0");
  require(conv->storage == PW_F32 || conv->storage == PW_BF16, "pointwise: unknown storage");
  require(conv->transform == PW_NONE || conv->transform == PW_BN_SILU ||
              conv->transform == PW_BN_SILU_GATE,
          "pointwise: transform must be PW_NONE, PW_BN_SILU or PW_BN_SILU_GATE");
}

void check_gradient_kind(const pw_conv &conv) {
  require(conv.gradient == PW_GRAD_PLAIN || conv.gradient == PW_GRAD_BN ||
              conv.gradient == PW_GRAD_BN_SILU_GATE,
          "pointwise: unknown gradient kind");
  require(conv.accumulate == 0 || conv.accumulate == 1, "pointwise: accumulate must be 0 or 1");
}

void check_view(const pw_conv &conv, const pw_view *x) {
  require(x != nullptr && x->data != nullptr, "pointwise: x is null");
  require(conv.transform == PW_NONE || x->bn != nullptr, "pointwise: x needs bn for its transform");
  require(conv.transform != PW_BN_SILU_GATE || x->gate != nullptr,
          "pointwise: x needs gate for its transform");
}

void check_gradient(const pw_conv &conv, const pw_gradient *dy) {
  require(dy != nullptr && dy->dy != nullptr, "pointwise: dy is null");
  if (conv.gradient == PW_GRAD_PLAIN) return;
  require(dy->y != nullptr && dy->coef != nullptr, "pointwise: dy needs y and coef for its kind");
  require(conv.gradient == PW_GRAD_BN ||
              (dy->bn != nullptr && dy->gate != nullptr && dy->dpool != nullptr),
          "pointwise: dy needs bn, gate and dpool for its kind");
}

}  // namespace
}  // namespace pw

int64_t pw_pointwise_workspace(pw_device *device, const pw_conv *conv, int32_t pass) {
  int64_t bytes = -1;
  pw::guard([&] {
    pw::check(device, conv);
    pw::require(pass == PW_FORWARD || pass == PW_BACKWARD, "pointwise: unknown pass");
    bytes = device->kernels->pointwise_workspace(device->threads(), *conv, pass);
  });
  return bytes;
}

pw_status pw_pointwise_forward(pw_stream *stream, const pw_conv *conv, const pw_view *x,
                               const float *weight, const float *bias, void *y, float *stats,
                               void *workspace) {
  return pw::guard([&] {
    pw::require(stream != nullptr, "pointwise: stream is null");
    pw::check(stream->device, conv);
    pw::check_view(*conv, x);
    pw::require(weight != nullptr, "pointwise: weight is null");
    pw::require(y != nullptr, "pointwise: y is null");
    pw::require(workspace != nullptr, "pointwise: workspace is null");
    pw::submit(stream, [context = pw::Context(stream), conv = *conv, x = *x, weight, bias, y, stats,
                        workspace] {
      context.kernels().pointwise_forward(context.pool(), conv, x, weight, bias, y, stats,
                                          workspace);
    });
  });
}

pw_status pw_pointwise_backward(pw_stream *stream, const pw_conv *conv, const pw_view *x,
                                const float *weight, const pw_gradient *dy,
                                const pw_input_gradient *dx, float *dweight, float *dbias,
                                void *workspace) {
  return pw::guard([&] {
    pw::require(stream != nullptr, "pointwise: stream is null");
    pw::check(stream->device, conv);
    pw::check_gradient_kind(*conv);
    pw::check_gradient(*conv, dy);
    const pw_input_gradient gradient = dx != nullptr ? *dx : pw_input_gradient{};
    const bool wants_dx = gradient.dx != nullptr;
    if (dweight != nullptr || (wants_dx && conv->transform != PW_NONE)) pw::check_view(*conv, x);
    pw::require(!wants_dx || weight != nullptr, "pointwise: weight is null");
    pw::require(!wants_dx || conv->transform == PW_NONE || gradient.sums != nullptr,
                "pointwise: dx needs sums for its transform");
    pw::require(workspace != nullptr, "pointwise: workspace is null");
    const pw_view view = x != nullptr ? *x : pw_view{};
    pw::submit(stream, [context = pw::Context(stream), conv = *conv, view, weight, dy = *dy,
                        gradient, dweight, dbias, workspace] {
      context.kernels().pointwise_backward(context.pool(), conv, view, weight, dy, gradient,
                                           dweight, dbias, workspace);
    });
  });
}
