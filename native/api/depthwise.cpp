// The C interface of the depthwise convolutions; the kernels are in isa/depthwise.cpp.

#include "conv_check.h"

namespace {

pw::ConvCheck check(const pw_conv *conv) {
  pw::ConvCheck c("depthwise", conv);
  c.that(c.conv().c_in == c.conv().c_out, "c_in and c_out must be equal");
  c.that(c.conv().kernel == 3 || c.conv().kernel == 5, "kernel must be 3 or 5");
  return c;
}

}  // namespace

extern "C" {

int64_t pw_depthwise_workspace(pw_device *device, const pw_conv *conv, int32_t pass) {
  int64_t bytes = -1;
  pw::guard([&] {
    pw::require(device != nullptr, "depthwise: device is null");
    const pw::ConvCheck c = check(conv);
    c.pass(pass);
    bytes = device->kernels->depthwise_workspace(device->threads(), c.conv(), pass);
  });
  return bytes;
}

pw_status pw_depthwise_forward(pw_stream *stream, const pw_conv *conv, const pw_view *x,
                               const float *weight, const float *bias, void *y, float *stats,
                               void *workspace) {
  return pw::guard([&] {
    pw::require(stream != nullptr, "depthwise: stream is null");
    const pw::ConvCheck c = check(conv);
    c.view(x);
    c.that(weight != nullptr, "weight is null");
    c.that(bias == nullptr, "there is no bias");
    c.that(y != nullptr, "y is null");
    c.that(workspace != nullptr, "workspace is null");
    pw::submit(stream, [context = pw::Context(stream), conv = c.conv(), x = *x, weight, y, stats,
                        workspace] {
      context.kernels().depthwise_forward(context.pool(), conv, x, weight, y, stats, workspace);
    });
  });
}

pw_status pw_depthwise_backward(pw_stream *stream, const pw_conv *conv, const pw_view *x,
                                const float *weight, const pw_gradient *dy,
                                const pw_input_gradient *dx, float *dweight, float *dbias,
                                void *workspace) {
  return pw::guard([&] {
    pw::require(stream != nullptr, "depthwise: stream is null");
    const pw::ConvCheck c = check(conv);
    c.view(x);
    c.gradient(dy);
    c.that(weight != nullptr, "weight is null");
    c.that(dbias == nullptr, "there is no bias");
    c.that(workspace != nullptr, "workspace is null");
    pw::submit(stream, [context = pw::Context(stream), conv = c.conv(), x = *x, weight, dy = *dy,
                        dx = c.input_gradient(dx), dweight, workspace] {
      context.kernels().depthwise_backward(context.pool(), conv, x, weight, dy, dx, dweight,
                                           workspace);
    });
  });
}

}  // extern "C"
