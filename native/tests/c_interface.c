/* An operation through the plain C interface: its numbers, its refusals, and the same bits when it
 * is captured and replayed on other data. */
#include <math.h>
#include <pixelwake/kernels.h>
#include <stdio.h>
#include <string.h>

#define N 3
#define IN 5
#define OUT 2

static int failures = 0;

static void expect(int truth, const char *what) {
  if (!truth) {
    fprintf(stderr, "failed: %s (last error: \"%s\")\n", what, pw_last_error());
    ++failures;
  }
}

#define OK(call) expect((call) == PW_OK, #call)

static const float weight[OUT * IN] = {1, -2, 3, -4, 5, 0.5f, 0.25f, 0, -1, 2};
static const float bias[OUT] = {10, -20};

/* Small integers and their halves: the sums are exact in f32 whatever their order. */
static void make_input(float *x, int start) {
  for (int i = 0; i < N * IN; ++i) x[i] = (float)((start + 7 * i) % 11 - 5);
}

static int matches(const float *x, const float *y) {
  for (int n = 0; n < N; ++n) {
    for (int o = 0; o < OUT; ++o) {
      double sum = bias[o];
      for (int i = 0; i < IN; ++i) sum += (double)weight[o * IN + i] * x[n * IN + i];
      if (fabs(sum - y[n * OUT + o]) > 1e-6) return 0;
    }
  }
  return 1;
}

struct buffers {
  void *x, *weight, *bias, *y;
};

static pw_status linear(pw_stream *stream, const struct buffers *b) {
  pw_linear d;
  memset(&d, 0, sizeof d);
  d.n = N;
  d.c_in = IN;
  d.c_out = OUT;
  return pw_linear_forward(stream, &d, (const float *)b->x, (const float *)b->weight,
                           (const float *)b->bias, (float *)b->y);
}

static void upload(pw_stream *stream, void *to, const void *from, int64_t bytes) {
  OK(pw_copy(stream, to, from, bytes, PW_HOST_TO_DEVICE));
  OK(pw_stream_synchronize(stream));
}

static void run_and_replay(pw_stream *stream, const struct buffers *b) {
  float x[N * IN];
  float y[N * OUT];
  pw_graph *graph = NULL;
  make_input(x, 1);
  upload(stream, b->x, x, sizeof x);
  OK(linear(stream, b));
  OK(pw_copy(stream, y, b->y, sizeof y, PW_DEVICE_TO_HOST));
  OK(pw_stream_synchronize(stream));
  expect(matches(x, y), "an operation computes what the header says");

  OK(pw_capture_begin(stream));
  OK(linear(stream, b));
  OK(pw_capture_end(stream, &graph));
  for (int start = 2; start < 5; ++start) {
    make_input(x, start);
    upload(stream, b->x, x, sizeof x);
    OK(pw_fill(stream, b->y, 255, sizeof y));
    OK(pw_graph_launch(graph, stream));
    OK(pw_copy(stream, y, b->y, sizeof y, PW_DEVICE_TO_HOST));
    OK(pw_stream_synchronize(stream));
    expect(matches(x, y), "a replay reads its buffers anew");
  }
  OK(pw_graph_close(graph));
}

static void refusals(pw_stream *stream, const struct buffers *b) {
  pw_linear d;
  memset(&d, 0, sizeof d);
  expect(pw_linear_forward(stream, &d, (const float *)b->x, (const float *)b->weight, NULL,
                           (float *)b->y) == PW_INVALID,
         "an empty problem is refused");
  expect(strlen(pw_last_error()) > 0, "and the library says why");
  expect(linear(NULL, b) == PW_INVALID, "so is a call without a stream");
  OK(linear(stream, b));
  expect(strlen(pw_last_error()) == 0, "a success clears the last error");
}

int main(void) {
  pw_device *device = NULL;
  pw_stream *stream = NULL;
  struct buffers b = {NULL, NULL, NULL, NULL};
  OK(pw_device_open(0, NULL, &device));
  if (device == NULL) return 1;
  OK(pw_stream_open(device, &stream));
  OK(pw_alloc(device, N * IN * sizeof(float), &b.x));
  OK(pw_alloc(device, sizeof weight, &b.weight));
  OK(pw_alloc(device, sizeof bias, &b.bias));
  OK(pw_alloc(device, N * OUT * sizeof(float), &b.y));
  if (failures != 0) return 1;
  upload(stream, b.weight, weight, sizeof weight);
  upload(stream, b.bias, bias, sizeof bias);
  run_and_replay(stream, &b);
  refusals(stream, &b);
  OK(pw_free(device, b.x));
  OK(pw_free(device, b.weight));
  OK(pw_free(device, b.bias));
  OK(pw_free(device, b.y));
  OK(pw_stream_close(stream));
  OK(pw_device_close(device));
  return failures == 0 ? 0 : 1;
}
