// Operations on few numbers: plain code for all instruction sets, whose bits are those of the
// baseline.
#include "batchnorm.h"
#include "isa/kernels.h"
#include "loss.h"

namespace pw {
namespace {

void batchnorm_forward(Pool &, const pw_batchnorm &d, const float *stats, const float *gamma,
                       const float *beta, float *running_mean, float *running_var, float *bn) {
  for (int64_t i = 0; i < d.c; ++i) {
    batchnorm_channel(d, i, stats, gamma, beta, running_mean, running_var, bn);
  }
}

void batchnorm_backward(Pool &, const pw_batchnorm &d, const float *sums, const float *bn,
                        float *dgamma, float *dbeta, float *coef) {
  for (int64_t i = 0; i < d.c; ++i) {
    batchnorm_gradient_channel(d, i, sums, bn, dgamma, dbeta, coef);
  }
}

void supervised_loss_forward(Pool &, const pw_supervised_loss &d, const float *output,
                             const int32_t *labels, const float *values, const float *class_weights,
                             float *doutput, float *losses, float *columns) {
  const Supervised<const float *, const int32_t *, float *> all{
      d, output, labels, values, class_weights, doutput, columns};
  for (int64_t n = 0; n < d.n; ++n) all.image(n, columns + n * PW_SUPERVISED_COLUMNS);
  finish_supervised(d, columns, losses);
}

void hits_loss_forward(Pool &pool, const pw_hits_loss &d, const int32_t *offsets,
                       const float *output, const float *target, float *doutput, float *losses,
                       float *columns) {
  const HitsLoss<const int32_t *, const float *, float *> all{d, offsets, output, target, doutput};
  parallel(pool, d.n, [&](int64_t n, int) { all.cluster(n, columns + n * PW_HITS_LOSS_COLUMNS); });
  finish_hits_loss(d, columns, losses);
}

void average(Pool &, int64_t count, const pw_step *step, const float *value, float *average) {
  const float keep = step->ema_decay;
  for (int64_t i = 0; i < count; ++i) average[i] = keep * average[i] + (1 - keep) * value[i];
}

}  // namespace

void fill_common(Kernels &k) {
  k.batchnorm_forward = batchnorm_forward;
  k.batchnorm_backward = batchnorm_backward;
  k.supervised_loss_forward = supervised_loss_forward;
  k.hits_loss_forward = hits_loss_forward;
  k.average = average;
}

}  // namespace pw
