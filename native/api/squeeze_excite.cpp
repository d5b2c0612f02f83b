#include "checks.h"

namespace pw {
namespace {

void check(const Checks &checks, const pw_squeeze_excite *se) {
  checks.require(se != nullptr, "the descriptor is null");
  checks.activation(se->n, se->h, se->w, se->c);
  checks.positive(se->squeeze, "squeeze");
  checks.size({se->n, se->squeeze});
  checks.size({se->c, se->squeeze});
  checks.storage(se->storage);
}

}  // namespace
}  // namespace pw

int64_t pw_squeeze_excite_workspace(pw_device *device, const pw_squeeze_excite *se, int32_t pass) {
  return pw::size_of("squeeze_excite_workspace", device,
                     [&](const pw::Checks &checks, const pw::Kernels &kernels, int threads) {
                       pw::check(checks, se);
                       checks.pass(pass);
                       return kernels.squeeze_excite_workspace(threads, *se, pass);
                     });
}

pw_status pw_squeeze_excite_forward(pw_stream *stream, const pw_squeeze_excite *se,
                                    const pw_view *x, const float *sites, const float *w1,
                                    const float *b1, const float *w2, const float *b2,
                                    float *pooled, float *hidden, float *gate, void *workspace) {
  return pw::operation("squeeze_excite_forward", stream, [&](const pw::Checks &checks) {
    pw::check(checks, se);
    checks.view(x, PW_BN_SILU);
    checks.require(w1 != nullptr && b1 != nullptr && w2 != nullptr && b2 != nullptr,
                   "a parameter is null");
    checks.require(pooled != nullptr && hidden != nullptr && gate != nullptr, "an output is null");
    checks.require(workspace != nullptr, "workspace is null");
    return [=, d = *se, view = *x](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.squeeze_excite_forward(pool, d, view, sites, w1, b1, w2, b2, pooled, hidden, gate,
                                     workspace);
    };
  });
}

pw_status pw_squeeze_excite_backward(pw_stream *stream, const pw_squeeze_excite *se,
                                     const float *sites, const float *w1, const float *w2,
                                     const float *pooled, const float *hidden, const float *gate,
                                     const float *gate_sums, float *dw1, float *db1, float *dw2,
                                     float *db2, float *dpool, float *sums, void *workspace) {
  return pw::operation("squeeze_excite_backward", stream, [&](const pw::Checks &checks) {
    pw::check(checks, se);
    checks.require(w1 != nullptr && w2 != nullptr, "a weight is null");
    checks.require(
        pooled != nullptr && hidden != nullptr && gate != nullptr && gate_sums != nullptr,
        "an input is null");
    checks.require(dw1 != nullptr && db1 != nullptr && dw2 != nullptr && db2 != nullptr,
                   "a parameter gradient is null");
    checks.require(dpool != nullptr && sums != nullptr, "an output is null");
    checks.require(workspace != nullptr, "workspace is null");
    return [=, d = *se](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.squeeze_excite_backward(pool, d, sites, w1, w2, pooled, hidden, gate, gate_sums, dw1,
                                      db1, dw2, db2, dpool, sums, workspace);
    };
  });
}
