/* The header is plain C, the library links to a C program, and the runtime calls do what they say.
 */
#include <pixelwake/kernels.h>
#include <stdio.h>
#include <string.h>

#define COUNT 1000
#define BYTES ((int64_t)(COUNT * sizeof(float)))

static int failures = 0;

static void expect(int truth, const char *what) {
  if (!truth) {
    fprintf(stderr, "failed: %s (last error: \"%s\")\n", what, pw_last_error());
    ++failures;
  }
}

#define OK(call) expect((call) == PW_OK, #call)

static void copies(pw_device *device, pw_stream *stream, float *host, float *memory) {
  float back[COUNT];
  memset(back, 0, sizeof back);
  for (int i = 0; i < COUNT; ++i) host[i] = 0.5f * (float)i - 3;
  OK(pw_copy(stream, memory, host, BYTES, PW_HOST_TO_DEVICE));
  OK(pw_copy(stream, back, memory, BYTES, PW_DEVICE_TO_HOST));
  OK(pw_stream_synchronize(stream));
  expect(memcmp(back, host, sizeof back) == 0, "a copy there and back keeps every bit");

  OK(pw_fill(stream, memory, 0, BYTES / 2));
  OK(pw_copy(stream, back, memory, BYTES, PW_DEVICE_TO_HOST));
  OK(pw_stream_synchronize(stream));
  expect(back[COUNT / 2 - 1] == 0 && back[COUNT / 2] == host[COUNT / 2],
         "a fill ends where it says");

  pw_event *from = NULL;
  pw_event *to = NULL;
  float milliseconds = -1;
  OK(pw_event_open(device, &from));
  OK(pw_event_open(device, &to));
  OK(pw_event_record(from, stream));
  OK(pw_event_record(to, stream));
  OK(pw_event_elapsed(from, to, &milliseconds));
  expect(milliseconds >= 0, "time does not run backwards");
  OK(pw_event_close(from));
  OK(pw_event_close(to));
}

static void replay(pw_stream *stream, const float *host, float *memory) {
  float back[COUNT];
  pw_graph *graph = NULL;
  OK(pw_fill(stream, memory, 0, BYTES));
  OK(pw_capture_begin(stream));
  OK(pw_copy(stream, memory, host, BYTES, PW_HOST_TO_DEVICE));
  OK(pw_capture_end(stream, &graph));
  OK(pw_copy(stream, back, memory, BYTES, PW_DEVICE_TO_HOST));
  OK(pw_stream_synchronize(stream));
  expect(back[1] == 0 && back[COUNT - 1] == 0, "what is captured does not run");
  OK(pw_graph_launch(graph, stream));
  OK(pw_copy(stream, back, memory, BYTES, PW_DEVICE_TO_HOST));
  OK(pw_stream_synchronize(stream));
  expect(memcmp(back, host, sizeof back) == 0, "a launch runs what was captured");
  OK(pw_graph_close(graph));
}

int main(void) {
  pw_device_options options = {2, PW_ISA_BEST};
  pw_device_info info;
  pw_device *device = NULL;
  pw_stream *stream = NULL;
  void *host = NULL;
  void *memory = NULL;

  expect(pw_abi_version() == PW_ABI_VERSION, "header and library are of one version");
  expect(strlen(pw_build_info()) > 0, "the library says how it was built");
  expect(pw_device_count() >= 1, "there is a device");
  OK(pw_device_open(0, &options, &device));
  if (device == NULL) return 1;
  OK(pw_device_describe(device, &info));
  printf("%s, %d threads, %s\n", info.name, (int)info.threads, pw_build_info());
  expect(info.threads == 2, "the device has the threads that were asked for");

  OK(pw_stream_open(device, &stream));
  OK(pw_host_alloc(device, BYTES, &host));
  OK(pw_alloc(device, BYTES, &memory));
  if (stream == NULL || host == NULL || memory == NULL) return 1;
  copies(device, stream, host, memory);
  replay(stream, host, memory);

  pw_stream *adopted = NULL;
  expect(pw_stream_adopt(device, NULL, &adopted) == PW_UNSUPPORTED && adopted == NULL,
         "the host has no CUDA streams to adopt");
  expect(strstr(pw_last_error(), "CUDA streams") != NULL, "and says so");

  pw_device *none = NULL;
  expect(pw_device_open(9999, &options, &none) != PW_OK,
         "a device that is not there does not open");
  expect(none == NULL && strlen(pw_last_error()) > 0, "and the library says why");

  OK(pw_free(device, memory));
  OK(pw_host_free(device, host));
  OK(pw_stream_close(stream));
  OK(pw_device_close(device));
  return failures == 0 ? 0 : 1;
}
