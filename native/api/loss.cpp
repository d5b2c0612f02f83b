#include "checks.h"

namespace pw {
namespace {

void check(const Checks &checks, const pw_autoencoder_loss *loss) {
  checks.require(loss != nullptr, "the descriptor is null");
  checks.positive(loss->n, "n");
  checks.positive(loss->h, "h");
  checks.positive(loss->w, "w");
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
  checks.require(loss->label_smoothing >= 0 && loss->label_smoothing < 1,
                 "label_smoothing must be in [0, 1)");
  checks.require(loss->targets == 0 || loss->huber_delta > 0, "huber_delta must be positive");
}

}  // namespace
}  // namespace pw

int64_t pw_autoencoder_loss_workspace(pw_device *device, const pw_autoencoder_loss *loss) {
  int64_t bytes = -1;
  pw::guard([&] {
    const pw::Checks checks("autoencoder_loss_workspace");
    checks.require(device != nullptr, "device is null");
    pw::check(checks, loss);
    bytes = device->kernels->autoencoder_loss_workspace(device->threads(), *loss);
  });
  return bytes;
}

pw_status pw_autoencoder_loss_forward(pw_stream *stream, const pw_autoencoder_loss *loss,
                                      const void *output, const void *target, void *doutput,
                                      float *losses, float *columns, void *workspace) {
  return pw::guard([&] {
    const pw::Checks checks("autoencoder_loss_forward");
    checks.require(stream != nullptr, "stream is null");
    pw::check(checks, loss);
    checks.require(output != nullptr && target != nullptr, "output or target is null");
    checks.require(losses != nullptr && columns != nullptr, "losses or columns is null");
    checks.require(workspace != nullptr, "workspace is null");
    const pw_autoencoder_loss d = *loss;
    const pw::Context context(stream);
    pw::submit(stream, [=] {
      context.kernels().autoencoder_loss_forward(context.pool(), d, output, target, doutput, losses,
                                                 columns, workspace);
    });
  });
}

pw_status pw_supervised_loss_forward(pw_stream *stream, const pw_supervised_loss *loss,
                                     const float *output, const int32_t *labels,
                                     const float *values, const float *class_weights,
                                     float *doutput, float *losses, float *columns) {
  return pw::guard([&] {
    const pw::Checks checks("supervised_loss_forward");
    checks.require(stream != nullptr, "stream is null");
    pw::check(checks, loss);
    checks.require(output != nullptr, "output is null");
    checks.require(loss->classes == 0 || labels != nullptr, "labels are null");
    checks.require(loss->targets == 0 || values != nullptr, "values are null");
    checks.require(losses != nullptr && columns != nullptr, "losses or columns is null");
    const pw_supervised_loss d = *loss;
    const pw::Context context(stream);
    pw::submit(stream, [=] {
      context.kernels().supervised_loss_forward(context.pool(), d, output, labels, values,
                                                class_weights, doutput, losses, columns);
    });
  });
}
