// C interface of the inference path: checks, then hands over to the kernels.
#include "checks.h"

namespace pw {
namespace {

void check(const Checks &checks, const pw_pack *pack) {
  checks.require(pack != nullptr, "the descriptor is null");
  checks.positive(pack->c_in, "c_in");
  checks.positive(pack->c_out, "c_out");
  checks.require(pack->kernel >= 1 && pack->kernel <= 31 && pack->kernel % 2 == 1,
                 "kernel must be odd, 1 to 31");
  checks.size({pack->c_in, pack->c_out, pack->kernel, pack->kernel});
  checks.storage(pack->storage);
  checks.require(pack->storage == PW_F32 || pack->kernel == 1,
                 "storage must be PW_F32 where kernel is not 1");
}

void check(const Checks &checks, const pw_inference *d) {
  checks.require(d != nullptr, "the descriptor is null");
  checks.activation(d->n, d->h, d->w, d->c_in, "c_in");
  checks.activation(d->n, d->h, d->w, d->c_out, "c_out");
  checks.require(d->activation >= PW_LINEAR && d->activation <= PW_SIGMOID,
                 "activation must be PW_LINEAR, PW_SILU or PW_SIGMOID");
  checks.storage(d->storage);
}

void check_pointwise(const Checks &checks, const pw_inference *d) {
  check(checks, d);
  checks.require(d->kernel == 1 && d->stride == 1, "kernel and stride must be 1");
  checks.size({d->c_in, d->c_out});
}

void check_dense(const Checks &checks, const pw_inference *d) {
  check(checks, d);
  checks.require(d->kernel >= 1 && d->kernel <= 31 && d->kernel % 2 == 1,
                 "kernel must be odd, 1 to 31");
  checks.require(d->stride == 1 || d->stride == 2, "stride must be 1 or 2");
  checks.size({d->c_in, d->c_out, d->kernel, d->kernel});
}

void check(const Checks &checks, const pw_block *d) {
  checks.require(d != nullptr, "the descriptor is null");
  checks.activation(d->n, d->h, d->w, d->c_in, "c_in");
  checks.activation(d->n, d->h, d->w, d->expanded, "expanded");
  checks.activation(d->n, d->h, d->w, d->c_out, "c_out");
  checks.positive(d->squeeze, "squeeze");
  checks.size({d->n, d->squeeze});
  checks.size({d->expanded, d->squeeze});
  checks.size({d->c_in, d->expanded});
  checks.size({d->expanded, d->c_out});
  checks.require(d->kernel == 3 || d->kernel == 5, "kernel must be 3 or 5");
  checks.require(d->stride == 1 || d->stride == 2, "stride must be 1 or 2");
  checks.storage(d->storage);
  checks.require(d->residual == 0 || d->residual == 1, "residual must be 0 or 1");
  checks.require(d->residual == 0 || (d->stride == 1 && d->c_in == d->c_out),
                 "a residual block needs stride 1 and c_in equal to c_out");
}

void check(const Checks &checks, const pw_block &d, const pw_block_weights &w) {
  checks.require(w.expand != nullptr || d.expanded == d.c_in,
                 "weights.expand is null, but expanded differs from c_in");
  checks.require(
      w.depthwise != nullptr && w.squeeze != nullptr && w.excite != nullptr && w.project != nullptr,
      "weights.depthwise, squeeze, excite or project is null");
}

void check_buffers(const Checks &checks, const void *x, const void *weights, const void *y,
                   const void *workspace) {
  checks.require(x != nullptr, "x is null");
  checks.require(weights != nullptr, "weights is null");
  checks.require(y != nullptr, "y is null");
  checks.require(workspace != nullptr, "workspace is null");
}

}  // namespace
}  // namespace pw

int64_t pw_pack_size(pw_device *device, const pw_pack *pack) {
  return pw::size_of("pack_size", device,
                     [&](const pw::Checks &checks, const pw::Kernels &kernels, int) {
                       pw::check(checks, pack);
                       return kernels.pack_size(*pack);
                     });
}

pw_status pw_pack_weights(pw_stream *stream, const pw_pack *pack, const float *weight,
                          const float *bias, void *packed) {
  return pw::operation("pack_weights", stream, [&](const pw::Checks &checks) {
    pw::check(checks, pack);
    checks.require(weight != nullptr, "weight is null");
    checks.require(bias != nullptr, "bias is null");
    checks.require(packed != nullptr, "packed is null");
    return [=, d = *pack](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.pack_weights(pool, d, weight, bias, packed);
    };
  });
}

int64_t pw_inference_pointwise_workspace(pw_device *device, const pw_inference *inference) {
  return pw::size_of("inference_pointwise_workspace", device,
                     [&](const pw::Checks &checks, const pw::Kernels &kernels, int threads) {
                       pw::check_pointwise(checks, inference);
                       return kernels.inference_pointwise_workspace(threads, *inference);
                     });
}

pw_status pw_inference_pointwise(pw_stream *stream, const pw_inference *inference, const void *x,
                                 const float *sites, const void *weights, void *y, float *mean,
                                 void *workspace) {
  return pw::operation("inference_pointwise", stream, [&](const pw::Checks &checks) {
    pw::check_pointwise(checks, inference);
    pw::check_buffers(checks, x, weights, y, workspace);
    return [=, d = *inference](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.inference_pointwise(pool, d, x, sites, weights, y, mean, workspace);
    };
  });
}

int64_t pw_inference_dense_workspace(pw_device *device, const pw_inference *inference) {
  return pw::size_of("inference_dense_workspace", device,
                     [&](const pw::Checks &checks, const pw::Kernels &kernels, int threads) {
                       pw::check_dense(checks, inference);
                       return kernels.inference_dense_workspace(threads, *inference);
                     });
}

pw_status pw_inference_dense(pw_stream *stream, const pw_inference *inference, const float *x,
                             const void *weights, void *y, void *workspace) {
  return pw::operation("inference_dense", stream, [&](const pw::Checks &checks) {
    pw::check_dense(checks, inference);
    pw::check_buffers(checks, x, weights, y, workspace);
    return [=, d = *inference](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.inference_dense(pool, d, x, weights, y, workspace);
    };
  });
}

int64_t pw_inference_block_workspace(pw_device *device, const pw_block *block) {
  return pw::size_of("inference_block_workspace", device,
                     [&](const pw::Checks &checks, const pw::Kernels &kernels, int threads) {
                       pw::check(checks, block);
                       return kernels.inference_block_workspace(threads, *block);
                     });
}

pw_status pw_inference_block(pw_stream *stream, const pw_block *block, const void *x,
                             const float *sites, const pw_block_weights *weights, void *y,
                             void *workspace) {
  return pw::operation("inference_block", stream, [&](const pw::Checks &checks) {
    pw::check(checks, block);
    pw::check_buffers(checks, x, weights, y, workspace);
    pw::check(checks, *block, *weights);
    return [=, d = *block, packed = *weights](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.inference_block(pool, d, x, sites, packed, y, workspace);
    };
  });
}
