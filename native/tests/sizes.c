/* Every family refuses tensors that are too large to count, in the same words, and null pointers
 * and bad arguments of the runtime are refused by name. Nothing is computed: whatever is passed
 * here is refused before it is read. */
#include <pixelwake/kernels.h>
#include <stdio.h>
#include <string.h>

#define LARGE 2000000000

static int failures = 0;

static void expect(int truth, const char *what) {
  if (!truth) {
    fprintf(stderr, "failed: %s (last error: \"%s\")\n", what, pw_last_error());
    ++failures;
  }
}

static void refused(int refusal, const char *what, const char *words) {
  expect(refusal, what);
  expect(strstr(pw_last_error(), words) != NULL, what);
}

#define TOO_LARGE "the tensors are too large"
#define OF_STREAM(call) refused((call) == PW_INVALID, #call, TOO_LARGE)
#define OF_SIZE(call) refused((call) < 0, #call, TOO_LARGE)

static float memory[64];
#define M memory

static void convolutions(pw_device *device, pw_stream *stream) {
  pw_view x = {M, M, M};
  pw_gradient dy = {M, M, M, M, M, M, M, M};
  pw_input_gradient dx = {M, M, M};
  pw_conv d;
  memset(&d, 0, sizeof d);
  d.n = d.h = d.w = LARGE;
  d.c_in = d.c_out = 8;
  d.stride = 1;
  d.kernel = 1;
  OF_SIZE(pw_pointwise_workspace(device, &d, PW_FORWARD));
  OF_STREAM(pw_pointwise_forward(stream, &d, &x, M, M, M, M, M));
  OF_STREAM(pw_pointwise_backward(stream, &d, &x, M, &dy, &dx, M, M, M));
  d.kernel = 3;
  OF_SIZE(pw_depthwise_workspace(device, &d, PW_FORWARD));
  OF_STREAM(pw_depthwise_forward(stream, &d, &x, M, NULL, M, M, M));
  OF_STREAM(pw_depthwise_backward(stream, &d, &x, M, &dy, &dx, M, NULL, M));
  OF_SIZE(pw_dense_workspace(device, &d, PW_FORWARD));
  OF_STREAM(pw_dense_forward(stream, &d, &x, M, M, M, M, M));
  OF_STREAM(pw_dense_backward(stream, &d, &x, M, &dy, &dx, M, M, M));
  /* The output and the weights count too. */
  d.n = d.h = d.w = 1;
  d.c_in = d.c_out = LARGE;
  d.kernel = 1;
  OF_SIZE(pw_pointwise_workspace(device, &d, PW_FORWARD));
  OF_SIZE(pw_dense_workspace(device, &d, PW_FORWARD));
  d.kernel = 3;
  d.c_in = 1;
  d.n = d.h = 1000000;
  OF_SIZE(pw_dense_workspace(device, &d, PW_FORWARD));
}

static void layers(pw_device *device, pw_stream *stream) {
  pw_view x = {M, M, M};
  pw_tensor t = {LARGE, LARGE, LARGE, 8, PW_F32, PW_BN_SILU};
  OF_STREAM(pw_batchnorm_apply(stream, &t, &x, M));
  OF_STREAM(pw_residual_forward(stream, &t, &x, M, &x, M));
  OF_SIZE(pw_residual_workspace(device, &t));
  OF_STREAM(pw_residual_backward(stream, &t, &x, M, M, M, M));
  OF_STREAM(pw_pool_forward(stream, &t, &x, M, M));
  OF_SIZE(pw_pool_workspace(device, &t));
  OF_STREAM(pw_pool_backward(stream, &t, &x, M, M, M, M, M));
  t.transform = PW_NONE;
  OF_STREAM(pw_pool_spread(stream, &t, M, M, M));
  t.transform = PW_BN_SILU;
  pw_site_level level = {M, 0, 0};
  t.transform = PW_NONE;
  OF_STREAM(pw_pool_sites(stream, &t, M, 1, &level));

  pw_squeeze_excite se;
  memset(&se, 0, sizeof se);
  se.n = se.h = se.w = LARGE;
  se.c = se.squeeze = 8;
  OF_SIZE(pw_squeeze_excite_workspace(device, &se, PW_FORWARD));
  OF_STREAM(pw_squeeze_excite_forward(stream, &se, &x, M, M, M, M, M, M, M, M, M));
  OF_STREAM(pw_squeeze_excite_backward(stream, &se, M, M, M, M, M, M, M, M, M, M, M, M, M, M));
  se.n = se.h = se.w = 1;
  se.c = se.squeeze = LARGE;
  OF_SIZE(pw_squeeze_excite_workspace(device, &se, PW_FORWARD));

  pw_linear linear = {LARGE, LARGE, LARGE, 0};
  OF_STREAM(pw_linear_forward(stream, &linear, M, M, M, M));
  OF_STREAM(pw_linear_backward(stream, &linear, M, M, M, M, M, M));
  pw_dropout dropout = {LARGE, LARGE, 0, 0.5f, 0};
  OF_STREAM(pw_dropout_forward(stream, &dropout, (const pw_step *)M, M, M));
}

static void data(pw_device *device, pw_stream *stream) {
  static const int16_t pixels[1];
  static const int32_t offsets[1];
  static const int64_t ids[1];
  pw_rasterize r;
  memset(&r, 0, sizeof r);
  r.n = LARGE;
  r.side = 16384;
  r.max_scale = 1;
  r.energy_scale = 1;
  OF_STREAM(pw_rasterize_forward(stream, &r, (const pw_step *)M, pixels, pixels, M, M, offsets, ids,
                                 M, M));

  pw_hits_norm norm = {LARGE, LARGE, LARGE, 1e-5f, 0};
  OF_SIZE(pw_hits_norm_workspace(device, &norm));
  OF_STREAM(pw_hits_norm_forward(stream, &norm, offsets, M, M, M, M, M));
  OF_STREAM(pw_hits_norm_backward(stream, &norm, offsets, M, M, M, M, M, M, M, M, M));
  pw_hits_product product = {LARGE, LARGE, LARGE, LARGE, 1, 0, 0};
  OF_SIZE(pw_hits_product_workspace(device, &product, PW_FORWARD));
  OF_STREAM(pw_hits_product_forward(stream, &product, offsets, NULL, NULL, M, NULL, M, M, M, M, M));
  OF_STREAM(pw_hits_product_backward(stream, &product, offsets, NULL, NULL, M, NULL, M, M, M, M,
                                     NULL, M, M, M));
  pw_hits_pool pool = {LARGE, LARGE, LARGE, 0};
  OF_STREAM(pw_hits_pool_forward(stream, &pool, offsets, M, M, NULL));
  OF_STREAM(pw_hits_pool_backward(stream, &pool, offsets, offsets, M, NULL, M, M, M));

  pw_autoencoder_loss autoencoder;
  memset(&autoencoder, 0, sizeof autoencoder);
  autoencoder.n = autoencoder.h = autoencoder.w = LARGE;
  OF_SIZE(pw_autoencoder_loss_workspace(device, &autoencoder));
  OF_STREAM(pw_autoencoder_loss_forward(stream, &autoencoder, M, M, M, M, M, M));
  pw_supervised_loss supervised;
  memset(&supervised, 0, sizeof supervised);
  supervised.n = supervised.classes = LARGE;
  OF_STREAM(pw_supervised_loss_forward(stream, &supervised, M, offsets, M, M, M, M, M));

  pw_vector vectors[2] = {{M, INT64_MAX}, {M, 1}};
  OF_SIZE(pw_gradient_norm_workspace(device, 2, vectors));
  OF_STREAM(pw_gradient_norm(stream, 2, vectors, M, M));
  pw_parameter parameter = {M, M, M, M, M, INT64_MAX, 0, 1};
  pw_adamw adamw = {0.9f, 0.99f, 1e-8f, 0};
  OF_SIZE(pw_adamw_workspace(device, 1, &parameter));
  OF_STREAM(pw_adamw_step(stream, &adamw, (const pw_step *)M, M, 1, &parameter, M, M));
  OF_STREAM(pw_average_step(stream, INT64_MAX, (const pw_step *)M, M, M));
}

static void inference(pw_device *device, pw_stream *stream) {
  pw_pack pack = {LARGE, LARGE, 1, PW_F32};
  OF_SIZE(pw_pack_size(device, &pack));
  OF_STREAM(pw_pack_weights(stream, &pack, M, M, M));
  pw_inference d = {LARGE, LARGE, LARGE, 8, 8, 1, 1, PW_LINEAR, PW_F32};
  OF_SIZE(pw_inference_pointwise_workspace(device, &d));
  OF_STREAM(pw_inference_pointwise(stream, &d, M, M, M, M, M, M));
  OF_SIZE(pw_inference_dense_workspace(device, &d));
  OF_STREAM(pw_inference_dense(stream, &d, M, M, M, M));
  pw_block block = {LARGE, LARGE, LARGE, 8, 8, 8, 8, 3, 1, 0, PW_F32};
  pw_block_weights weights = {M, M, M, M, M};
  OF_SIZE(pw_inference_block_workspace(device, &block));
  OF_STREAM(pw_inference_block(stream, &block, M, M, &weights, M, M));
}

#define REFUSED(call, words) refused((call) == PW_INVALID, #call, words)

static void runtime(pw_device *device, pw_stream *stream) {
  void *block = NULL;
  pw_event *event = NULL;
  pw_graph *graph = NULL;
  float milliseconds = 0;
  REFUSED(pw_device_open(0, NULL, NULL), "device_open: device is null");
  REFUSED(pw_device_open(-1, NULL, &device), "device_open: there is no device -1");
  REFUSED(pw_device_close(NULL), "device_close: device is null");
  REFUSED(pw_device_describe(device, NULL), "device_describe: info is null");
  REFUSED(pw_device_limits(device, NULL), "device_limits: limits is null");
  REFUSED(pw_alloc(device, -1, &block), "alloc: negative size");
  REFUSED(pw_alloc(device, INT64_MAX, &block), "alloc: size out of range");
  REFUSED(pw_alloc(device, 1, NULL), "alloc: memory is null");
  REFUSED(pw_host_alloc(NULL, 1, &block), "host_alloc: device is null");
  REFUSED(pw_free(NULL, NULL), "free: device is null");
  REFUSED(pw_stream_open(device, NULL), "stream_open: stream is null");
  REFUSED(pw_stream_wait(stream, NULL), "stream_wait: event is null");
  REFUSED(pw_copy(stream, M, M, 4, 7), "copy: unknown direction");
  REFUSED(pw_copy(stream, NULL, M, 4, PW_HOST_TO_DEVICE), "copy: null memory");
  REFUSED(pw_fill(stream, M, 0, -4), "fill: negative size");
  REFUSED(pw_capture_end(stream, &graph), "capture_end: the stream is not being captured");
  expect(pw_capture_begin(stream) == PW_OK, "a capture begins");
  REFUSED(pw_capture_begin(stream), "capture_begin: the stream is being captured already");
  REFUSED(pw_stream_synchronize(stream), "stream_synchronize: the stream is being captured");
  expect(pw_capture_end(stream, &graph) == PW_OK, "a capture ends");
  REFUSED(pw_graph_launch(graph, NULL), "graph_launch: stream is null");
  expect(pw_graph_close(graph) == PW_OK, "a graph closes");
  expect(pw_event_open(device, &event) == PW_OK, "an event opens");
  REFUSED(pw_event_elapsed(event, event, &milliseconds), "an event was never recorded");
  expect(pw_event_close(event) == PW_OK, "an event closes");
}

int main(void) {
  pw_device *device = NULL;
  pw_stream *stream = NULL;
  expect(pw_device_open(0, NULL, &device) == PW_OK, "a device opens");
  if (device == NULL) return 1;
  expect(pw_stream_open(device, &stream) == PW_OK, "a stream opens");
  if (stream == NULL) return 1;
  convolutions(device, stream);
  layers(device, stream);
  data(device, stream);
  inference(device, stream);
  runtime(device, stream);
  expect(pw_stream_close(stream) == PW_OK, "a stream closes");
  expect(pw_device_close(device) == PW_OK, "a device closes");
  return failures == 0 ? 0 : 1;
}
