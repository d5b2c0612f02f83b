#include "checks.h"

namespace pw {
namespace {

void check(const Checks &checks, const pw_tensor *tensor) {
  checks.tensor(tensor);
  checks.require(tensor->transform == PW_BN_SILU, "transform must be PW_BN_SILU");
}

void check(const Checks &checks, const pw_linear *linear) {
  checks.require(linear != nullptr, "the descriptor is null");
  checks.positive(linear->n, "n");
  checks.positive(linear->c_in, "c_in");
  checks.positive(linear->c_out, "c_out");
}

}  // namespace
}  // namespace pw

pw_status pw_pool_forward(pw_stream *stream, const pw_tensor *tensor, const pw_view *x,
                          float *embedding) {
  return pw::guard([&] {
    const pw::Checks checks("pool_forward");
    checks.require(stream != nullptr, "stream is null");
    pw::check(checks, tensor);
    checks.view(x, tensor->transform);
    checks.require(embedding != nullptr, "embedding is null");
    const pw_tensor t = *tensor;
    const pw_view view = *x;
    const pw::Context context(stream);
    pw::submit(stream, [=] { context.kernels().pool_forward(context.pool(), t, view, embedding); });
  });
}

int64_t pw_pool_workspace(pw_device *device, const pw_tensor *tensor) {
  int64_t bytes = -1;
  pw::guard([&] {
    const pw::Checks checks("pool_workspace");
    checks.require(device != nullptr, "device is null");
    pw::check(checks, tensor);
    bytes = device->kernels->pool_workspace(device->threads(), *tensor);
  });
  return bytes;
}

pw_status pw_pool_backward(pw_stream *stream, const pw_tensor *tensor, const pw_view *x,
                           const float *dembedding, void *dz, float *sums, void *workspace) {
  return pw::guard([&] {
    const pw::Checks checks("pool_backward");
    checks.require(stream != nullptr, "stream is null");
    pw::check(checks, tensor);
    checks.view(x, tensor->transform);
    checks.require(dembedding != nullptr && dz != nullptr && sums != nullptr,
                   "dembedding, dz or sums is null");
    checks.require(workspace != nullptr, "workspace is null");
    const pw_tensor t = *tensor;
    const pw_view view = *x;
    const pw::Context context(stream);
    pw::submit(stream, [=] {
      context.kernels().pool_backward(context.pool(), t, view, dembedding, dz, sums, workspace);
    });
  });
}

pw_status pw_linear_forward(pw_stream *stream, const pw_linear *linear, const float *x,
                            const float *weight, const float *bias, float *y) {
  return pw::guard([&] {
    const pw::Checks checks("linear_forward");
    checks.require(stream != nullptr, "stream is null");
    pw::check(checks, linear);
    checks.require(x != nullptr && weight != nullptr && y != nullptr, "x, weight or y is null");
    const pw_linear d = *linear;
    const pw::Context context(stream);
    pw::submit(stream,
               [=] { context.kernels().linear_forward(context.pool(), d, x, weight, bias, y); });
  });
}

pw_status pw_linear_backward(pw_stream *stream, const pw_linear *linear, const float *x,
                             const float *weight, const float *dy, float *dx, float *dweight,
                             float *dbias) {
  return pw::guard([&] {
    const pw::Checks checks("linear_backward");
    checks.require(stream != nullptr, "stream is null");
    pw::check(checks, linear);
    checks.require(dy != nullptr, "dy is null");
    checks.require(dx == nullptr || weight != nullptr, "weight is null");
    checks.require(dweight == nullptr || x != nullptr, "x is null");
    const pw_linear d = *linear;
    const pw::Context context(stream);
    pw::submit(stream, [=] {
      context.kernels().linear_backward(context.pool(), d, x, weight, dy, dx, dweight, dbias);
    });
  });
}

pw_status pw_dropout_forward(pw_stream *stream, const pw_dropout *dropout, const pw_step *step,
                             const float *x, float *y) {
  return pw::guard([&] {
    const pw::Checks checks("dropout_forward");
    checks.require(stream != nullptr && dropout != nullptr, "stream or descriptor is null");
    checks.positive(dropout->n, "n");
    checks.positive(dropout->c, "c");
    checks.require(dropout->layer >= 0, "layer must not be negative");
    checks.require(dropout->probability >= 0 && dropout->probability < 1,
                   "probability must be in [0, 1)");
    checks.first(dropout->first, dropout->n);
    checks.require(step != nullptr && x != nullptr && y != nullptr, "step, x or y is null");
    const pw_dropout d = *dropout;
    const pw::Context context(stream);
    pw::submit(stream, [=] { context.kernels().dropout(context.pool(), d, step, x, y); });
  });
}
