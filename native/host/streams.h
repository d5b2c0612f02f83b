// Streams, events and graphs of backends on the host; included by their device.h behind pw_device.
#pragma once

#include <atomic>
#include <functional>
#include <utility>
#include <vector>

struct pw_graph {
  std::vector<std::function<void()>> nodes;
};

struct pw_stream {
  pw_device *device;
  pw_graph *capturing = nullptr;

  bool is_capturing() const { return capturing != nullptr; }
};

struct pw_event {
  static constexpr int64_t kNever = INT64_MIN;
  pw_device *device;
  std::atomic<int64_t> nanoseconds{kNever};  // of the steady clock
};

namespace pw {

// What submitted work needs of its stream.
class Context {
 public:
  explicit Context(const pw_stream *stream) : device_(stream->device) {}
  const Kernels &kernels() const { return *device_->kernels; }
  Pool &pool() const { return device_->pool; }

 private:
  pw_device *device_;
};

// Runs the work now, or notes it when the stream is being captured. `work` holds copies of
// descriptors and views, never references to the caller's.
template <class Work>
void submit(pw_stream *stream, Work &&work) {
  if (stream->is_capturing()) {
    stream->capturing->nodes.emplace_back(std::forward<Work>(work));
  } else {
    work();
  }
}

// Done at once; both ends are memory of the host.
void copy_bytes(pw_device *device, void *to, const void *from, int64_t bytes);
void fill_bytes(pw_device *device, void *memory, int32_t byte, int64_t bytes);

}  // namespace pw
