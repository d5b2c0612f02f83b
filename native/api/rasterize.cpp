#include "checks.h"

pw_status pw_rasterize_forward(pw_stream *stream, const pw_rasterize *rasterize,
                               const pw_step *step, const int16_t *x, const int16_t *y,
                               const float *energy, const float *toa, const int32_t *offsets,
                               const int64_t *ids, void *input, void *target) {
  return pw::operation("rasterize_forward", stream, [&](const pw::Checks &checks) {
    checks.require(rasterize != nullptr, "the descriptor is null");
    const pw_rasterize d = *rasterize;
    checks.positive(d.n, "n");
    checks.require(d.side > 0 && d.side <= 16384, "side must be 1 to 16384");
    checks.size({d.n, d.side, d.side, 3});
    checks.require(d.max_scale >= 1 && d.max_scale <= 16, "max_scale must be 1 to 16");
    checks.storage(d.storage);
    checks.require(d.augment >= 0 && d.augment <= 9, "augment must be 0 to 9");
    checks.require(d.encoding >= PW_ENERGY_SQRT && d.encoding <= PW_ENERGY_ALL,
                   "encoding must be PW_ENERGY_*");
    checks.require(d.mask_fraction >= 0 && d.mask_fraction < 1, "mask_fraction must be in [0, 1)");
    checks.require(d.energy_scale > 0, "energy_scale must be positive");
    checks.require(d.toa_scale >= 0, "toa_scale must not be negative");
    checks.require(step != nullptr, "step is null");
    checks.require(x != nullptr && y != nullptr && energy != nullptr, "x, y or energy is null");
    checks.require(d.toa_scale == 0 || toa != nullptr, "toa is null though toa_scale is not 0");
    checks.require(offsets != nullptr && ids != nullptr, "offsets or ids is null");
    const pw::Hits hits{x, y, energy, toa, offsets, ids};
    return [=](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.rasterize(pool, d, step, hits, input, target);
    };
  });
}
