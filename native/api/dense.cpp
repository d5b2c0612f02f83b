// The C interface of the dense convolutions; the kernels are in isa/dense.cpp.

#include "conv_check.h"

namespace {

pw::ConvCheck check(const pw_conv *conv) {
  pw::ConvCheck c("dense", conv);
  c.that(c.conv().kernel >= 1 && c.conv().kernel <= 7 && c.conv().kernel % 2 == 1,
         "kernel must be 1, 3, 5 or 7");
  return c;
}

}  // namespace

extern "C" {

int64_t pw_dense_workspace(pw_device *device, const pw_conv *conv, int32_t pass) {
  int64_t bytes = -1;
  pw::guard([&] {
    pw::require(device != nullptr, "dense: device is null");
    const pw::ConvCheck c = check(conv);
    c.pass(pass);
    bytes = device->kernels->dense_workspace(device->threads(), c.conv(), pass);
  });
  return bytes;
}

pw_status pw_dense_forward(pw_stream *stream, const pw_conv *conv, const pw_view *x,
                           const float *weight, const float *bias, void *y, float *stats,
                           void *workspace) {
  return pw::guard([&] {
    pw::require(stream != nullptr, "dense: stream is null");
    const pw::ConvCheck c = check(conv);
    c.view(x);
    c.that(weight != nullptr, "weight is null");
    c.that(y != nullptr, "y is null");
    c.that(workspace != nullptr, "workspace is null");
    pw::submit(stream, [context = pw::Context(stream), conv = c.conv(), x = *x, weight, bias, y,
                        stats, workspace] {
      context.kernels().dense_forward(context.pool(), conv, x, weight, bias, y, stats, workspace);
    });
  });
}

pw_status pw_dense_backward(pw_stream *stream, const pw_conv *conv, const pw_view *x,
                            const float *weight, const pw_gradient *dy, const pw_input_gradient *dx,
                            float *dweight, float *dbias, void *workspace) {
  return pw::guard([&] {
    pw::require(stream != nullptr, "dense: stream is null");
    const pw::ConvCheck c = check(conv);
    c.view(x);
    c.gradient(dy);
    c.that(weight != nullptr, "weight is null");
    c.that(workspace != nullptr, "workspace is null");
    pw::submit(stream, [context = pw::Context(stream), conv = c.conv(), x = *x, weight, dy = *dy,
                        dx = c.input_gradient(dx), dweight, dbias, workspace] {
      context.kernels().dense_backward(context.pool(), conv, x, weight, dy, dx, dweight, dbias,
                                       workspace);
    });
  });
}

}  // extern "C"
