#include "checks.h"

namespace pw {
namespace {

// p is always normalised without an activation; tensor.transform speaks of the skip.
void check_residual(const Checks &checks, const pw_tensor *tensor) {
  checks.tensor(tensor);
  checks.require(tensor->transform == PW_NONE || tensor->transform == PW_BN_SILU,
                 "transform (of the skip) must be PW_NONE or PW_BN_SILU");
}

}  // namespace
}  // namespace pw

pw_status pw_residual_forward(pw_stream *stream, const pw_tensor *tensor, const pw_view *p,
                              const float *keep, const pw_view *skip, void *y) {
  return pw::operation("residual_forward", stream, [&](const pw::Checks &checks) {
    pw::check_residual(checks, tensor);
    checks.view(p, PW_BN);
    if (skip != nullptr) checks.view(skip, tensor->transform);
    checks.require(y != nullptr, "y is null");
    const pw_view other = skip != nullptr ? *skip : pw_view{};
    return [=, d = *tensor, branch = *p](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.residual_forward(pool, d, branch, keep, other, y);
    };
  });
}

int64_t pw_residual_workspace(pw_device *device, const pw_tensor *tensor) {
  return pw::size_of("residual_workspace", device,
                     [&](const pw::Checks &checks, const pw::Kernels &kernels, int threads) {
                       pw::check_residual(checks, tensor);
                       return kernels.residual_workspace(threads, *tensor);
                     });
}

pw_status pw_residual_backward(pw_stream *stream, const pw_tensor *tensor, const pw_view *p,
                               const float *keep, const void *dy, float *sums, void *workspace) {
  return pw::operation("residual_backward", stream, [&](const pw::Checks &checks) {
    pw::check_residual(checks, tensor);
    checks.view(p, PW_BN);
    checks.require(dy != nullptr && sums != nullptr, "dy or sums is null");
    checks.require(workspace != nullptr, "workspace is null");
    return [=, d = *tensor, branch = *p](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.residual_backward(pool, d, branch, keep, dy, sums, workspace);
    };
  });
}

pw_status pw_drop_path_forward(pw_stream *stream, const pw_drop_path *drop, const pw_step *step,
                               float *keep) {
  return pw::operation("drop_path_forward", stream, [&](const pw::Checks &checks) {
    checks.require(drop != nullptr, "the descriptor is null");
    checks.positive(drop->n, "n");
    checks.probability(drop->probability);
    checks.first(drop->first, drop->n);
    checks.require(step != nullptr && keep != nullptr, "step or keep is null");
    return [=, d = *drop](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.drop_path(pool, d, step, keep);
    };
  });
}
