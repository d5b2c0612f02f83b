// The registry of families and the table of kernels that they fill. The files beside this one are
// the C interface: they check the arguments and hand over to the table of the stream's device.
// Every backend compiles them with a device.h of its own, which defines pw_device, pw_stream,
// pw::Pool, pw::Context and pw::submit.
#pragma once

#include "pixelwake/kernels.h"

// The one list of the families. For each there are, by its name, a section of kernels.h, the C
// interface in NAME.cpp beside this file, and the kernels in native/cpu/isa/NAME.cpp and
// kernels/NAME.cu, where fill_NAME() enters them into the table. FamiliesTest holds all of that.
#define PW_FAMILIES(X) \
  X(pointwise)         \
  X(depthwise)         \
  X(dense)             \
  X(batchnorm)         \
  X(squeeze_excite)    \
  X(residual)          \
  X(pool_linear)       \
  X(rasterize)         \
  X(hits)              \
  X(loss)              \
  X(optimizer)         \
  X(inference)

// Declares fill_NAME(), in the namespace of the backend or of the instruction set.
#define PW_DECLARE_FILL(family) void fill_##family(Kernels &);
// Calls it on `table`.
#define PW_FILL(family) fill_##family(table);

namespace pw {

// What the kernels run on: a pool of threads, or a GPU's stream.
class Pool;

// Clusters as pw_rasterize_forward takes them.
struct Hits {
  const int16_t *x, *y;
  const float *energy, *toa;
  const int32_t *offsets;
  const int64_t *ids;
};

// What a product over hits reads, as pw_hits_product_forward takes it.
struct HitInput {
  const int32_t *offsets, *neighbours, *cluster;
  const float *x, *context;
};

// Resolutions of an image whose sites are wanted.
constexpr int64_t kMostSiteLevels = 8;
struct SiteLevels {
  pw_site_level level[kMostSiteLevels];
  int64_t count;
};

// Pieces one after the other, as if they were one vector: each starts at a multiple of kPieceStart
// elements.
constexpr int64_t kPieceStart = 16;
template <class Piece>
struct Pieces {
  const Piece *piece;
  const int64_t *start;  // [count + 1]; the last is the length of the whole
  int64_t count;

  int64_t elements() const { return start[count]; }
};

// Arguments were validated by the caller. The workspace functions get the number of threads.
struct Kernels {
  int64_t (*pointwise_workspace)(int threads, const pw_conv &, int32_t pass);
  void (*pointwise_forward)(Pool &, const pw_conv &, const pw_view &x, const float *weight,
                            const float *bias, void *y, float *stats, void *workspace);
  void (*pointwise_backward)(Pool &, const pw_conv &, const pw_view &x, const float *weight,
                             const pw_gradient &dy, const pw_input_gradient &dx, float *dweight,
                             float *dbias, void *workspace);
  int64_t (*depthwise_workspace)(int threads, const pw_conv &, int32_t pass);
  void (*depthwise_forward)(Pool &, const pw_conv &, const pw_view &x, const float *weight, void *y,
                            float *stats, void *workspace);
  void (*depthwise_backward)(Pool &, const pw_conv &, const pw_view &x, const float *weight,
                             const pw_gradient &dy, const pw_input_gradient &dx, float *dweight,
                             void *workspace);
  int64_t (*dense_workspace)(int threads, const pw_conv &, int32_t pass);
  void (*dense_forward)(Pool &, const pw_conv &, const pw_view &x, const float *weight,
                        const float *bias, void *y, float *stats, void *workspace);
  void (*dense_backward)(Pool &, const pw_conv &, const pw_view &x, const float *weight,
                         const pw_gradient &dy, const pw_input_gradient &dx, float *dweight,
                         float *dbias, void *workspace);
  void (*batchnorm_forward)(Pool &, const pw_batchnorm &, const float *stats, const float *gamma,
                            const float *beta, float *running_mean, float *running_var, float *bn);
  void (*batchnorm_backward)(Pool &, const pw_batchnorm &, const float *sums, const float *bn,
                             float *dgamma, float *dbeta, float *coef);
  void (*batchnorm_apply)(Pool &, const pw_tensor &, const pw_view &x, void *y);
  int64_t (*squeeze_excite_workspace)(int threads, const pw_squeeze_excite &, int32_t pass);
  void (*squeeze_excite_forward)(Pool &, const pw_squeeze_excite &, const pw_view &x,
                                 const float *sites, const float *w1, const float *b1,
                                 const float *w2, const float *b2, float *pooled, float *hidden,
                                 float *gate, void *workspace);
  void (*squeeze_excite_backward)(Pool &, const pw_squeeze_excite &, const float *sites,
                                  const float *w1, const float *w2, const float *pooled,
                                  const float *hidden, const float *gate, const float *gate_sums,
                                  float *dw1, float *db1, float *dw2, float *db2, float *dpool,
                                  float *sums, void *workspace);
  void (*residual_forward)(Pool &, const pw_tensor &, const pw_view &p, const float *keep,
                           const pw_view &skip, void *y);
  int64_t (*residual_workspace)(int threads, const pw_tensor &);
  void (*residual_backward)(Pool &, const pw_tensor &, const pw_view &p, const float *keep,
                            const void *dy, float *sums, void *workspace);
  void (*drop_path)(Pool &, const pw_drop_path &, const pw_step *step, float *keep);
  void (*pool_sites)(Pool &, const pw_tensor &, const void *image, const SiteLevels &);
  void (*pool_forward)(Pool &, const pw_tensor &, const pw_view &x, const float *sites,
                       float *embedding);
  int64_t (*pool_workspace)(int threads, const pw_tensor &);
  void (*pool_backward)(Pool &, const pw_tensor &, const pw_view &x, const float *sites,
                        const float *dembedding, void *dz, float *sums, void *workspace);
  void (*pool_spread)(Pool &, const pw_tensor &, const float *sites, const float *dembedding,
                      void *dx);
  void (*linear_forward)(Pool &, const pw_linear &, const float *x, const float *weight,
                         const float *bias, float *y);
  void (*linear_backward)(Pool &, const pw_linear &, const float *x, const float *weight,
                          const float *dy, float *dx, float *dweight, float *dbias);
  void (*dropout)(Pool &, const pw_dropout &, const pw_step *step, const float *x, float *y);
  void (*rasterize)(Pool &, const pw_rasterize &, const pw_step *step, const Hits &, void *input,
                    void *target);
  void (*hits_neighbours)(Pool &, const pw_hits &, const pw_step *step, const Hits &,
                          int32_t *neighbours, int32_t *cluster);
  void (*hits_features)(Pool &, const pw_hits &, const pw_step *step, const Hits &,
                        float *features);
  int64_t (*hits_norm_workspace)(int threads, const pw_hits_norm &);
  void (*hits_norm_forward)(Pool &, const pw_hits_norm &, const int32_t *offsets, const float *x,
                            const float *gamma, const float *beta, float *y, float *moments);
  void (*hits_norm_backward)(Pool &, const pw_hits_norm &, const int32_t *offsets, const float *x,
                             const float *gamma, const float *moments, const float *dy,
                             const float *addend, float *dx, float *dgamma, float *dbeta,
                             void *workspace);
  int64_t (*hits_product_workspace)(int threads, const pw_hits_product &, int32_t pass);
  void (*hits_product_forward)(Pool &, const pw_hits_product &, const HitInput &,
                               const float *weight, const float *bias, const float *addend,
                               float *y, void *workspace);
  void (*hits_product_backward)(Pool &, const pw_hits_product &, const HitInput &,
                                const float *weight, const float *dy, const float *addend,
                                float *dx, float *dcontext, float *dweight, float *dbias,
                                void *workspace);
  void (*hits_pool_forward)(Pool &, const pw_hits_pool &, const int32_t *offsets, const float *x,
                            float *pooled, int32_t *largest);
  void (*hits_pool_backward)(Pool &, const pw_hits_pool &, const int32_t *offsets,
                             const int32_t *cluster, const float *x, const int32_t *largest,
                             const float *dpooled, const float *addend, float *dx);
  int64_t (*autoencoder_loss_workspace)(int threads, const pw_autoencoder_loss &);
  void (*autoencoder_loss_forward)(Pool &, const pw_autoencoder_loss &, const void *output,
                                   const void *target, void *doutput, float *losses, float *columns,
                                   void *workspace);
  void (*supervised_loss_forward)(Pool &, const pw_supervised_loss &, const float *output,
                                  const int32_t *labels, const float *values,
                                  const float *class_weights, float *doutput, float *losses,
                                  float *columns);
  void (*hits_loss_forward)(Pool &, const pw_hits_loss &, const int32_t *offsets,
                            const float *output, const float *target, float *doutput, float *losses,
                            float *columns);
  int64_t (*gradient_norm_workspace)(int64_t elements);
  void (*gradient_norm)(Pool &, const Pieces<pw_vector> &, float *norm, void *workspace);
  void (*adamw_step)(Pool &, const pw_adamw &, const pw_step *step, const float *norm,
                     const Pieces<pw_parameter> &, float *measured, void *workspace);
  void (*average)(Pool &, int64_t count, const pw_step *step, const float *value, float *average);
  int64_t (*pack_size)(const pw_pack &);
  void (*pack_weights)(Pool &, const pw_pack &, const float *weight, const float *bias,
                       void *packed);
  int64_t (*inference_pointwise_workspace)(int threads, const pw_inference &);
  void (*inference_pointwise)(Pool &, const pw_inference &, const void *x, const float *sites,
                              const void *weights, void *y, float *mean, void *workspace);
  int64_t (*inference_dense_workspace)(int threads, const pw_inference &);
  void (*inference_dense)(Pool &, const pw_inference &, const float *x, const void *weights,
                          void *y, void *workspace);
  int64_t (*inference_block_workspace)(int threads, const pw_block &);
  void (*inference_block)(Pool &, const pw_block &, const void *x, const float *sites,
                          const pw_block_weights &, void *y, void *workspace);
};

}  // namespace pw
