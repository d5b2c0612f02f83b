// Devices and memory of the emulation.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "device.h"
#include "emulation.h"
// Behind device.h.
#include "backend.h"

namespace pw {

void copy_bytes(pw_device *, void *to, const void *from, int64_t bytes) {
  if (bytes > 0) std::memcpy(to, from, static_cast<size_t>(bytes));
}

void fill_bytes(pw_device *, void *memory, int32_t byte, int64_t bytes) {
  if (bytes > 0) std::memset(memory, byte, static_cast<size_t>(bytes));
}

namespace backend {

const char *build_info() { return "Pixelwake " PW_VERSION " CUDA kernels, emulated"; }

int32_t device_count() { return 1; }

pw_device *open(int32_t, const pw_device_options &) { return new pw_device; }

pw_device_info describe(const pw_device &device) {
  pw_device_info info{};
  info.threads = device.threads();
  info.memory_bytes = static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
  std::snprintf(info.name, sizeof info.name, "emulated CUDA kernels");
  return info;
}

pw_limits limits(pw_device &) { throw Unsupported("device_limits: an emulation has none"); }

void *allocate(pw_device &, int64_t bytes) {
  void *memory = std::aligned_alloc(256, static_cast<size_t>((bytes / 256 + 1) * 256));
  if (memory == nullptr) throw std::bad_alloc();
  emulation::add_memory(memory, bytes);
  return memory;
}

void release(pw_device &, void *memory) {
  emulation::drop_memory(memory);
  std::free(memory);
}

}  // namespace backend
}  // namespace pw
