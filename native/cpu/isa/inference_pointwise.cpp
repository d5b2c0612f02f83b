// Products of the inference path: 1x1 convolutions and linear layers.
#include "inference_pointwise.h"

namespace pw::PW_ISA {
namespace {

int64_t workspace(int threads, const pw_inference &d) {
  const PointwisePlan plan(d, false, false);
  int64_t bytes = 0;
  dispatch_storage(d.storage, [&]<class T>(T *) { bytes = plan.scratch_bytes<T>(); });
  return threads * bytes;
}

void pointwise(Pool &pool, const pw_inference &d, const void *x, const float *sites,
               const void *weights, void *y, float *mean, void *workspace) {
  dispatch_storage(d.storage, [&]<class T>(T *) {
    pointwise_product<T>({&pool}, d,
                         {static_cast<const T *>(x), nullptr, weights, nullptr, static_cast<T *>(y),
                          mean, Sites(sites, d.n, static_cast<int64_t>(d.h) * d.w)},
                         workspace);
  });
}

}  // namespace

void fill_inference_pointwise(Kernels &k) {
  k.inference_pointwise_workspace = workspace;
  k.inference_pointwise = pointwise;
}

}  // namespace pw::PW_ISA
