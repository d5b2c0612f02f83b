// Streams, events and graphs of backends on the host. Every stream runs its work at once, on the
// thread that submits it; so whatever was submitted before has also been done.

#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>

#include "device.h"

struct pw_event {
  pw_device *device = nullptr;
  std::atomic<int64_t> nanoseconds{kNever};  // of the steady clock
  static constexpr int64_t kNever = INT64_MIN;
};

namespace pw {
namespace {

thread_local char last_error[512] = "";

int64_t now() {
  using namespace std::chrono;
  return duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace

void set_last_error(const char *message) noexcept {
  std::snprintf(last_error, sizeof last_error, "%s", message);
}

}  // namespace pw

using pw::guard;
using pw::require;

const char *pw_last_error(void) { return pw::last_error; }

pw_status pw_stream_open(pw_device *device, pw_stream **stream) {
  return guard([&] {
    require(device != nullptr && stream != nullptr, "stream_open: null argument");
    *stream = new pw_stream{device};
  });
}

pw_status pw_stream_adopt(pw_device *device, void *, pw_stream **stream) {
  return guard([&] {
    require(device != nullptr && stream != nullptr, "stream_adopt: null argument");
    throw pw::Unsupported(
        "stream_adopt: this backend runs on the host, which has no CUDA streams; open a device of "
        "the cuda backend");
  });
}

pw_status pw_stream_close(pw_stream *stream) {
  return guard([&] {
    require(stream != nullptr, "stream_close: stream is null");
    delete stream->capturing;
    delete stream;
  });
}

pw_status pw_stream_synchronize(pw_stream *stream) {
  return guard([&] {
    require(stream != nullptr, "stream_synchronize: stream is null");
    require(stream->capturing == nullptr, "stream_synchronize: the stream is being captured");
  });
}

pw_status pw_stream_wait(pw_stream *stream, pw_event *event) {
  return guard([&] {
    // What was recorded is done already, in a captured stream too: launches run in the caller's
    // order.
    require(stream != nullptr && event != nullptr, "stream_wait: null argument");
    require(stream->device == event->device,
            "stream_wait: stream and event are of different devices");
  });
}

pw_status pw_copy(pw_stream *stream, void *to, const void *from, int64_t bytes, int32_t direction) {
  return guard([&] {
    require(stream != nullptr, "copy: stream is null");
    require(direction >= PW_HOST_TO_DEVICE && direction <= PW_DEVICE_TO_DEVICE,
            "copy: unknown direction");
    require(bytes >= 0, "copy: negative size");
    require(bytes == 0 || (to != nullptr && from != nullptr), "copy: null memory");
    pw_device *device = stream->device;
    pw::submit(stream, [=] { pw::copy_bytes(device, to, from, bytes); });
  });
}

pw_status pw_fill(pw_stream *stream, void *memory, int32_t byte, int64_t bytes) {
  return guard([&] {
    require(stream != nullptr, "fill: stream is null");
    require(bytes >= 0, "fill: negative size");
    require(bytes == 0 || memory != nullptr, "fill: null memory");
    pw_device *device = stream->device;
    pw::submit(stream, [=] { pw::fill_bytes(device, memory, byte, bytes); });
  });
}

pw_status pw_event_open(pw_device *device, pw_event **event) {
  return guard([&] {
    require(device != nullptr && event != nullptr, "event_open: null argument");
    auto opened = std::make_unique<pw_event>();
    opened->device = device;
    *event = opened.release();
  });
}

pw_status pw_event_close(pw_event *event) {
  return guard([&] {
    require(event != nullptr, "event_close: event is null");
    delete event;
  });
}

pw_status pw_event_record(pw_event *event, pw_stream *stream) {
  return guard([&] {
    require(stream != nullptr && event != nullptr, "event_record: null argument");
    require(stream->device == event->device,
            "event_record: stream and event are of different devices");
    pw::submit(stream, [=] { event->nanoseconds.store(pw::now()); });
  });
}

pw_status pw_event_elapsed(pw_event *from, pw_event *to, float *milliseconds) {
  return guard([&] {
    require(from != nullptr && to != nullptr && milliseconds != nullptr,
            "event_elapsed: null argument");
    const int64_t begin = from->nanoseconds.load(), end = to->nanoseconds.load();
    require(begin != pw_event::kNever && end != pw_event::kNever,
            "event_elapsed: an event was never recorded");
    *milliseconds = static_cast<float>(static_cast<double>(end - begin) * 1e-6);
  });
}

pw_status pw_capture_begin(pw_stream *stream) {
  return guard([&] {
    require(stream != nullptr, "capture_begin: stream is null");
    require(stream->capturing == nullptr, "capture_begin: the stream is being captured already");
    stream->capturing = new pw_graph;
  });
}

pw_status pw_capture_end(pw_stream *stream, pw_graph **graph) {
  return guard([&] {
    require(stream != nullptr && graph != nullptr, "capture_end: null argument");
    require(stream->capturing != nullptr, "capture_end: the stream is not being captured");
    *graph = std::exchange(stream->capturing, nullptr);
  });
}

pw_status pw_graph_launch(pw_graph *graph, pw_stream *stream) {
  return guard([&] {
    require(graph != nullptr && stream != nullptr, "graph_launch: null argument");
    require(stream->capturing == nullptr, "graph_launch: the stream is being captured");
    for (const auto &node : graph->nodes) node();
  });
}

pw_status pw_graph_close(pw_graph *graph) {
  return guard([&] {
    require(graph != nullptr, "graph_close: graph is null");
    delete graph;
  });
}
