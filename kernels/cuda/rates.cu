#include <algorithm>
#include <functional>
#include <memory>
#include <vector>

#include "mma.h"
#include "rates.h"
#include "transform.h"

namespace pw {
namespace {

constexpr int kRepetitions = 9;
constexpr int kChains = 8;  // independent operations of a thread
constexpr int kRounds = 4096;

struct Free {
  void operator()(float *memory) const { (void)cudaFree(memory); }
};
using Buffer = std::unique_ptr<float, Free>;

Buffer buffer(int64_t bytes) {
  void *memory = nullptr;
  cuda_check(cudaMalloc(&memory, static_cast<size_t>(bytes)), "cudaMalloc");
  Buffer owned(static_cast<float *>(memory));
  cuda_check(cudaMemset(memory, 0, static_cast<size_t>(bytes)), "cudaMemset");
  return owned;
}

struct Event {
  cudaEvent_t event = nullptr;
  Event() { cuda_check(cudaEventCreate(&event), "cudaEventCreate"); }
  ~Event() { (void)cudaEventDestroy(event); }
  Event(const Event &) = delete;
  Event &operator=(const Event &) = delete;
};

struct Stream {
  cudaStream_t stream = nullptr;
  Stream() {
    cuda_check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "cudaStreamCreate");
  }
  ~Stream() { (void)cudaStreamDestroy(stream); }
  Stream(const Stream &) = delete;
  Stream &operator=(const Stream &) = delete;
};

// Rates of `work` a second, each repetition between two events, after one that does not count.
std::vector<double> rates(const Stream &stream, double work, const std::function<void()> &run) {
  const Event from, to;
  std::vector<double> found;
  for (int i = 0; i <= kRepetitions; ++i) {
    cuda_check(cudaEventRecord(from.event, stream.stream), "cudaEventRecord");
    run();
    cuda_check(cudaEventRecord(to.event, stream.stream), "cudaEventRecord");
    cuda_check(cudaEventSynchronize(to.event), "cudaEventSynchronize");
    float milliseconds = 0;
    cuda_check(cudaEventElapsedTime(&milliseconds, from.event, to.event), "cudaEventElapsedTime");
    if (i > 0) found.push_back(work / (static_cast<double>(milliseconds) * 1e-3));
  }
  std::sort(found.begin(), found.end());
  return found;
}
float best(const std::vector<double> &found) { return static_cast<float>(found.back()); }
float median(const std::vector<double> &found) {
  return static_cast<float>(found[found.size() / 2]);
}

// Results are stored where a condition holds that never does, so that the work is not dropped.
__global__ void fma_chains(float factor, float *out) {
  float x[kChains];
  PW_UNROLL
  for (int k = 0; k < kChains; ++k) x[k] = static_cast<float>(threadIdx.x + k);
  for (int i = 0; i < kRounds; ++i) {
    PW_UNROLL
    for (int k = 0; k < kChains; ++k) x[k] = x[k] * factor + factor;
  }
  float sum = 0;
  PW_UNROLL
  for (int k = 0; k < kChains; ++k) sum += x[k];
  if (sum == -1.0f) out[threadIdx.x] = sum;
}

__global__ void silu_chains(float factor, float *out) {
  float x[kChains];
  PW_UNROLL
  for (int k = 0; k < kChains; ++k) x[k] = factor * static_cast<float>(threadIdx.x + k);
  for (int i = 0; i < kRounds / 8; ++i) {
    PW_UNROLL
    for (int k = 0; k < kChains; ++k) x[k] = silu(x[k]);
  }
  float sum = 0;
  PW_UNROLL
  for (int k = 0; k < kChains; ++k) sum += x[k];
  if (sum == -1.0f) out[threadIdx.x] = sum;
}

__global__ void mma_chains(uint32_t bits, float *out) {
  const uint32_t a[4] = {bits, bits, bits, bits}, b[2] = {bits, bits};
  float d[kChains][4] = {};
  for (int i = 0; i < kRounds; ++i) {
    PW_UNROLL
    for (int k = 0; k < kChains; ++k) mma(d[k], a, b);
  }
  float sum = 0;
  PW_UNROLL
  for (int k = 0; k < kChains; ++k) sum += d[k][0] + d[k][1] + d[k][2] + d[k][3];
  if (sum == -1.0f) out[threadIdx.x] = sum;
}

// In place, 16 bytes a thread and turn.
__global__ void increment(float4 *data, int64_t count, int turns) {
  for (int turn = 0; turn < turns; ++turn) {
    for (int64_t i = first_item(); i < count; i += item_step()) {
      float4 v = data[i];
      v.x += 1;
      v.y += 1;
      v.z += 1;
      v.w += 1;
      data[i] = v;
    }
  }
}

std::vector<double> byte_rates(const Stream &stream, int processors, int64_t bytes, int turns) {
  const Buffer data = buffer(bytes);
  const int64_t count = bytes / static_cast<int64_t>(sizeof(float4));
  const auto blocks = static_cast<unsigned>(least(ceil_div(count, kThreads), 16 * processors));
  return rates(stream, 2.0 * static_cast<double>(bytes) * turns, [&] {
    increment<<<blocks, kThreads, 0, stream.stream>>>(reinterpret_cast<float4 *>(data.get()), count,
                                                      turns);
    cuda_check(cudaGetLastError(), "launch");
  });
}

}  // namespace

pw_limits measure_limits(const pw_device &device) {
  const Stream stream;
  const Buffer out = buffer(4096);
  const int blocks = 8 * device.processors;
  const double chains = static_cast<double>(blocks) * kThreads * kChains;
  const auto arithmetic = [&](double work, auto kernel, auto argument) {
    return best(rates(stream, work, [&] {
      kernel<<<static_cast<unsigned>(blocks), kThreads, 0, stream.stream>>>(argument, out.get());
      cuda_check(cudaGetLastError(), "launch");
    }));
  };
  pw_limits limits{};
  limits.fma = arithmetic(2.0 * kRounds * chains, fma_chains, 0.5f);
  constexpr double kProduct = 2.0 * kMmaRows * kMmaColumns * kMmaDepth / 32;  // of a lane
  limits.dot = arithmetic(kProduct * kRounds * chains, mma_chains, uint32_t{0});
  limits.silu = arithmetic(kRounds / 8.0 * chains, silu_chains, 0.5f);
  size_t free_bytes = 0, all_bytes = 0;
  cuda_check(cudaMemGetInfo(&free_bytes, &all_bytes), "cudaMemGetInfo");
  int cache_bytes = 0;
  cuda_check(cudaDeviceGetAttribute(&cache_bytes, cudaDevAttrL2CacheSize, device.index),
             "cudaDeviceGetAttribute");
  const int64_t large = least(int64_t{1} << 30, static_cast<int64_t>(free_bytes / 4)) / 256 * 256;
  limits.memory = median(byte_rates(stream, device.processors, large, 1));
  // A quarter of the cache: halves of it may serve halves of the processors.
  limits.cache = best(byte_rates(stream, device.processors, most(1 << 20, cache_bytes / 4), 32));
  return limits;
}

}  // namespace pw
