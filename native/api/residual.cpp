#include "checks.h"

namespace pw {
namespace {

// p is always normalised without an activation; tensor.transform speaks of the skip.
void check(const Checks &checks, const pw_tensor *tensor) {
  checks.tensor(tensor);
  checks.require(tensor->transform == PW_NONE || tensor->transform == PW_BN_SILU,
                 "transform (of the skip) must be PW_NONE or PW_BN_SILU");
}

}  // namespace
}  // namespace pw

pw_status pw_residual_forward(pw_stream *stream, const pw_tensor *tensor, const pw_view *p,
                              const float *keep, const pw_view *skip, void *y) {
  return pw::guard([&] {
    const pw::Checks checks("residual_forward");
    checks.require(stream != nullptr, "stream is null");
    pw::check(checks, tensor);
    checks.view(p, PW_BN);
    if (skip != nullptr) checks.view(skip, tensor->transform);
    checks.require(y != nullptr, "y is null");
    const pw_tensor t = *tensor;
    const pw_view branch = *p;
    const pw_view other = skip != nullptr ? *skip : pw_view{};
    const pw::Context context(stream);
    pw::submit(stream, [=] {
      context.kernels().residual_forward(context.pool(), t, branch, keep, other, y);
    });
  });
}

int64_t pw_residual_workspace(pw_device *device, const pw_tensor *tensor) {
  int64_t bytes = -1;
  pw::guard([&] {
    const pw::Checks checks("residual_workspace");
    checks.require(device != nullptr, "device is null");
    pw::check(checks, tensor);
    bytes = device->kernels->residual_workspace(device->threads(), *tensor);
  });
  return bytes;
}

pw_status pw_residual_backward(pw_stream *stream, const pw_tensor *tensor, const pw_view *p,
                               const float *keep, const void *dy, float *sums, void *workspace) {
  return pw::guard([&] {
    const pw::Checks checks("residual_backward");
    checks.require(stream != nullptr, "stream is null");
    pw::check(checks, tensor);
    checks.view(p, PW_BN);
    checks.require(dy != nullptr && sums != nullptr, "dy or sums is null");
    checks.require(workspace != nullptr, "workspace is null");
    const pw_tensor t = *tensor;
    const pw_view branch = *p;
    const pw::Context context(stream);
    pw::submit(stream, [=] {
      context.kernels().residual_backward(context.pool(), t, branch, keep, dy, sums, workspace);
    });
  });
}

pw_status pw_drop_path_forward(pw_stream *stream, const pw_drop_path *drop, const pw_step *step,
                               float *keep) {
  return pw::guard([&] {
    const pw::Checks checks("drop_path_forward");
    checks.require(stream != nullptr && drop != nullptr, "stream or descriptor is null");
    checks.positive(drop->n, "n");
    checks.require(drop->probability >= 0 && drop->probability < 1,
                   "probability must be in [0, 1)");
    checks.first(drop->first, drop->n);
    checks.require(step != nullptr && keep != nullptr, "step or keep is null");
    const pw_drop_path d = *drop;
    const pw::Context context(stream);
    pw::submit(stream, [=] { context.kernels().drop_path(context.pool(), d, step, keep); });
  });
}
