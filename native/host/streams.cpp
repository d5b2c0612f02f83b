// Streams, events and graphs of backends on the host. Every stream runs its work at once, on the
// thread that submits it; so whatever was submitted before has also been done.

#include <chrono>

#include "device.h"
// Behind device.h.
#include "backend.h"

namespace pw::backend {
namespace {

int64_t now() {
  using namespace std::chrono;
  return duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace

void *allocate_host(pw_device &device, int64_t bytes) { return allocate(device, bytes); }

void release_host(pw_device &device, void *memory) { release(device, memory); }

pw_stream *open_stream(pw_device &device) { return new pw_stream{&device}; }

pw_stream *adopt_stream(pw_device &, void *) {
  throw Unsupported(
      "stream_adopt: this backend runs on the host, which has no CUDA streams; open a device of "
      "the cuda backend");
}

void close(pw_stream *stream) {
  delete stream->capturing;
  delete stream;
}

void synchronize(pw_stream &) {
  // Whatever was submitted is done.
}

void wait(pw_stream &, pw_event &) {
  // What was recorded is done already, in a captured stream too: launches run in the caller's
  // order.
}

void copy(pw_stream &stream, void *to, const void *from, int64_t bytes, int32_t) {
  pw_device *device = stream.device;
  submit(&stream, [=] { copy_bytes(device, to, from, bytes); });
}

void fill(pw_stream &stream, void *memory, int32_t byte, int64_t bytes) {
  pw_device *device = stream.device;
  submit(&stream, [=] { fill_bytes(device, memory, byte, bytes); });
}

pw_event *open_event(pw_device &device) { return new pw_event{&device}; }

void close(pw_event *event) { delete event; }

void record(pw_event &event, pw_stream &stream) {
  submit(&stream, [&event] { event.nanoseconds.store(now()); });
}

float elapsed(pw_event &from, pw_event &to) {
  const int64_t begin = from.nanoseconds.load(), end = to.nanoseconds.load();
  require(begin != pw_event::kNever && end != pw_event::kNever,
          "event_elapsed: an event was never recorded");
  return static_cast<float>(static_cast<double>(end - begin) * 1e-6);
}

void begin_capture(pw_stream &stream) { stream.capturing = new pw_graph; }

pw_graph *end_capture(pw_stream &stream) { return std::exchange(stream.capturing, nullptr); }

void launch(pw_graph &graph, pw_stream &) {
  for (const auto &node : graph.nodes) node();
}

void close(pw_graph *graph) { delete graph; }

}  // namespace pw::backend
