// What kernels run on: a stream of a GPU, or the emulation of one.
#pragma once

#include <stdexcept>
#include <string>

#if defined(PW_CUDA)
#include <cuda_runtime_api.h>
#endif

namespace pw {

#if defined(PW_CUDA)
struct CudaError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline void cuda_check(cudaError_t error, const char *what) {
  if (error != cudaSuccess) {
    throw CudaError(std::string(what) + ": " + cudaGetErrorString(error));
  }
}

class Pool {
 public:
  Pool(cudaStream_t stream, int processors) : stream_(stream), processors_(processors) {}
  cudaStream_t stream() const { return stream_; }
  // Streaming multiprocessors.
  int threads() const { return processors_; }

 private:
  cudaStream_t stream_;
  int processors_;
};
#else
class Pool {
 public:
  int threads() const { return 4; }
};
#endif

}  // namespace pw
