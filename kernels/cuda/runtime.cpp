// Devices, memory, streams, events and graphs of CUDA. Everything lives in a device's primary
// context, which every copy of the CUDA runtime library in a process shares.

#include <cstdio>
#include <memory>

#include "device.h"
#include "rates.h"
// Behind device.h.
#include "backend.h"

namespace pw::backend {
namespace {

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
  require(context_of(stream, &of_stream) == 0, "stream_adopt: the handle is not a CUDA stream");
  require(of_stream == current,
          "stream_adopt: the stream is not of the device's primary context; make it through the "
          "CUDA runtime library, or with the context of cuDevicePrimaryCtxRetain current");
}

}  // namespace

const char *build_info() { return "Pixelwake " PW_VERSION " CUDA kernels, " PW_CUDA_BUILD; }

int32_t device_count() {
  int found = 0;
  const cudaError_t error = cudaGetDeviceCount(&found);
  if (error != cudaSuccess || found == 0) throw Unsupported(why_none(error));
  return found;
}

pw_device *open(int32_t index, const pw_device_options &) {
  int processors = 0;
  cuda_check(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, index),
             "cudaDeviceGetAttribute");
  auto opened = std::make_unique<pw_device>(pw_device{index, processors});
  opened->use();
  return opened.release();
}

pw_device_info describe(const pw_device &device) {
  cudaDeviceProp properties{};
  cuda_check(cudaGetDeviceProperties(&properties, device.index), "cudaGetDeviceProperties");
  pw_device_info info{};
  info.threads = device.processors;
  info.isa = 100 * properties.major + 10 * properties.minor;
  info.memory_bytes = static_cast<int64_t>(properties.totalGlobalMem);
  std::snprintf(info.name, sizeof info.name, "%.96s, compute capability %d.%d", properties.name,
                properties.major, properties.minor);
  return info;
}

pw_limits limits(pw_device &device) {
  device.use();
  return measure_limits(device);
}

void *allocate(pw_device &device, int64_t bytes) {
  device.use();
  void *memory = nullptr;
  const cudaError_t error = cudaMalloc(&memory, static_cast<size_t>(bytes > 0 ? bytes : 1));
  if (error == cudaErrorMemoryAllocation) {
    (void)cudaGetLastError();
    throw std::bad_alloc();
  }
  cuda_check(error, "cudaMalloc");
  return memory;
}

void release(pw_device &device, void *memory) {
  device.use();
  cuda_check(cudaFree(memory), "cudaFree");
}

void *allocate_host(pw_device &device, int64_t bytes) {
  device.use();
  void *memory = nullptr;
  cuda_check(cudaMallocHost(&memory, static_cast<size_t>(bytes > 0 ? bytes : 1)), "cudaMallocHost");
  return memory;
}

void release_host(pw_device &device, void *memory) {
  device.use();
  cuda_check(cudaFreeHost(memory), "cudaFreeHost");
}

pw_stream *open_stream(pw_device &device) {
  device.use();
  auto opened = std::make_unique<pw_stream>(pw_stream{&device, nullptr});
  cuda_check(cudaStreamCreateWithFlags(&opened->stream, cudaStreamNonBlocking), "cudaStreamCreate");
  return opened.release();
}

pw_stream *adopt_stream(pw_device &device, void *handle) {
  device.use();
  auto adopted =
      std::make_unique<pw_stream>(pw_stream{&device, static_cast<cudaStream_t>(handle), false});
  require_primary_context(adopted->stream);
  return adopted.release();
}

void close(pw_stream *stream) {
  stream->device->use();
  const std::unique_ptr<pw_stream> closed(stream);
  if (closed->owned) cuda_check(cudaStreamDestroy(closed->stream), "cudaStreamDestroy");
}

void synchronize(pw_stream &stream) {
  stream.device->use();
  cuda_check(cudaStreamSynchronize(stream.stream), "cudaStreamSynchronize");
}

void wait(pw_stream &stream, pw_event &event) {
  stream.device->use();
  cuda_check(cudaStreamWaitEvent(stream.stream, event.event, 0), "cudaStreamWaitEvent");
}

void copy(pw_stream &stream, void *to, const void *from, int64_t bytes, int32_t direction) {
  const cudaMemcpyKind kind = direction == PW_HOST_TO_DEVICE   ? cudaMemcpyHostToDevice
                              : direction == PW_DEVICE_TO_HOST ? cudaMemcpyDeviceToHost
                                                               : cudaMemcpyDeviceToDevice;
  stream.device->use();
  cuda_check(cudaMemcpyAsync(to, from, static_cast<size_t>(bytes), kind, stream.stream),
             "cudaMemcpyAsync");
}

void fill(pw_stream &stream, void *memory, int32_t byte, int64_t bytes) {
  stream.device->use();
  cuda_check(cudaMemsetAsync(memory, byte, static_cast<size_t>(bytes), stream.stream),
             "cudaMemsetAsync");
}

pw_event *open_event(pw_device &device) {
  device.use();
  auto opened = std::make_unique<pw_event>(pw_event{&device, nullptr});
  cuda_check(cudaEventCreate(&opened->event), "cudaEventCreate");
  return opened.release();
}

void close(pw_event *event) {
  event->device->use();
  const std::unique_ptr<pw_event> owned(event);
  cuda_check(cudaEventDestroy(owned->event), "cudaEventDestroy");
}

void record(pw_event &event, pw_stream &stream) {
  stream.device->use();
  // Under capture a plain record would only order; the external one is made at every launch.
  const unsigned flags = stream.capturing ? cudaEventRecordExternal : cudaEventRecordDefault;
  cuda_check(cudaEventRecordWithFlags(event.event, stream.stream, flags), "cudaEventRecord");
}

float elapsed(pw_event &from, pw_event &to) {
  to.device->use();
  cuda_check(cudaEventSynchronize(to.event), "cudaEventSynchronize");
  float milliseconds = 0;
  const cudaError_t error = cudaEventElapsedTime(&milliseconds, from.event, to.event);
  require(error != cudaErrorInvalidResourceHandle, "event_elapsed: an event was never recorded");
  cuda_check(error, "cudaEventElapsedTime");
  return milliseconds;
}

void begin_capture(pw_stream &stream) {
  stream.device->use();
  cuda_check(cudaStreamBeginCapture(stream.stream, cudaStreamCaptureModeThreadLocal),
             "cudaStreamBeginCapture");
  stream.capturing = true;
}

pw_graph *end_capture(pw_stream &stream) {
  stream.capturing = false;
  stream.device->use();
  cudaGraph_t captured = nullptr;
  cuda_check(cudaStreamEndCapture(stream.stream, &captured), "cudaStreamEndCapture");
  auto made = std::make_unique<pw_graph>(pw_graph{stream.device, nullptr});
  const cudaError_t error = cudaGraphInstantiate(&made->graph, captured, 0);
  (void)cudaGraphDestroy(captured);
  cuda_check(error, "cudaGraphInstantiate");
  return made.release();
}

void launch(pw_graph &graph, pw_stream &stream) {
  stream.device->use();
  cuda_check(cudaGraphLaunch(graph.graph, stream.stream), "cudaGraphLaunch");
}

void close(pw_graph *graph) {
  graph->device->use();
  const std::unique_ptr<pw_graph> owned(graph);
  cuda_check(cudaGraphExecDestroy(owned->graph), "cudaGraphExecDestroy");
}

}  // namespace pw::backend
