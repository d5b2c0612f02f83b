#include "checks.h"

namespace pw {
namespace {

constexpr int32_t kHeads = 5;  // channels of the autoencoder's output

void check(const Checks &checks, const pw_autoencoder_loss *loss) {
  checks.require(loss != nullptr, "the descriptor is null");
  checks.activation(loss->n, loss->h, loss->w, kHeads);
  checks.storage(loss->storage);
  checks.require(loss->hit_weight >= 0 && loss->empty_weight >= 0 && loss->mask_hit_weight >= 0 &&
                     loss->mask_empty_weight >= 0,
                 "pixel weights must not be negative");
  checks.require(loss->global == 0 || loss->global >= loss->n, "global must be 0 or at least n");
}

void check(const Checks &checks, const pw_supervised_loss *loss) {
  checks.require(loss != nullptr, "the descriptor is null");
  checks.positive(loss->n, "n");
  checks.require(loss->classes >= 0 && loss->targets >= 0,
                 "classes and targets must not be negative");
  checks.require(loss->classes > 0 || loss->targets > 0, "there are neither classes nor targets");
  checks.require(loss->classes <= INT32_MAX - loss->targets, "classes and targets are too many");
  checks.size({loss->n, loss->classes + loss->targets});
  checks.require(loss->label_smoothing >= 0 && loss->label_smoothing < 1,
                 "label_smoothing must be in [0, 1)");
  checks.require(loss->targets == 0 || loss->huber_delta > 0, "huber_delta must be positive");
}

void check(const Checks &checks, const pw_hits_loss *loss) {
  checks.require(loss != nullptr, "the descriptor is null");
  checks.positive(loss->n, "n");
  checks.positive(loss->capacity, "capacity");
  checks.require(loss->huber_delta > 0, "huber_delta must be positive");
  checks.require(loss->global == 0 || loss->global >= loss->n, "global must be 0 or at least n");
}

}  // namespace
}  // namespace pw

int64_t pw_autoencoder_loss_workspace(pw_device *device, const pw_autoencoder_loss *loss) {
  return pw::size_of("autoencoder_loss_workspace", device,
                     [&](const pw::Checks &checks, const pw::Kernels &kernels, int threads) {
                       pw::check(checks, loss);
                       return kernels.autoencoder_loss_workspace(threads, *loss);
                     });
}

pw_status pw_autoencoder_loss_forward(pw_stream *stream, const pw_autoencoder_loss *loss,
                                      const void *output, const void *target, void *doutput,
                                      float *losses, float *columns, void *workspace) {
  return pw::operation("autoencoder_loss_forward", stream, [&](const pw::Checks &checks) {
    pw::check(checks, loss);
    checks.require(output != nullptr && target != nullptr, "output or target is null");
    checks.require(losses != nullptr && columns != nullptr, "losses or columns is null");
    checks.require(workspace != nullptr, "workspace is null");
    return [=, d = *loss](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.autoencoder_loss_forward(pool, d, output, target, doutput, losses, columns,
                                       workspace);
    };
  });
}

pw_status pw_supervised_loss_forward(pw_stream *stream, const pw_supervised_loss *loss,
                                     const float *output, const int32_t *labels,
                                     const float *values, const float *class_weights,
                                     float *doutput, float *losses, float *columns) {
  return pw::operation("supervised_loss_forward", stream, [&](const pw::Checks &checks) {
    pw::check(checks, loss);
    checks.require(output != nullptr, "output is null");
    checks.require(loss->classes == 0 || labels != nullptr, "labels are null");
    checks.require(loss->targets == 0 || values != nullptr, "values are null");
    checks.require(losses != nullptr && columns != nullptr, "losses or columns is null");
    return [=, d = *loss](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.supervised_loss_forward(pool, d, output, labels, values, class_weights, doutput,
                                      losses, columns);
    };
  });
}

pw_status pw_hits_loss_forward(pw_stream *stream, const pw_hits_loss *loss, const int32_t *offsets,
                               const float *output, const float *target, float *doutput,
                               float *losses, float *columns) {
  return pw::operation("hits_loss_forward", stream, [&](const pw::Checks &checks) {
    pw::check(checks, loss);
    checks.require(offsets != nullptr, "offsets is null");
    checks.require(output != nullptr && target != nullptr, "output or target is null");
    checks.require(losses != nullptr && columns != nullptr, "losses or columns is null");
    return [=, d = *loss](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.hits_loss_forward(pool, d, offsets, output, target, doutput, losses, columns);
    };
  });
}
