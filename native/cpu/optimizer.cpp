#include "checks.h"
#include "isa/kernels.h"

int64_t pw_gradient_norm_workspace(pw_device *device, int64_t count) {
  int64_t bytes = -1;
  pw::guard([&] {
    const pw::Checks checks("gradient_norm_workspace");
    checks.require(device != nullptr, "device is null");
    checks.require(count >= 0, "count must not be negative");
    bytes = device->kernels->gradient_norm_workspace(device->pool.threads(), count);
  });
  return bytes;
}

pw_status pw_gradient_norm(pw_stream *stream, int64_t count, const float *gradient, float *norm,
                           void *workspace) {
  return pw::guard([&] {
    const pw::Checks checks("gradient_norm");
    checks.require(stream != nullptr, "stream is null");
    checks.require(count >= 0, "count must not be negative");
    checks.require(count == 0 || gradient != nullptr, "gradient is null");
    checks.require(norm != nullptr, "norm is null");
    checks.require(workspace != nullptr, "workspace is null");
    pw_device *device = stream->device;
    pw::submit(stream, [=] {
      device->kernels->gradient_norm(device->pool, count, gradient, norm, workspace);
    });
  });
}

pw_status pw_adamw_step(pw_stream *stream, const pw_adamw *adamw, const pw_step *step,
                        const float *norm, float *parameter, const float *gradient, float *m,
                        float *v, float *ema) {
  return pw::guard([&] {
    const pw::Checks checks("adamw_step");
    checks.require(stream != nullptr && adamw != nullptr, "stream or descriptor is null");
    checks.require(adamw->count >= 0, "count must not be negative");
    checks.require(adamw->clip_norm >= 0, "clip_norm must not be negative");
    checks.require(adamw->clip_norm == 0 || norm != nullptr, "clipping needs norm, which is null");
    checks.require(step != nullptr, "step is null");
    checks.require(adamw->count == 0 || (parameter != nullptr && gradient != nullptr &&
                                         m != nullptr && v != nullptr),
                   "a buffer is null");
    const pw_adamw d = *adamw;
    pw_device *device = stream->device;
    pw::submit(stream, [=] {
      device->kernels->adamw_step(device->pool, d, *step, norm, parameter, gradient, m, v, ema);
    });
  });
}

pw_status pw_average_step(pw_stream *stream, int64_t count, const pw_step *step, const float *value,
                          float *average) {
  return pw::guard([&] {
    const pw::Checks checks("average_step");
    checks.require(stream != nullptr, "stream is null");
    checks.require(count >= 0, "count must not be negative");
    checks.require(step != nullptr, "step is null");
    checks.require(count == 0 || (value != nullptr && average != nullptr), "a buffer is null");
    // Running statistics are a few hundred kilobytes: not worth waking the other threads.
    pw::submit(stream, [=] {
      const float keep = step->ema_decay;
      for (int64_t i = 0; i < count; ++i) {
        average[i] = keep * average[i] + (1 - keep) * value[i];
      }
    });
  });
}
