// A GPU, and what the C interface needs of its streams.
#pragma once

#include <cuda_runtime_api.h>

#include <string>
#include <utility>

#include "fill.h"
#include "pool.h"
#include "status.h"

struct pw_device {
  int index;
  int processors;  // streaming multiprocessors
  const pw::Kernels *kernels = &pw::kernels();

  int threads() const { return processors; }
  // Makes it the calling thread's; every call of the runtime library needs that.
  void use() const { pw::cuda_check(cudaSetDevice(index), "cudaSetDevice"); }
};

struct pw_stream {
  pw_device *device;
  cudaStream_t stream;
  bool owned = true;  // false: the caller's, which outlives this
  bool capturing = false;

  bool is_capturing() const { return capturing; }
};

struct pw_event {
  pw_device *device;
  cudaEvent_t event;
};

struct pw_graph {
  pw_device *device;
  cudaGraphExec_t graph;
};

namespace pw {

// What submitted work needs of its stream.
class Context {
 public:
  explicit Context(const pw_stream *stream)
      : device_(stream->device), pool_(stream->stream, stream->device->processors) {}
  const Kernels &kernels() const { return *device_->kernels; }
  Pool &pool() const { return pool_; }

 private:
  const pw_device *device_;
  mutable Pool pool_;
};

// Gives the work to the stream, which notes it while it is being captured.
template <class Work>
void submit(pw_stream *stream, Work &&work) {
  stream->device->use();
  std::forward<Work>(work)();
}

}  // namespace pw
