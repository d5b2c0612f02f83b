// The table of vectorised kernels. Every file beside this one is compiled once for each instruction
// set, into namespace pw::PW_ISA (portable, avx2, avx512, avx512_bf16); the runtime picks a table
// when a device is opened.
//
// Files here must not instantiate std:: templates with external linkage that do real work (the
// linker could keep the AVX-512 copy for everybody): no std::vector, std::function, iostreams;
// plain loops, and helpers in the PW_ISA namespace.
#pragma once

#include "../pool.h"
#include "pixelwake/kernels.h"

namespace pw {

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

// Arguments were validated by the caller (native/cpu/<family>.cpp). The workspace functions get the
// number of threads.
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
  void (*batchnorm_apply)(Pool &, const pw_tensor &, const pw_view &x, void *y);
  int64_t (*squeeze_excite_workspace)(int threads, const pw_squeeze_excite &, int32_t pass);
  void (*squeeze_excite_forward)(Pool &, const pw_squeeze_excite &, const pw_view &x,
                                 const float *w1, const float *b1, const float *w2, const float *b2,
                                 float *pooled, float *hidden, float *gate, void *workspace);
  void (*squeeze_excite_backward)(Pool &, const pw_squeeze_excite &, const float *w1,
                                  const float *w2, const float *pooled, const float *hidden,
                                  const float *gate, const float *gate_sums, float *dw1, float *db1,
                                  float *dw2, float *db2, float *dpool, float *sums,
                                  void *workspace);
  void (*residual_forward)(Pool &, const pw_tensor &, const pw_view &p, const float *keep,
                           const pw_view &skip, void *y);
  int64_t (*residual_workspace)(int threads, const pw_tensor &);
  void (*residual_backward)(Pool &, const pw_tensor &, const pw_view &p, const float *keep,
                            const void *dy, float *sums, void *workspace);
  void (*pool_forward)(Pool &, const pw_tensor &, const pw_view &x, float *embedding);
  int64_t (*pool_workspace)(int threads, const pw_tensor &);
  void (*pool_backward)(Pool &, const pw_tensor &, const pw_view &x, const float *dembedding,
                        void *dz, float *sums, void *workspace);
  void (*linear_forward)(Pool &, const pw_linear &, const float *x, const float *weight,
                         const float *bias, float *y);
  void (*linear_backward)(Pool &, const pw_linear &, const float *x, const float *weight,
                          const float *dy, float *dx, float *dweight, float *dbias);
  int64_t (*autoencoder_loss_workspace)(int threads, const pw_autoencoder_loss &);
  void (*autoencoder_loss_forward)(Pool &, const pw_autoencoder_loss &, const void *output,
                                   const void *target, void *doutput, float *losses, float *columns,
                                   void *workspace);
  int64_t (*gradient_norm_workspace)(int64_t elements);
  void (*gradient_norm)(Pool &, const Pieces<pw_vector> &, float *norm, void *workspace);
  void (*adamw_step)(Pool &, const pw_adamw &, const pw_step &step, const float *norm,
                     const Pieces<pw_parameter> &, float *measured, void *workspace);
  int64_t (*pack_size)(const pw_pack &);
  void (*pack_weights)(Pool &, const pw_pack &, const float *weight, const float *bias,
                       void *packed);
  int64_t (*inference_pointwise_workspace)(int threads, const pw_inference &);
  void (*inference_pointwise)(Pool &, const pw_inference &, const void *x, const void *weights,
                              void *y, float *mean, void *workspace);
  int64_t (*inference_dense_workspace)(int threads, const pw_inference &);
  void (*inference_dense)(Pool &, const pw_inference &, const float *x, const void *weights,
                          void *y, void *workspace);
  int64_t (*inference_block_workspace)(int threads, const pw_block &);
  void (*inference_block)(Pool &, const pw_block &, const void *x, const pw_block_weights &,
                          void *y, void *workspace);
  // Loops of nothing but one kind of work, `rounds` of them over a block of `count` floats (a
  // multiple of kProbeFloats, finite), for limits.cpp. Each returns how much it did, in the unit
  // of pw_limits; 0 where the processor lacks the instruction.
  int64_t (*probe_fma)(float *block, int64_t count, int64_t rounds);
  int64_t (*probe_dot)(float *block, int64_t count, int64_t rounds);
  int64_t (*probe_update)(float *block, int64_t count, int64_t rounds);
  int64_t (*probe_silu)(float *block, int64_t count, int64_t rounds);
};

constexpr int64_t kProbeFloats = 1024;

// Which exist is up to the compiler's target: PW_HAVE_AVX2 and so on.
namespace portable {
const Kernels &kernels();
}
namespace avx2 {
const Kernels &kernels();
}
namespace avx512 {
const Kernels &kernels();
}
namespace avx512_bf16 {
const Kernels &kernels();
}

#ifdef PW_ISA
// One function a family, in the file of its name; table.cpp gathers them.
namespace PW_ISA {
void fill_pointwise(Kernels &);
void fill_depthwise(Kernels &);
void fill_dense(Kernels &);
void fill_batchnorm(Kernels &);
void fill_squeeze_excite(Kernels &);
void fill_residual(Kernels &);
void fill_pool_linear(Kernels &);
void fill_loss(Kernels &);
void fill_optimizer(Kernels &);
void fill_inference(Kernels &);
void fill_limits(Kernels &);
}  // namespace PW_ISA
#endif

}  // namespace pw
