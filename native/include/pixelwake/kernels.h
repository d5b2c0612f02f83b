/* Pixelwake: the one kernel interface, answered by libpixelwake_cpu.so and libpixelwake_cuda.so.
 *
 * Conventions
 * - Plain C. Functions return a pw_status; on failure pw_last_error() tells why (per thread).
 * Nothing throws or exits.
 * - An operation takes a stream, a descriptor of the problem, views of its buffers and a workspace
 * of at least the size that the sibling *_workspace function returns for the same descriptor. It
 * allocates nothing and keeps no state. Descriptors and views are read during the call only: the
 * caller may reuse them at once, also under capture.
 * - Activations and their gradients are NHWC in storage PW_F32 or PW_BF16 (`void *`), batches
 * outermost, channels innermost, without padding. Everything typed `float *` is f32 whatever the
 * storage. Accumulation is f32 or wider. Buffers are aligned to 64 bytes. Inputs and outputs do not
 * overlap unless said otherwise.
 * - Where storage is PW_BF16, a pointwise convolution may round the operands of its products (T(x),
 * weights, dL/dy) to bf16 first, as processors multiply them; the sums are f32.
 * - Outputs are overwritten, never read first, so they may hold anything (NaN included) before the
 * call; parameter gradients are added to instead where the descriptor says `accumulate`.
 * - Results depend neither on the number of threads nor on timing: reductions run in a fixed order.
 * - Weights have PyTorch's layout: convolutions [c_out][c_in][k][k] (depthwise [c][1][k][k]),
 * transposed ones [c_in][c_out][k][k] (depthwise [c][1][k][k]), linear layers [out][in].
 *
 * The fused plan
 *   A convolution writes its raw output once and, while it does, the mean and variance of each
 * output channel. Batch norm is never a pass of its own: pw_batchnorm_forward turns the statistics
 * into the four vectors `bn` (scale, shift, mean, rstd), and whoever consumes the raw tensor
 * applies z = scale * raw + shift,   a = SiLU(z) = z * sigmoid(z),   u = a * gate[n][c] as it loads
 * (pw_view with transform PW_BN_SILU or PW_BN_SILU_GATE). Backwards, the gradient kept for such a
 * raw tensor is dz = dL/dz (transform PW_BN_SILU) or du = dL/du (PW_BN_SILU_GATE), written by the
 * consumer's backward function together with its channel sums. pw_batchnorm_backward turns the sums
 * into the vectors `coef` (alpha, beta, gamma), and the producer's backward function forms dL/draw
 * = alpha * dz + beta * raw + gamma as it loads (pw_gradient).
 */
/* One prototype a line: a test parses this header. */
/* clang-format off */
#ifndef PIXELWAKE_KERNELS_H
#define PIXELWAKE_KERNELS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define PW_API __attribute__((visibility("default")))
#else
#define PW_API
#endif

/* Raised whenever a signature, a struct or a meaning below changes. */
#define PW_ABI_VERSION 9

typedef int32_t pw_status;
#define PW_OK 0
#define PW_INVALID 1     /* an argument is out of range; nothing was done */
#define PW_UNSUPPORTED 2 /* this backend lacks it */
#define PW_NO_MEMORY 3
#define PW_DEVICE 4 /* the device or its driver failed */

/* Storage of activations and of their gradients. */
#define PW_F32 0
#define PW_BF16 1

/* How a consumer transforms a tensor as it loads it (pw_view). */
#define PW_NONE 0         /* the tensor as it is */
#define PW_BN_SILU 1      /* SiLU(scale * x + shift) */
#define PW_BN_SILU_GATE 2 /* SiLU(scale * x + shift) * gate[n][c] */
#define PW_BN 3           /* scale * x + shift; only where a function says so */

/* What pw_gradient.dy is the gradient of. */
#define PW_GRAD_PLAIN 0        /* of y itself */
#define PW_GRAD_BN 1           /* of z, or (without SiLU) of the batch norm's output; times keep[n] where given */
#define PW_GRAD_BN_SILU_GATE 2 /* of u = SiLU(z) * gate, beside the pooled branch dpool */

typedef struct pw_device pw_device;
typedef struct pw_stream pw_stream;
typedef struct pw_event pw_event;
typedef struct pw_graph pw_graph;

/* ---- runtime ------------------------------------------------------------------------------------------------- */

#define PW_ISA_BEST 0 /* the widest that the processor has */
#define PW_ISA_PORTABLE 1
#define PW_ISA_AVX2 2
#define PW_ISA_AVX512 3
#define PW_ISA_AVX512_BF16 4 /* with its dot products of bf16 pairs */

typedef struct pw_device_options {
  int32_t threads; /* CPU: worker threads, 0 = one per processor; CUDA: ignored */
  int32_t isa;     /* CPU: PW_ISA_*; CUDA: ignored */
} pw_device_options;

typedef struct pw_device_info {
  int32_t threads;      /* CPU threads, or streaming multiprocessors */
  int32_t isa;          /* PW_ISA_*; CUDA: 100 * major + 10 * minor of the compute capability: 900 for 9.0; emulation: 0 */
  int64_t memory_bytes; /* of the device */
  char name[128];       /* for people */
} pw_device_info;

/* What the device reaches with all its threads, measured: operations, bytes and elements a second. The limits that the
 * cost of an operation is held against. */
typedef struct pw_limits {
  float fma;       /* f32 multiplications and additions, two a fused multiply-add */
  float dot;       /* the same in dot products of bf16 with f32 sums; 0 where the device has no instruction for them */
  float memory;    /* bytes read and written in place, in buffers far larger than the last cache; a median */
  float cache;     /* the same in buffers that a core's own cache holds, or the one that all of a GPU share */
  float silu;      /* elements whose SiLU is computed */
} pw_limits;

#define PW_HOST_TO_DEVICE 0
#define PW_DEVICE_TO_HOST 1
#define PW_DEVICE_TO_DEVICE 2

PW_API int32_t pw_abi_version(void);
/* Compiler, targets and version, for people. */
PW_API const char *pw_build_info(void);
/* Why the last call on this thread failed; empty when none did. Valid until the next call on this thread. */
PW_API const char *pw_last_error(void);
/* Number of devices; negative when the backend is not usable, pw_last_error() telling why. */
PW_API int32_t pw_device_count(void);
PW_API pw_status pw_device_open(int32_t index, const pw_device_options *options, pw_device **device);
PW_API pw_status pw_device_close(pw_device *device);
PW_API pw_status pw_device_describe(pw_device *device, pw_device_info *info);
/* Measures, which takes about a second; other work on the machine falsifies it. A backend may answer PW_UNSUPPORTED. */
PW_API pw_status pw_device_limits(pw_device *device, pw_limits *limits);
/* Device memory, aligned to 256 bytes, contents undefined. */
PW_API pw_status pw_alloc(pw_device *device, int64_t bytes, void **memory);
PW_API pw_status pw_free(pw_device *device, void *memory);
/* Host memory that copies run at full speed from (pinned, with CUDA). */
PW_API pw_status pw_host_alloc(pw_device *device, int64_t bytes, void **memory);
PW_API pw_status pw_host_free(pw_device *device, void *memory);
PW_API pw_status pw_stream_open(pw_device *device, pw_stream **stream);
/* A stream of the caller's own: `handle` is its CUstream (null: the default stream); closing it leaves the caller's stream
 * as it is. It and the memory that its work touches belong to the device's primary context, the one that the CUDA runtime
 * library uses; a stream of another context is PW_INVALID. Host backends: PW_UNSUPPORTED. */
PW_API pw_status pw_stream_adopt(pw_device *device, void *handle, pw_stream **stream);
PW_API pw_status pw_stream_close(pw_stream *stream);
PW_API pw_status pw_stream_synchronize(pw_stream *stream);
/* Later work of `stream` waits for what was recorded in `event`. */
PW_API pw_status pw_stream_wait(pw_stream *stream, pw_event *event);
PW_API pw_status pw_copy(pw_stream *stream, void *to, const void *from, int64_t bytes, int32_t direction);
/* Sets every byte. */
PW_API pw_status pw_fill(pw_stream *stream, void *memory, int32_t byte, int64_t bytes);
PW_API pw_status pw_event_open(pw_device *device, pw_event **event);
PW_API pw_status pw_event_close(pw_event *event);
/* Under capture the record is noted, and made at every launch of the graph. */
PW_API pw_status pw_event_record(pw_event *event, pw_stream *stream);
/* Time between two recorded events; waits for the second. */
PW_API pw_status pw_event_elapsed(pw_event *from, pw_event *to, float *milliseconds);
/* Between begin and end, operations and copies on the stream are noted instead of run. */
PW_API pw_status pw_capture_begin(pw_stream *stream);
PW_API pw_status pw_capture_end(pw_stream *stream, pw_graph **graph);
/* Runs what was noted, in order, with the addresses of then. */
PW_API pw_status pw_graph_launch(pw_graph *graph, pw_stream *stream);
PW_API pw_status pw_graph_close(pw_graph *graph);

/* What changes from step to step; lives in device memory, so that a captured step never changes. */
typedef struct pw_step {
  int64_t seed;         /* of the run */
  int64_t index;        /* optimizer step, from 1; keys the random numbers of the step */
  float learning_rate;
  float bias1;          /* 1 - beta1^index */
  float bias2;          /* 1 - beta2^index */
  float ema_decay;      /* weight kept by the moving average of the parameters */
  int32_t reserved[6];
} pw_step;

/* ---- views ---------------------------------------------------------------------------------------------------- */

/* A tensor as its consumer sees it; the descriptor names the transform. */
typedef struct pw_view {
  const void *data;  /* [n][h][w][c] */
  const float *bn;   /* [4][c] scale, shift, mean, rstd; null for PW_NONE */
  const float *gate; /* [n][c]; only for PW_BN_SILU_GATE */
} pw_view;

/* Averages over the rows and columns of a tensor [n][h][w][c] can be taken over some of its sites. Functions that take
 * `sites`, which pw_pool_sites writes, average over the active ones: [n][h][w] holds 1 where a site is active, else 0, and
 * behind that [n] holds how many of an image are. An image without any has the average 0. Null: over all sites; where all
 * are active, results are the same to the bit. */

/* The gradient that a convolution's backward pass starts from; the descriptor names its kind.
 *   PW_GRAD_PLAIN:        dL/dy = dy
 *   PW_GRAD_BN:           dL/dy = alpha * keep[n] * dy + beta * y + gamma                 (keep null: 1)
 *   PW_GRAD_BN_SILU_GATE: dz = (dy * gate[n][c] + dpool[n][c]) * SiLU'(scale * y + shift), without dpool at sites that
 *                         are not active
 *                         dL/dy = alpha * dz + beta * y + gamma */
typedef struct pw_gradient {
  const void *dy;     /* [n][ho][wo][c_out] */
  const void *y;      /* raw output of the convolution, same shape; null for PW_GRAD_PLAIN */
  const float *coef;  /* [3][c_out] alpha, beta, gamma; null for PW_GRAD_PLAIN */
  const float *keep;  /* [n] drop-path factor; may be null */
  const float *bn;    /* [4][c_out]; only for PW_GRAD_BN_SILU_GATE */
  const float *gate;  /* [n][c_out]; likewise */
  const float *dpool; /* [n][c_out]; likewise */
  const float *sites; /* of ho x wo, that dpool is of; likewise, may be null */
} pw_gradient;

/* What a backward pass writes of its input's gradient; `dx` null: not wanted, the rest is then ignored.
 * With g = W^T dL/dy + addend, the gradient of the transformed input:
 *   PW_NONE:         dx = g                       sums unused
 *   PW_BN_SILU:      dx = dz = g * SiLU'(z)       sums [2][c_in]: sum dz, sum dz * xhat
 *   PW_BN_SILU_GATE: dx = du = g                  sums [3][n][c_in]: sum du * a, sum du * SiLU'(z), sum du * SiLU'(z) * xhat
 * where xhat = (x - mean) * rstd; sums of [2][c] run over n, h and w, those of [3][n][c] over h and w. */
typedef struct pw_input_gradient {
  void *dx;           /* [n][h][w][c_in] */
  const void *addend; /* [n][h][w][c_in] in storage type, or null; may be the same buffer as dx */
  float *sums;
} pw_input_gradient;

/* ---- convolutions: pointwise, depthwise, dense ------------------------------------------------------------------- */

/* Padding is (kernel - 1) / 2. Not transposed: each side s gives ceil(s / stride). Transposed (stride 2, output padding 1):
 * each side doubles. */
typedef struct pw_conv {
  int32_t n, h, w;    /* of the input */
  int32_t c_in, c_out;
  int32_t kernel;     /* pointwise 1; depthwise 3 or 5; dense 3 */
  int32_t stride;     /* pointwise 1; depthwise and dense 1 or 2; transposed 2 */
  int32_t transposed; /* 0 or 1 */
  int32_t storage;    /* PW_F32 or PW_BF16 */
  int32_t transform;  /* of the input */
  int32_t gradient;   /* PW_GRAD_*; backward only */
  int32_t accumulate; /* backward: 1 adds to dweight and dbias instead of overwriting them */
} pw_conv;

#define PW_FORWARD 0
#define PW_BACKWARD 1

/* y = conv(T(x)) + bias. `bias` may be null. `stats` [2][c_out]: mean and biased variance of y over n, h, w; may be null.
 * The backward functions write dx and its sums, dweight and dbias; each of the three may be null (dbias: sum of dL/dy).
 * pointwise: kernel 1. depthwise: c_in = c_out, kernel 3 or 5, stride 1 or 2, transposed with stride 2. dense: any
 * kernel, few channels on one side (stem: c_in 3; transposed heads: c_out 5). depthwise has no bias (must be null). */
PW_API int64_t pw_pointwise_workspace(pw_device *device, const pw_conv *conv, int32_t pass);
PW_API pw_status pw_pointwise_forward(pw_stream *stream, const pw_conv *conv, const pw_view *x, const float *weight, const float *bias, void *y, float *stats, void *workspace);
PW_API pw_status pw_pointwise_backward(pw_stream *stream, const pw_conv *conv, const pw_view *x, const float *weight, const pw_gradient *dy, const pw_input_gradient *dx, float *dweight, float *dbias, void *workspace);
PW_API int64_t pw_depthwise_workspace(pw_device *device, const pw_conv *conv, int32_t pass);
PW_API pw_status pw_depthwise_forward(pw_stream *stream, const pw_conv *conv, const pw_view *x, const float *weight, const float *bias, void *y, float *stats, void *workspace);
PW_API pw_status pw_depthwise_backward(pw_stream *stream, const pw_conv *conv, const pw_view *x, const float *weight, const pw_gradient *dy, const pw_input_gradient *dx, float *dweight, float *dbias, void *workspace);
PW_API int64_t pw_dense_workspace(pw_device *device, const pw_conv *conv, int32_t pass);
PW_API pw_status pw_dense_forward(pw_stream *stream, const pw_conv *conv, const pw_view *x, const float *weight, const float *bias, void *y, float *stats, void *workspace);
PW_API pw_status pw_dense_backward(pw_stream *stream, const pw_conv *conv, const pw_view *x, const float *weight, const pw_gradient *dy, const pw_input_gradient *dx, float *dweight, float *dbias, void *workspace);

/* ---- batchnorm ---------------------------------------------------------------------------------------------------- */

typedef struct pw_batchnorm {
  int32_t c;
  int32_t training;   /* 1: statistics of the batch; 0: running statistics, which then count as constants backwards */
  int64_t count;      /* n * h * w of the normalised tensor */
  float eps;
  float momentum;     /* weight of the new value in the running statistics, as PyTorch */
  int32_t accumulate; /* backward: 1 adds to dgamma and dbeta */
  int32_t reserved;
} pw_batchnorm;

/* training: bn from stats; running mean and (unbiased) variance are updated where not null. Else bn from the running
 * statistics, stats unused. gamma, beta [c]; bn [4][c]: scale = gamma * rstd, shift = beta - mean * scale, mean, rstd. */
PW_API pw_status pw_batchnorm_forward(pw_stream *stream, const pw_batchnorm *batchnorm, const float *stats, const float *gamma, const float *beta, float *running_mean, float *running_var, float *bn);
/* sums [2][c]: sum dz, sum dz * xhat. dgamma = sum dz * xhat, dbeta = sum dz (either may be null); coef [3][c], so that
 * dL/draw = scale * (dz - mean(dz) - xhat * mean(dz * xhat)) (training), scale * dz (else). */
PW_API pw_status pw_batchnorm_backward(pw_stream *stream, const pw_batchnorm *batchnorm, const float *sums, const float *bn, float *dgamma, float *dbeta, float *coef);

typedef struct pw_tensor {
  int32_t n, h, w, c;
  int32_t storage;
  int32_t transform; /* PW_NONE, PW_BN_SILU, PW_BN_SILU_GATE or PW_BN */
} pw_tensor;

/* y = T(x), written out in storage type: the transform as a pass of its own, for results that leave the network and as
 * the unfused reference of the fused consumers. */
PW_API pw_status pw_batchnorm_apply(pw_stream *stream, const pw_tensor *tensor, const pw_view *x, void *y);

/* ---- squeeze_excite ------------------------------------------------------------------------------------------------- */

typedef struct pw_squeeze_excite {
  int32_t n, h, w, c;
  int32_t squeeze;    /* width of the hidden layer */
  int32_t storage;
  int32_t accumulate; /* backward: 1 adds to the parameter gradients */
  int32_t reserved;
} pw_squeeze_excite;

PW_API int64_t pw_squeeze_excite_workspace(pw_device *device, const pw_squeeze_excite *se, int32_t pass);
/* a = SiLU(z), z = scale * x + shift (x: transform PW_BN_SILU).
 * pooled [3][n][c]: mean of a over the sites; sum of SiLU'(z); sum of SiLU'(z) * xhat (the last two, over the same sites,
 * serve the backward pass).
 * hidden [n][squeeze] = w1 pooled[0] + b1; gate [n][c] = sigmoid(w2 SiLU(hidden) + b2). w1 [squeeze][c], w2 [c][squeeze]. */
PW_API pw_status pw_squeeze_excite_forward(pw_stream *stream, const pw_squeeze_excite *se, const pw_view *x, const float *sites, const float *w1, const float *b1, const float *w2, const float *b2, float *pooled, float *hidden, float *gate, void *workspace);
/* gate_sums [3][n][c] as pw_input_gradient gives them for PW_BN_SILU_GATE. Writes the parameter gradients, dpool [n][c]
 * = dL/dpooled[0] / (number of sites), and sums [2][c] of dz = (du * gate + dpool) * SiLU'(z) for pw_batchnorm_backward, from
 *   sum dz = sum_n gate * gate_sums[1] + dpool * pooled[1],   sum dz * xhat = sum_n gate * gate_sums[2] + dpool * pooled[2]. */
PW_API pw_status pw_squeeze_excite_backward(pw_stream *stream, const pw_squeeze_excite *se, const float *sites, const float *w1, const float *w2, const float *pooled, const float *hidden, const float *gate, const float *gate_sums, float *dw1, float *db1, float *dw2, float *db2, float *dpool, float *sums, void *workspace);

/* ---- residual -------------------------------------------------------------------------------------------------------- */

/* y = keep[n] * (scale * p + shift) + T(skip). tensor.transform is that of the skip, PW_NONE or PW_BN_SILU; `skip` null:
 * no skip; `keep` null: 1. p: data and bn. */
PW_API pw_status pw_residual_forward(pw_stream *stream, const pw_tensor *tensor, const pw_view *p, const float *keep, const pw_view *skip, void *y);
PW_API int64_t pw_residual_workspace(pw_device *device, const pw_tensor *tensor);
/* sums [2][c]: sum of keep * dy, sum of keep * dy * phat, for the batch norm of p. The gradient of the skip is dy itself
 * (an `addend` further down), that of p is dy under PW_GRAD_BN with the same keep. */
PW_API pw_status pw_residual_backward(pw_stream *stream, const pw_tensor *tensor, const pw_view *p, const float *keep, const void *dy, float *sums, void *workspace);

typedef struct pw_drop_path {
  int32_t n;
  int32_t layer;     /* number of the layer in the network; keys its random numbers */
  float probability; /* of dropping the branch of an image, in [0, 1) */
  int32_t first;     /* number of image 0 in the batch of all processes, which keys its random numbers; 0 where there is one */
} pw_drop_path;

/* keep[i] = 0 with the given probability, else 1 / (1 - probability) (torchvision StochasticDepth "row").
 * u = Philox4x32-10(counter {first + i, layer, index low, index high}, key {seed low, seed high})[0] * 2^-32 (u32);
 * dropped where u < probability. Processes that share a batch draw what one alone would. */
PW_API pw_status pw_drop_path_forward(pw_stream *stream, const pw_drop_path *drop, const pw_step *step, float *keep);

/* ---- pool_linear ------------------------------------------------------------------------------------------------------ */

/* Where the sites of one resolution go: those of an image whose sides were halved so many times, rounding up. */
typedef struct pw_site_level {
  float *sites;
  int32_t halvings; /* 0 to 15 */
  int32_t reserved;
} pw_site_level;

/* Sites of an image [n][h][w][c] at several resolutions, 1 to 8: one is active where any of the pixels that it stands for,
 * 2^halvings rows and columns of them, has a channel that is not 0. tensor.transform is PW_NONE. */
PW_API pw_status pw_pool_sites(pw_stream *stream, const pw_tensor *tensor, const void *image, int64_t levels, const pw_site_level *level);
/* mean over the sites of SiLU(scale * x + shift): the embedding [n][c]. tensor.transform is PW_BN_SILU. */
PW_API pw_status pw_pool_forward(pw_stream *stream, const pw_tensor *tensor, const pw_view *x, const float *sites, float *embedding);
PW_API int64_t pw_pool_workspace(pw_device *device, const pw_tensor *tensor);
/* dz = dembedding / (number of sites) * SiLU'(z) at the sites, else 0, and its sums [2][c]. */
PW_API pw_status pw_pool_backward(pw_stream *stream, const pw_tensor *tensor, const pw_view *x, const float *sites, const float *dembedding, void *dz, float *sums, void *workspace);

/* dx = dembedding / (number of sites) at the sites, else 0: the gradient of what was averaged, for a backward pass into x that
 * adds it. tensor.transform is PW_NONE. */
PW_API pw_status pw_pool_spread(pw_stream *stream, const pw_tensor *tensor, const float *sites, const float *dembedding, void *dx);

typedef struct pw_linear {
  int32_t n, c_in, c_out;
  int32_t accumulate; /* backward: 1 adds to dweight and dbias */
} pw_linear;

/* y [n][c_out] = x [n][c_in] weight^T + bias; weight [c_out][c_in]. */
PW_API pw_status pw_linear_forward(pw_stream *stream, const pw_linear *linear, const float *x, const float *weight, const float *bias, float *y);
/* dx may be null. */
PW_API pw_status pw_linear_backward(pw_stream *stream, const pw_linear *linear, const float *x, const float *weight, const float *dy, float *dx, float *dweight, float *dbias);

typedef struct pw_dropout {
  int32_t n, c;
  int32_t layer;     /* number of the layer in the network; keys its random numbers */
  float probability; /* of dropping an element, in [0, 1) */
  int32_t first;     /* number of image 0 in the batch of all processes, as for drop path */
} pw_dropout;

/* y = 0 with the given probability, else x / (1 - probability), element by element of [n][c] (Srivastava et al. 2014, as
 * torch.nn.Dropout). As it is linear in x, the gradient dx is the same of dy with the same descriptor and step.
 * u = word (k & 3) of Philox4x32-10(counter {first + i, k >> 2, index low, 2^31 + layer}, key {seed low, seed high}) * 2^-32
 * (u32) for channel k of image i; dropped where u < probability. */
PW_API pw_status pw_dropout_forward(pw_stream *stream, const pw_dropout *dropout, const pw_step *step, const float *x, float *y);

/* ---- rasterize ----------------------------------------------------------------------------------------------------------- */

/* How an image shows energies. E is the energy of a hit, log(E) = ln(max(E, 4) / 4) / ln(2500 / 4): 4 to 2500 keV are 0 to 1. */
#define PW_ENERGY_SQRT 0   /* channel 0 is sqrt(min(E / energy_scale, 1)) */
#define PW_ENERGY_LOG 1    /* channel 0 is log(E) */
#define PW_ENERGY_LINEAR 2 /* channel 0 is E / energy_scale */
#define PW_ENERGY_ALL 3    /* channels 0 to 2 are sqrt(E / energy_scale), log(E) and E / energy_scale */

typedef struct pw_rasterize {
  int32_t n;             /* images */
  int32_t side;          /* of an image, in image pixels */
  int32_t max_scale;     /* largest upsampling factor, 1 to 16 */
  int32_t storage;       /* of input and target */
  int32_t augment;       /* 0: none; 1: random rotations by 90 degrees and reflections; 2 to 9: all images by draw = augment - 2 */
  float mask_fraction;   /* probability of hiding a hit from the input, in [0, 1) */
  float energy_scale;    /* energy that becomes 1 */
  float toa_scale;       /* time after the first hit, in ns, that becomes 1; 0: no time, channel 1 stays empty */
  float energy_threshold; /* channel 2 is 1 where energy > this */
  int32_t encoding;      /* of the energies in the input: PW_ENERGY_* */
} pw_rasterize;

/* Hits of image i: [offsets[i], offsets[i + 1]) of x, y (pixels), energy, toa (ns after the first hit). ids [n]: numbers of
 * the clusters, which key their random numbers. Writes input (masked) and target (whole) [n][side][side][3]; either may be
 * null. Channels of the target: sqrt(min(energy / energy_scale, 1)), sqrt(min(toa / toa_scale, 1)), energy > energy_threshold.
 * Those of the input are the same but for what `encoding` says; PW_ENERGY_ALL leaves no channel for times and threshold.
 *
 * Geometry, exactly: with the bounding box w x h (native pixels) and m = max(w, h):
 *   m <= side: s = min(max_scale, side / m) (integer division); each hit becomes an s x s square;
 *   m > side:  f = (m + side - 1) / side native pixels share an image pixel per axis (s = 1): energy is their maximum, toa
 *              that of the earliest hit among them, and the threshold map follows the maximum. Duplicate hits of one pixel likewise.
 * The scaled box (w', h') = (w s, h s) or (ceil(w / f), ceil(h / f)) stands at left = (side - w') / 2, top = (side - h') / 2;
 * image row 0 is the box's smallest y. Augmentation acts on the whole square image: r = draw & 3 quarter turns, then a
 * reflection of the columns where draw & 4: one turn sends image pixel (row, col) to (col, side - 1 - row); the
 * reflection sends col to side - 1 - col.
 * Random numbers: Philox4x32-10, key {seed low, seed high}. draw = word 0 of counter {id low, id high, index low, 0xffffffff}
 * where augment is 1.
 * Hit j (from 0 within the cluster) is hidden where word (j & 3) of counter {id low, id high, index low, j >> 2} * 2^-32 <
 * mask_fraction; a cluster whose hits would all be hidden keeps the hit j with the largest such word (the first of equals).
 * Hits hidden are left out of the input alone; the geometry is always that of the whole cluster. */
PW_API pw_status pw_rasterize_forward(pw_stream *stream, const pw_rasterize *rasterize, const pw_step *step, const int16_t *x, const int16_t *y, const float *energy, const float *toa, const int32_t *offsets, const int64_t *ids, void *input, void *target);

/* ---- loss ------------------------------------------------------------------------------------------------------------------ */

typedef struct pw_autoencoder_loss {
  int32_t n, h, w;
  int32_t storage;         /* of output, target and doutput */
  float image_weight;      /* of the three parts in the total */
  float cluster_weight;
  float threshold_weight;
  float hit_weight;        /* weight of a pixel inside the cluster in the squared error */
  float empty_weight;      /* ... outside it */
  float mask_hit_weight;   /* weight of a positive pixel in the cross-entropy */
  float mask_empty_weight; /* ... of a negative one */
  float bce_weight;        /* of the cross-entropy in a mask's loss */
  float dice_weight;       /* of soft Dice in it */
  int32_t global;          /* images of all processes that share the batch, by which sums are divided; 0: n */
} pw_autoencoder_loss;

#define PW_LOSS_COLUMNS 12

PW_API int64_t pw_autoencoder_loss_workspace(pw_device *device, const pw_autoencoder_loss *loss);
/* output [n][h][w][5]: image, logit of the cluster mask, logit of the threshold mask. target [n][h][w][3].
 * The cluster mask is target[0] > 0, the threshold mask is target[2] (> 0.5 for weights and intersections).
 * Per image, then averaged over the images (where `global` is given, the sum over these images is divided by it: the losses
 * and gradients of several processes add up to those of their whole batch):
 *   image: sum_p w_p (mean over channels of (o - t)^2) / sum_p w_p, w_p = hit_weight where target[0] > 0, else empty_weight
 *   mask:  bce_weight * sum_p v_p BCE(logit, t) / sum_p v_p + dice_weight * (1 - (2 sum q t + 1) / (sum q + sum t + 1)),
 *          q = sigmoid(logit), v_p = mask_hit_weight where t, else mask_empty_weight
 * (all pixel weights 1, bce 1, dice 0: exactly the plain loss of the reference.) An image with zero total weight counts 0.
 * losses [4]: total, image, cluster, threshold. columns [n][PW_LOSS_COLUMNS] per image: image, cluster and threshold loss, plain mean squared error
 * over pixels and channels, the same of an all-zero image, intersection and union of the cluster mask (logit > 0) in pixels, the same of the
 * threshold mask, 3 unused (0). doutput is the gradient of the total, may be null. */
PW_API pw_status pw_autoencoder_loss_forward(pw_stream *stream, const pw_autoencoder_loss *loss, const void *output, const void *target, void *doutput, float *losses, float *columns, void *workspace);

typedef struct pw_supervised_loss {
  int32_t n;
  int32_t classes;       /* may be 0 */
  int32_t targets;       /* may be 0; not both */
  float label_smoothing; /* in [0, 1) */
  float huber_delta;     /* > 0, in the units of the values */
  float class_part;      /* of the two parts in the total */
  float value_part;
  float scale;           /* of the sums over images: 1 / n, or 1 / (images of all processes that share the batch) */
} pw_supervised_loss;

#define PW_SUPERVISED_COLUMNS 4

/* Classification and regression in one head. output [n][classes + targets]: logits z, then predicted values o. labels [n]:
 * a number outside [0, classes) is no label, which counts 0; may be null where classes is 0. values [n][targets]: NaN is
 * unknown, which counts 0; may be null where targets is 0. class_weights w [classes]; null: 1. Per image
 *   class:  sum_c a_c (-log softmax(z)_c), a_c = (1 - label_smoothing) w[label] [c = label] + label_smoothing / classes w[c]
 *   values: sum_t huber(o_t - value_t) / targets over the known ones, huber(d) = d^2 / 2 where |d| <= huber_delta, else
 *           huber_delta (|d| - huber_delta / 2)                                                 (as torch.nn.HuberLoss)
 * and then the sum over images times `scale`. The class part is torch.nn.CrossEntropyLoss with reduction "sum": it is not
 * divided by the sum of the weights in the batch, so that it does not depend on which images share a batch, nor on how many
 * processes share it; who wants an average gives weights whose mean over the data set is 1.
 * losses [3]: total = class_part * class + value_part * values, class, values. columns [n][PW_SUPERVISED_COLUMNS] per image:
 * class and value loss (not scaled), 1 where the label has the largest logit (the first of equals), softmax of the label;
 * without a label 0. doutput [n][classes + targets] is the gradient of the total, may be null. */
PW_API pw_status pw_supervised_loss_forward(pw_stream *stream, const pw_supervised_loss *loss, const float *output, const int32_t *labels, const float *values, const float *class_weights, float *doutput, float *losses, float *columns);

typedef struct pw_hits_loss {
  int32_t n;        /* clusters */
  int32_t capacity; /* rows of hits that there is room for */
  float image_weight; /* of the three parts in the total */
  float cluster_weight;
  float threshold_weight;
  float huber_delta; /* > 0 */
  int32_t global;    /* clusters of all processes that share the batch, by which sums are divided; 0: n */
} pw_hits_loss;

#define PW_HITS_HEADS 12
#define PW_HITS_LOSS_COLUMNS 3

/* Autoencoder over hits, the rows of which are packed as pw_hits has them. output [capacity][12] of each hit: its energy and
 * its time; 9 logits, whether there is a hit at the neighbour's place (in the order of pw_hits_neighbours); the logit of its
 * energy being above the threshold. target [capacity][12]: NaN is not asked for and counts 0.
 * Per cluster, then averaged over the clusters (or their sum divided by `global`), the mean over what is asked for in all its
 * hits, 0 where nothing is:
 *   image:     huber(output - target) of energy and time, as pw_supervised_loss has it
 *   cluster:   BCE(logit, target) of the neighbours' places
 *   threshold: BCE(logit, target) of the threshold
 * losses [4]: total, image, cluster, threshold. columns [n][PW_HITS_LOSS_COLUMNS] per cluster: image, cluster and threshold
 * loss. doutput is the gradient of the total, may be null. */
PW_API pw_status pw_hits_loss_forward(pw_stream *stream, const pw_hits_loss *loss, const int32_t *offsets, const float *output, const float *target, float *doutput, float *losses, float *columns);

/* ---- optimizer ---------------------------------------------------------------------------------------------------------------- */

/* Parameters lie in as many pieces as the caller likes; a call takes an array of them, and what it does to one does not
 * depend on the others. */

/* A piece of the gradient. */
typedef struct pw_vector {
  const float *data;
  int64_t count; /* may be 0 */
} pw_vector;

/* A piece of the parameters with what the optimizer keeps beside it, each of `count` elements. */
typedef struct pw_parameter {
  float *value;
  const float *gradient;
  float *m;           /* first moment */
  float *v;           /* second moment */
  float *ema;         /* moving average of the value; may be null */
  int64_t count;      /* may be 0 */
  float weight_decay; /* decoupled: value *= 1 - learning_rate * rate * weight_decay */
  float rate;         /* factor of this piece's learning rate, not negative; 1: the step's */
} pw_parameter;

typedef struct pw_adamw {
  float beta1, beta2, eps;
  float clip_norm; /* gradients are scaled by min(1, clip_norm / norm); 0: not clipped, norm unused */
} pw_adamw;

/* Reads the counts only. */
PW_API int64_t pw_gradient_norm_workspace(pw_device *device, int64_t vectors, const pw_vector *vector);
/* norm [1] = sqrt of the sum of squares of all elements. The norm of norms is the norm of the whole. */
PW_API pw_status pw_gradient_norm(pw_stream *stream, int64_t vectors, const pw_vector *vector, float *norm, void *workspace);
/* Reads the counts only. */
PW_API int64_t pw_adamw_workspace(pw_device *device, int64_t parameters, const pw_parameter *parameter);
/* Loshchilov & Hutter, "Decoupled weight decay regularization", algorithm 2, as torch.optim.AdamW:
 * with lr = learning_rate * rate
 *   p *= 1 - lr wd;  m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;  p -= lr / bias1 * m / (sqrt(v) / sqrt(bias2) + eps)
 * then, where ema is not null, ema = ema_decay * ema + (1 - ema_decay) * p. norm [1] is what clip_norm is held against.
 * measured [1], where not null, receives the norm of these pieces' gradients as they are, not clipped; it is not `norm`. */
PW_API pw_status pw_adamw_step(pw_stream *stream, const pw_adamw *adamw, const pw_step *step, const float *norm, int64_t parameters, const pw_parameter *parameter, float *measured, void *workspace);

/* average = ema_decay * average + (1 - ema_decay) * value, for what is averaged beside the parameters (running statistics). */
PW_API pw_status pw_average_step(pw_stream *stream, int64_t count, const pw_step *step, const float *value, float *average);

/* ---- hits ------------------------------------------------------------------------------------------------------------------ */

/* Networks over hits: submanifold sparse convolutions (Graham & van der Maaten 2017) at the detector's resolution. Clusters
 * are lists of hits, packed without padding: the hits of cluster i are the rows [offsets[i], offsets[i + 1]) of tensors
 * [capacity][c], all f32. How many rows there are, offsets[n] <= capacity, only the device knows. Rows behind them are neither
 * read nor written. The hits of a cluster lie in different pixels and are ordered by y, then x. A cluster may be empty.
 *
 * gelu(x) = x Phi(x), with the normal distribution Phi(x) = (1 + erf(x / sqrt 2)) / 2 (Hendrycks & Gimpel 2016). */
typedef struct pw_hits {
  int32_t n;        /* clusters */
  int32_t capacity; /* rows that there is room for */
  int32_t augment;  /* as pw_rasterize has it: symmetries of the square, by which the clusters are turned */
  float energy_scale; /* energy that becomes 1 as square root and linear */
  float toa_scale;    /* time after the first hit, in ns, that becomes 1 as square root and linear; 0: no time */
} pw_hits;

#define PW_HITS_NEIGHBOURS 9
#define PW_HITS_FEATURES 9

/* neighbours [capacity][9]: the row of the hit that lies at (dx, dy) from this one in its turned cluster, at index
 * 3 (dy + 1) + dx + 1; -1 where there is none. cluster [capacity]: the cluster of each row. ids [n] key the random turns,
 * which are those of pw_rasterize_forward. */
PW_API pw_status pw_hits_neighbours(pw_stream *stream, const pw_hits *hits, const pw_step *step, const int16_t *x, const int16_t *y, const int32_t *offsets, const int64_t *ids, int32_t *neighbours, int32_t *cluster);
/* features [capacity][9]: with E = energy, t = toa, sE = energy_scale, sT = toa_scale
 *   sqrt(E / sE), ln(max(E, 1) / 40) / 1.2, E / sE, sqrt(t / sT), ln(1 + t / 10) / 3, t / sT, x / 8, y / 8, sqrt(x^2 + y^2) / 8
 * where (x, y) is the hit's place about the mean of the places of its cluster, turned as above; negative E and t count as
 * 0. The three of time are 0 where toa_scale is 0, and toa may then be null. */
PW_API pw_status pw_hits_features(pw_stream *stream, const pw_hits *hits, const pw_step *step, const int16_t *x, const int16_t *y, const float *energy, const float *toa, const int32_t *offsets, const int64_t *ids, float *features);

typedef struct pw_hits_norm {
  int32_t n, capacity, c;
  float eps;
  int32_t accumulate; /* backward: 1 adds to dgamma and dbeta */
} pw_hits_norm;

PW_API int64_t pw_hits_norm_workspace(pw_device *device, const pw_hits_norm *norm);
/* Layer norm (Ba et al. 2016) of each row: y = gamma * xhat + beta, xhat = (x - mean) * rstd, with the mean and biased
 * variance of the row's c channels, rstd = 1 / sqrt(variance + eps). moments [capacity][2]: mean, rstd. */
PW_API pw_status pw_hits_norm_forward(pw_stream *stream, const pw_hits_norm *norm, const int32_t *offsets, const float *x, const float *gamma, const float *beta, float *y, float *moments);
/* With g = gamma * dy: dx = rstd * (g - mean(g) - xhat * mean(g * xhat)) + addend; addend may be null or dx itself.
 * dgamma = sum of dy * xhat over the rows, dbeta = sum of dy; each may be null. */
PW_API pw_status pw_hits_norm_backward(pw_stream *stream, const pw_hits_norm *norm, const int32_t *offsets, const float *x, const float *gamma, const float *moments, const float *dy, const float *addend, float *dx, float *dgamma, float *dbeta, void *workspace);

typedef struct pw_hits_product {
  int32_t n, capacity;
  int32_t c_in, c_out;
  int32_t taps;       /* 9: over the neighbours; 1: of the hit itself */
  int32_t gelu;       /* 1: of gelu(x) instead of x */
  int32_t accumulate; /* backward: 1 adds to dweight and dbias */
} pw_hits_product;

PW_API int64_t pw_hits_product_workspace(pw_device *device, const pw_hits_product *product, int32_t pass);
/* With u = x or gelu(x), to which context[cluster] is added where context [n][c_in] is not null (taps 1 only):
 *   y[r] = sum over taps k with neighbours[r][k] >= 0 of weight[:, :, k] u[neighbours[r][k]] + bias + addend[r]
 * weight [c_out][c_in][taps]; bias [c_out] and addend [capacity][c_out] may be null, addend may be y itself. With taps 1
 * neighbours is null and the row is r. cluster [capacity] may be null without context. */
PW_API pw_status pw_hits_product_forward(pw_stream *stream, const pw_hits_product *product, const int32_t *offsets, const int32_t *neighbours, const int32_t *cluster, const float *x, const float *context, const float *weight, const float *bias, const float *addend, float *y, void *workspace);
/* dy [capacity][c_out]. du[s] = sum over rows r and taps k with neighbours[r][k] = s of weight[:, :, k]^T dy[r], which is
 * that over k of weight[:, :, k]^T dy[neighbours[s][8 - k]]. dx = du * gelu'(x) + addend, or du + addend without gelu; addend
 * [capacity][c_in] may be null or dx itself. dcontext [n][c_in] = sum of du over the hits of each cluster, 0 of an empty one.
 * dx, dcontext, dweight and dbias may be null. */
PW_API pw_status pw_hits_product_backward(pw_stream *stream, const pw_hits_product *product, const int32_t *offsets, const int32_t *neighbours, const int32_t *cluster, const float *x, const float *context, const float *weight, const float *dy, const float *addend, float *dx, float *dcontext, float *dweight, float *dbias, void *workspace);

typedef struct pw_hits_pool {
  int32_t n, capacity, c;
  int32_t all; /* 0: the mean alone; 1: mean, sum / 10 and maximum */
} pw_hits_pool;

/* Over the hits of each cluster, of gelu(x): pooled [n][c] or [n][3 c]: mean, sum / 10, maximum; all 0 of an empty cluster.
 * largest [n][c] (with all = 1, else null): the row of the maximum, the first of equals; -1 of an empty cluster. */
PW_API pw_status pw_hits_pool_forward(pw_stream *stream, const pw_hits_pool *pool, const int32_t *offsets, const float *x, float *pooled, int32_t *largest);
/* du[r] = dmean / hits + dsum / 10 + (dmaximum where r is the row of the maximum); dx = du * gelu'(x) + addend; addend may be
 * null or dx itself. */
PW_API pw_status pw_hits_pool_backward(pw_stream *stream, const pw_hits_pool *pool, const int32_t *offsets, const int32_t *cluster, const float *x, const int32_t *largest, const float *dpooled, const float *addend, float *dx);

/* ---- inference --------------------------------------------------------------------------------------------------------------- */

/* Forward passes of a trained network whose batch norms (running statistics) were folded into the weights and biases of the
 * convolutions before them: w' = w * gamma * rstd, b' = beta - mean * gamma * rstd. Activations are finished as they are
 * stored, so that a consumer loads them as they are. With PW_BF16 the hidden layer and the gate of squeeze-excite are rounded
 * to bf16 too, and the gated activations once more.
 *
 * Weights are packed once, in an order of the backend's own that goes with the device it was packed on. */
typedef struct pw_pack {
  int32_t c_in;    /* of one output channel: 1 for depthwise */
  int32_t c_out;
  int32_t kernel;  /* odd; pointwise and linear 1 */
  int32_t storage; /* of the inputs that will be multiplied; PW_F32 unless kernel is 1 */
} pw_pack;

/* Bytes of the packed weights; negative on failure. */
PW_API int64_t pw_pack_size(pw_device *device, const pw_pack *pack);
/* weight [c_out][c_in][kernel][kernel], bias [c_out]. */
PW_API pw_status pw_pack_weights(pw_stream *stream, const pw_pack *pack, const float *weight, const float *bias, void *packed);

/* What follows a product. */
#define PW_LINEAR 0
#define PW_SILU 1
#define PW_SIGMOID 2

typedef struct pw_inference {
  int32_t n, h, w;    /* of the input */
  int32_t c_in, c_out;
  int32_t kernel;     /* odd; pointwise 1 */
  int32_t stride;     /* 1 or 2; pointwise 1 */
  int32_t activation; /* PW_LINEAR, PW_SILU or PW_SIGMOID */
  int32_t storage;
} pw_inference;

/* y = activation(conv(x) + bias), and mean [n][c_out] of y over the sites; mean may be null. A linear layer has h = w = 1. */
PW_API int64_t pw_inference_pointwise_workspace(pw_device *device, const pw_inference *inference);
PW_API pw_status pw_inference_pointwise(pw_stream *stream, const pw_inference *inference, const void *x, const float *sites, const void *weights, void *y, float *mean, void *workspace);
/* y = activation(conv(x) + bias), few input channels; x is f32 whatever the storage of y. */
PW_API int64_t pw_inference_dense_workspace(pw_device *device, const pw_inference *inference);
PW_API pw_status pw_inference_dense(pw_stream *stream, const pw_inference *inference, const float *x, const void *weights, void *y, void *workspace);

/* An inverted residual block with squeeze-excite (MBConv). */
typedef struct pw_block {
  int32_t n, h, w;  /* of the input */
  int32_t c_in;
  int32_t expanded; /* channels of the depthwise convolution */
  int32_t squeeze;  /* width of the hidden layer of squeeze-excite */
  int32_t c_out;
  int32_t kernel;   /* of the depthwise convolution: 3 or 5 */
  int32_t stride;   /* 1 or 2 */
  int32_t residual; /* 1: x is added to the result; stride 1 and c_in = c_out */
  int32_t storage;
} pw_block;

/* Packed weights of a block; those of the depthwise convolution were packed with PW_F32. */
typedef struct pw_block_weights {
  const void *expand;    /* 1x1, c_in to expanded; null where nothing expands, and expanded is c_in */
  const void *depthwise; /* 1 to expanded */
  const void *squeeze;   /* 1x1, expanded to squeeze */
  const void *excite;    /* 1x1, squeeze to expanded */
  const void *project;   /* 1x1, expanded to c_out */
} pw_block_weights;

/* a = SiLU(depthwise(SiLU(expand(x)))), gate = sigmoid(excite(SiLU(squeeze(mean of a over the sites)))),
 * y = project(a * gate) (+ x). y [n][ceil(h / stride)][ceil(w / stride)][c_out] does not overlap x; sites are those of y. */
PW_API int64_t pw_inference_block_workspace(pw_device *device, const pw_block *block);
PW_API pw_status pw_inference_block(pw_stream *stream, const pw_block *block, const void *x, const float *sites, const pw_block_weights *weights, void *y, void *workspace);

#ifdef __cplusplus
}
#endif

#endif /* PIXELWAKE_KERNELS_H */
