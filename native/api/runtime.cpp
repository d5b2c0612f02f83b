// Devices, memory, streams, events and graphs of the C interface: the arguments are checked here,
// once for all back ends, which do the rest (backend.h).
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "checks.h"
// Behind the device.h that checks.h includes.
#include "backend.h"

namespace pw {
namespace {

thread_local char last_error[512] = "";

// Sizes are rounded up to a huge page at most.
constexpr int64_t kMostBytes = INT64_MAX - (int64_t{2} << 20);

// Runs a runtime function behind the checks of its name.
template <class Body>
pw_status runtime(const char *name, Body &&body) {
  return guard([&] { body(Checks(name)); });
}

void check_device(const Checks &checks, const pw_device *device) {
  checks.require(device != nullptr, "device is null");
}

void check_allocation(const Checks &checks, const pw_device *device, int64_t bytes,
                      void *const *memory) {
  check_device(checks, device);
  checks.require(memory != nullptr, "memory is null");
  checks.require(bytes >= 0, "negative size");
  checks.require(bytes <= kMostBytes, "size out of range");
}

// An event is recorded in, and waited for by, streams of its own device.
void check_event(const Checks &checks, const pw_stream *stream, const pw_event *event) {
  checks.require(stream != nullptr, "stream is null");
  checks.require(event != nullptr, "event is null");
  checks.require(stream->device == event->device, "stream and event are of different devices");
}

void check_not_capturing(const Checks &checks, const pw_stream *stream) {
  checks.require(stream != nullptr, "stream is null");
  checks.require(!stream->is_capturing(), "the stream is being captured");
}

// Refuses a device whose table some family left an entry of empty.
void require_whole(const Kernels &table) {
  using Entry = void (*)();
  static_assert(sizeof(Kernels) % sizeof(Entry) == 0);
  for (size_t i = 0; i < sizeof(Kernels) / sizeof(Entry); ++i) {
    Entry entry;
    std::memcpy(&entry, reinterpret_cast<const char *>(&table) + i * sizeof entry, sizeof entry);
    if (entry == nullptr) {
      throw std::logic_error("device_open: entry " + std::to_string(i) +
                             " of the table of kernels is empty; its family must fill it");
    }
  }
}

}  // namespace

void set_last_error(const char *message) noexcept {
  std::snprintf(last_error, sizeof last_error, "%s", message);
}

}  // namespace pw

namespace backend = pw::backend;
using pw::Checks;
using pw::runtime;

int32_t pw_abi_version(void) { return PW_ABI_VERSION; }

const char *pw_build_info(void) { return backend::build_info(); }

const char *pw_last_error(void) { return pw::last_error; }

int32_t pw_device_count(void) {
  int32_t count = -1;
  runtime("device_count", [&](const Checks &) { count = backend::device_count(); });
  return count;
}

pw_status pw_device_open(int32_t index, const pw_device_options *options, pw_device **device) {
  return runtime("device_open", [&](const Checks &checks) {
    checks.require(device != nullptr, "device is null");
    const int32_t count = backend::device_count();
    if (index < 0 || index >= count) {
      throw pw::Invalid("device_open: there is no device " + std::to_string(index) +
                        "; this backend has " + std::to_string(count) + ", numbered from 0");
    }
    std::unique_ptr<pw_device> opened(
        backend::open(index, options != nullptr ? *options : pw_device_options{}));
    pw::require_whole(*opened->kernels);
    *device = opened.release();
  });
}

pw_status pw_device_close(pw_device *device) {
  return runtime("device_close", [&](const Checks &checks) {
    pw::check_device(checks, device);
    delete device;
  });
}

pw_status pw_device_describe(pw_device *device, pw_device_info *info) {
  return runtime("device_describe", [&](const Checks &checks) {
    pw::check_device(checks, device);
    checks.require(info != nullptr, "info is null");
    *info = backend::describe(*device);
  });
}

pw_status pw_device_limits(pw_device *device, pw_limits *limits) {
  return runtime("device_limits", [&](const Checks &checks) {
    pw::check_device(checks, device);
    checks.require(limits != nullptr, "limits is null");
    *limits = backend::limits(*device);
  });
}

pw_status pw_alloc(pw_device *device, int64_t bytes, void **memory) {
  return runtime("alloc", [&](const Checks &checks) {
    pw::check_allocation(checks, device, bytes, memory);
    *memory = backend::allocate(*device, bytes);
  });
}

pw_status pw_free(pw_device *device, void *memory) {
  return runtime("free", [&](const Checks &checks) {
    pw::check_device(checks, device);
    backend::release(*device, memory);
  });
}

pw_status pw_host_alloc(pw_device *device, int64_t bytes, void **memory) {
  return runtime("host_alloc", [&](const Checks &checks) {
    pw::check_allocation(checks, device, bytes, memory);
    *memory = backend::allocate_host(*device, bytes);
  });
}

pw_status pw_host_free(pw_device *device, void *memory) {
  return runtime("host_free", [&](const Checks &checks) {
    pw::check_device(checks, device);
    backend::release_host(*device, memory);
  });
}

pw_status pw_stream_open(pw_device *device, pw_stream **stream) {
  return runtime("stream_open", [&](const Checks &checks) {
    pw::check_device(checks, device);
    checks.require(stream != nullptr, "stream is null");
    *stream = backend::open_stream(*device);
  });
}

pw_status pw_stream_adopt(pw_device *device, void *handle, pw_stream **stream) {
  return runtime("stream_adopt", [&](const Checks &checks) {
    pw::check_device(checks, device);
    checks.require(stream != nullptr, "stream is null");
    *stream = backend::adopt_stream(*device, handle);
  });
}

pw_status pw_stream_close(pw_stream *stream) {
  return runtime("stream_close", [&](const Checks &checks) {
    checks.require(stream != nullptr, "stream is null");
    backend::close(stream);
  });
}

pw_status pw_stream_synchronize(pw_stream *stream) {
  return runtime("stream_synchronize", [&](const Checks &checks) {
    pw::check_not_capturing(checks, stream);
    backend::synchronize(*stream);
  });
}

pw_status pw_stream_wait(pw_stream *stream, pw_event *event) {
  return runtime("stream_wait", [&](const Checks &checks) {
    pw::check_event(checks, stream, event);
    backend::wait(*stream, *event);
  });
}

pw_status pw_copy(pw_stream *stream, void *to, const void *from, int64_t bytes, int32_t direction) {
  return runtime("copy", [&](const Checks &checks) {
    checks.require(stream != nullptr, "stream is null");
    checks.require(direction >= PW_HOST_TO_DEVICE && direction <= PW_DEVICE_TO_DEVICE,
                   "unknown direction");
    checks.require(bytes >= 0, "negative size");
    checks.require(bytes == 0 || (to != nullptr && from != nullptr), "null memory");
    backend::copy(*stream, to, from, bytes, direction);
  });
}

pw_status pw_fill(pw_stream *stream, void *memory, int32_t byte, int64_t bytes) {
  return runtime("fill", [&](const Checks &checks) {
    checks.require(stream != nullptr, "stream is null");
    checks.require(bytes >= 0, "negative size");
    checks.require(bytes == 0 || memory != nullptr, "null memory");
    backend::fill(*stream, memory, byte, bytes);
  });
}

pw_status pw_event_open(pw_device *device, pw_event **event) {
  return runtime("event_open", [&](const Checks &checks) {
    pw::check_device(checks, device);
    checks.require(event != nullptr, "event is null");
    *event = backend::open_event(*device);
  });
}

pw_status pw_event_close(pw_event *event) {
  return runtime("event_close", [&](const Checks &checks) {
    checks.require(event != nullptr, "event is null");
    backend::close(event);
  });
}

pw_status pw_event_record(pw_event *event, pw_stream *stream) {
  return runtime("event_record", [&](const Checks &checks) {
    pw::check_event(checks, stream, event);
    backend::record(*event, *stream);
  });
}

pw_status pw_event_elapsed(pw_event *from, pw_event *to, float *milliseconds) {
  return runtime("event_elapsed", [&](const Checks &checks) {
    checks.require(from != nullptr && to != nullptr, "an event is null");
    checks.require(milliseconds != nullptr, "milliseconds is null");
    *milliseconds = backend::elapsed(*from, *to);
  });
}

pw_status pw_capture_begin(pw_stream *stream) {
  return runtime("capture_begin", [&](const Checks &checks) {
    checks.require(stream != nullptr, "stream is null");
    checks.require(!stream->is_capturing(), "the stream is being captured already");
    backend::begin_capture(*stream);
  });
}

pw_status pw_capture_end(pw_stream *stream, pw_graph **graph) {
  return runtime("capture_end", [&](const Checks &checks) {
    checks.require(stream != nullptr, "stream is null");
    checks.require(graph != nullptr, "graph is null");
    checks.require(stream->is_capturing(), "the stream is not being captured");
    *graph = backend::end_capture(*stream);
  });
}

pw_status pw_graph_launch(pw_graph *graph, pw_stream *stream) {
  return runtime("graph_launch", [&](const Checks &checks) {
    checks.require(graph != nullptr, "graph is null");
    pw::check_not_capturing(checks, stream);
    backend::launch(*graph, *stream);
  });
}

pw_status pw_graph_close(pw_graph *graph) {
  return runtime("graph_close", [&](const Checks &checks) {
    checks.require(graph != nullptr, "graph is null");
    backend::close(graph);
  });
}
