// Devices, memory, streams, events and graphs of CUDA. Everything lives in a device's primary
// context, which every copy of the CUDA runtime library in a process shares.

#include <cstdio>
#include <memory>

#include "device.h"
#include "rates.h"

struct pw_event {
  pw_device *device;
  cudaEvent_t event;
};

struct pw_graph {
  pw_device *device;
  cudaGraphExec_t graph;
};

namespace pw {
namespace {

thread_local char last_error[512] = "";

std::string version(int number) {
  return std::to_string(number / 1000) + "." + std::to_string(number % 1000 / 10);
}

// Why there is no device to open.
std::string why_none(cudaError_t error) {
  int driver = 0, runtime = 0;
  (void)cudaDriverGetVersion(&driver);
  (void)cudaRuntimeGetVersion(&runtime);
  if (driver == 0) return "no NVIDIA driver is installed";
  if (error == cudaErrorInsufficientDriver) {
    return "the NVIDIA driver is for CUDA " + version(driver) + ", these kernels need " +
           version(runtime);
  }
  if (error == cudaErrorNoDevice || error == cudaSuccess) return "no NVIDIA GPU was found";
  return cudaGetErrorString(error);
}

// A function of the driver, which is not linked, so that the library loads where there is none.
template <class Function>
Function driver_function(const char *name) {
  void *found = nullptr;
  cudaDriverEntryPointQueryResult result{};
#if CUDART_VERSION >= 12050
  const cudaError_t error =
      cudaGetDriverEntryPointByVersion(name, &found, 9020, cudaEnableDefault, &result);
#else
  const cudaError_t error = cudaGetDriverEntryPoint(name, &found, cudaEnableDefault, &result);
#endif
  cuda_check(error, "cudaGetDriverEntryPoint");
  if (result != cudaDriverEntryPointSuccess || found == nullptr) {
    throw Unsupported(std::string("the NVIDIA driver lacks ") + name);
  }
  return reinterpret_cast<Function>(found);
}

// Launches into a stream of another context fail far from where it was handed over, or address
// memory that the other context does not see.
void require_primary_context(cudaStream_t stream) {
  if (stream == nullptr || stream == cudaStreamLegacy || stream == cudaStreamPerThread) return;
  // Older runtime libraries make the context at the first call that needs it.
  cuda_check(cudaFree(nullptr), "cudaFree");
  void *current = nullptr, *of_stream = nullptr;
  const auto context_of_thread = driver_function<int (*)(void **)>("cuCtxGetCurrent");
  const auto context_of = driver_function<int (*)(cudaStream_t, void **)>("cuStreamGetCtx");
  require(context_of_thread(&current) == 0, "stream_adopt: the device has no context");
  require(context_of(stream, &of_stream) == 0, "stream_adopt: the handle is no CUDA stream");
  require(of_stream == current,
          "stream_adopt: the stream is not of the device's primary context; make it through the "
          "CUDA runtime library, or with the context of cuDevicePrimaryCtxRetain current");
}

}  // namespace

void set_last_error(const char *message) noexcept {
  std::snprintf(last_error, sizeof last_error, "%s", message);
}

}  // namespace pw

using pw::cuda_check;
using pw::guard;
using pw::require;

int32_t pw_abi_version(void) { return PW_ABI_VERSION; }

const char *pw_build_info(void) { return "Pixelwake " PW_VERSION " CUDA kernels, " PW_CUDA_BUILD; }

const char *pw_last_error(void) { return pw::last_error; }

int32_t pw_device_count(void) {
  int32_t count = -1;
  const pw_status status = guard([&] {
    int found = 0;
    const cudaError_t error = cudaGetDeviceCount(&found);
    if (error != cudaSuccess || found == 0) throw pw::Unsupported(pw::why_none(error));
    count = found;
  });
  return status == PW_OK ? count : -1;
}

pw_status pw_device_open(int32_t index, const pw_device_options *, pw_device **device) {
  return guard([&] {
    require(device != nullptr, "device_open: device is null");
    int count = 0;
    const cudaError_t error = cudaGetDeviceCount(&count);
    if (error != cudaSuccess || count == 0) throw pw::Unsupported(pw::why_none(error));
    if (index < 0 || index >= count) {
      throw pw::Invalid("device_open: there is no GPU " + std::to_string(index) + " among " +
                        std::to_string(count));
    }
    int processors = 0;
    cuda_check(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, index),
               "cudaDeviceGetAttribute");
    auto opened = std::make_unique<pw_device>(pw_device{index, processors});
    opened->use();
    *device = opened.release();
  });
}

pw_status pw_device_close(pw_device *device) {
  return guard([&] {
    require(device != nullptr, "device_close: device is null");
    delete device;
  });
}

pw_status pw_device_describe(pw_device *device, pw_device_info *info) {
  return guard([&] {
    require(device != nullptr && info != nullptr, "device_describe: null argument");
    cudaDeviceProp properties{};
    cuda_check(cudaGetDeviceProperties(&properties, device->index), "cudaGetDeviceProperties");
    pw_device_info answer{};
    answer.threads = device->processors;
    answer.isa = 100 * properties.major + 10 * properties.minor;
    answer.memory_bytes = static_cast<int64_t>(properties.totalGlobalMem);
    std::snprintf(answer.name, sizeof answer.name, "%.96s, compute capability %d.%d",
                  properties.name, properties.major, properties.minor);
    *info = answer;
  });
}

pw_status pw_device_limits(pw_device *device, pw_limits *limits) {
  return guard([&] {
    require(device != nullptr && limits != nullptr, "device_limits: null argument");
    device->use();
    *limits = pw::measure_limits(*device);
  });
}

pw_status pw_alloc(pw_device *device, int64_t bytes, void **memory) {
  return guard([&] {
    require(device != nullptr && memory != nullptr, "alloc: null argument");
    require(bytes >= 0, "alloc: negative size");
    device->use();
    const cudaError_t error = cudaMalloc(memory, static_cast<size_t>(bytes > 0 ? bytes : 1));
    if (error == cudaErrorMemoryAllocation) {
      (void)cudaGetLastError();
      throw std::bad_alloc();
    }
    cuda_check(error, "cudaMalloc");
  });
}

pw_status pw_free(pw_device *device, void *memory) {
  return guard([&] {
    require(device != nullptr, "free: device is null");
    device->use();
    cuda_check(cudaFree(memory), "cudaFree");
  });
}

pw_status pw_host_alloc(pw_device *device, int64_t bytes, void **memory) {
  return guard([&] {
    require(device != nullptr && memory != nullptr, "host_alloc: null argument");
    require(bytes >= 0, "host_alloc: negative size");
    device->use();
    cuda_check(cudaMallocHost(memory, static_cast<size_t>(bytes > 0 ? bytes : 1)),
               "cudaMallocHost");
  });
}

pw_status pw_host_free(pw_device *device, void *memory) {
  return guard([&] {
    require(device != nullptr, "host_free: device is null");
    device->use();
    cuda_check(cudaFreeHost(memory), "cudaFreeHost");
  });
}

pw_status pw_stream_open(pw_device *device, pw_stream **stream) {
  return guard([&] {
    require(device != nullptr && stream != nullptr, "stream_open: null argument");
    device->use();
    auto opened = std::make_unique<pw_stream>(pw_stream{device, nullptr});
    cuda_check(cudaStreamCreateWithFlags(&opened->stream, cudaStreamNonBlocking),
               "cudaStreamCreate");
    *stream = opened.release();
  });
}

pw_status pw_stream_adopt(pw_device *device, void *handle, pw_stream **stream) {
  return guard([&] {
    require(device != nullptr && stream != nullptr, "stream_adopt: null argument");
    device->use();
    auto adopted =
        std::make_unique<pw_stream>(pw_stream{device, static_cast<cudaStream_t>(handle), false});
    pw::require_primary_context(adopted->stream);
    *stream = adopted.release();
  });
}

pw_status pw_stream_close(pw_stream *stream) {
  return guard([&] {
    require(stream != nullptr, "stream_close: stream is null");
    stream->device->use();
    const std::unique_ptr<pw_stream> closed(stream);
    if (closed->owned) cuda_check(cudaStreamDestroy(closed->stream), "cudaStreamDestroy");
  });
}

pw_status pw_stream_synchronize(pw_stream *stream) {
  return guard([&] {
    require(stream != nullptr, "stream_synchronize: stream is null");
    require(!stream->capturing, "stream_synchronize: the stream is being captured");
    stream->device->use();
    cuda_check(cudaStreamSynchronize(stream->stream), "cudaStreamSynchronize");
  });
}

pw_status pw_stream_wait(pw_stream *stream, pw_event *event) {
  return guard([&] {
    require(stream != nullptr && event != nullptr, "stream_wait: null argument");
    require(stream->device == event->device,
            "stream_wait: stream and event are of different devices");
    stream->device->use();
    cuda_check(cudaStreamWaitEvent(stream->stream, event->event, 0), "cudaStreamWaitEvent");
  });
}

pw_status pw_copy(pw_stream *stream, void *to, const void *from, int64_t bytes, int32_t direction) {
  return guard([&] {
    require(stream != nullptr, "copy: stream is null");
    require(direction >= PW_HOST_TO_DEVICE && direction <= PW_DEVICE_TO_DEVICE,
            "copy: unknown direction");
    require(bytes >= 0, "copy: negative size");
    require(bytes == 0 || (to != nullptr && from != nullptr), "copy: null memory");
    const cudaMemcpyKind kind = direction == PW_HOST_TO_DEVICE   ? cudaMemcpyHostToDevice
                                : direction == PW_DEVICE_TO_HOST ? cudaMemcpyDeviceToHost
                                                                 : cudaMemcpyDeviceToDevice;
    stream->device->use();
    cuda_check(cudaMemcpyAsync(to, from, static_cast<size_t>(bytes), kind, stream->stream),
               "cudaMemcpyAsync");
  });
}

pw_status pw_fill(pw_stream *stream, void *memory, int32_t byte, int64_t bytes) {
  return guard([&] {
    require(stream != nullptr, "fill: stream is null");
    require(bytes >= 0, "fill: negative size");
    require(bytes == 0 || memory != nullptr, "fill: null memory");
    stream->device->use();
    cuda_check(cudaMemsetAsync(memory, byte, static_cast<size_t>(bytes), stream->stream),
               "cudaMemsetAsync");
  });
}

pw_status pw_event_open(pw_device *device, pw_event **event) {
  return guard([&] {
    require(device != nullptr && event != nullptr, "event_open: null argument");
    device->use();
    auto opened = std::make_unique<pw_event>(pw_event{device, nullptr});
    cuda_check(cudaEventCreate(&opened->event), "cudaEventCreate");
    *event = opened.release();
  });
}

pw_status pw_event_close(pw_event *event) {
  return guard([&] {
    require(event != nullptr, "event_close: event is null");
    event->device->use();
    const std::unique_ptr<pw_event> owned(event);
    cuda_check(cudaEventDestroy(owned->event), "cudaEventDestroy");
  });
}

pw_status pw_event_record(pw_event *event, pw_stream *stream) {
  return guard([&] {
    require(stream != nullptr && event != nullptr, "event_record: null argument");
    require(stream->device == event->device,
            "event_record: stream and event are of different devices");
    stream->device->use();
    // Under capture a plain record would only order; the external one is made at every launch.
    const unsigned flags = stream->capturing ? cudaEventRecordExternal : cudaEventRecordDefault;
    cuda_check(cudaEventRecordWithFlags(event->event, stream->stream, flags), "cudaEventRecord");
  });
}

pw_status pw_event_elapsed(pw_event *from, pw_event *to, float *milliseconds) {
  return guard([&] {
    require(from != nullptr && to != nullptr && milliseconds != nullptr,
            "event_elapsed: null argument");
    to->device->use();
    cuda_check(cudaEventSynchronize(to->event), "cudaEventSynchronize");
    const cudaError_t error = cudaEventElapsedTime(milliseconds, from->event, to->event);
    require(error != cudaErrorInvalidResourceHandle, "event_elapsed: an event was never recorded");
    cuda_check(error, "cudaEventElapsedTime");
  });
}

pw_status pw_capture_begin(pw_stream *stream) {
  return guard([&] {
    require(stream != nullptr, "capture_begin: stream is null");
    require(!stream->capturing, "capture_begin: the stream is being captured already");
    stream->device->use();
    cuda_check(cudaStreamBeginCapture(stream->stream, cudaStreamCaptureModeThreadLocal),
               "cudaStreamBeginCapture");
    stream->capturing = true;
  });
}

pw_status pw_capture_end(pw_stream *stream, pw_graph **graph) {
  return guard([&] {
    require(stream != nullptr && graph != nullptr, "capture_end: null argument");
    require(stream->capturing, "capture_end: the stream is not being captured");
    stream->capturing = false;
    stream->device->use();
    cudaGraph_t captured = nullptr;
    cuda_check(cudaStreamEndCapture(stream->stream, &captured), "cudaStreamEndCapture");
    auto made = std::make_unique<pw_graph>(pw_graph{stream->device, nullptr});
    const cudaError_t error = cudaGraphInstantiate(&made->graph, captured, 0);
    (void)cudaGraphDestroy(captured);
    cuda_check(error, "cudaGraphInstantiate");
    *graph = made.release();
  });
}

pw_status pw_graph_launch(pw_graph *graph, pw_stream *stream) {
  return guard([&] {
    require(graph != nullptr && stream != nullptr, "graph_launch: null argument");
    require(!stream->capturing, "graph_launch: the stream is being captured");
    stream->device->use();
    cuda_check(cudaGraphLaunch(graph->graph, stream->stream), "cudaGraphLaunch");
  });
}

pw_status pw_graph_close(pw_graph *graph) {
  return guard([&] {
    require(graph != nullptr, "graph_close: graph is null");
    graph->device->use();
    const std::unique_ptr<pw_graph> owned(graph);
    cuda_check(cudaGraphExecDestroy(owned->graph), "cudaGraphExecDestroy");
  });
}
