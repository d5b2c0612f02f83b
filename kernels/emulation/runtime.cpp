// Devices and memory of the emulation.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "device.h"
#include "emulation.h"

namespace pw {

void copy_bytes(pw_device *, void *to, const void *from, int64_t bytes) {
  if (bytes > 0) std::memcpy(to, from, static_cast<size_t>(bytes));
}

void fill_bytes(pw_device *, void *memory, int32_t byte, int64_t bytes) {
  if (bytes > 0) std::memset(memory, byte, static_cast<size_t>(bytes));
}

}  // namespace pw

using pw::guard;
using pw::require;

int32_t pw_abi_version(void) { return PW_ABI_VERSION; }

const char *pw_build_info(void) { return "Pixelwake " PW_VERSION " CUDA kernels, emulated"; }

int32_t pw_device_count(void) { return 1; }

pw_status pw_device_open(int32_t index, const pw_device_options *, pw_device **device) {
  return guard([&] {
    require(device != nullptr, "device_open: device is null");
    require(index == 0, "device_open: the emulation has one device, of index 0");
    *device = new pw_device;
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
    pw_device_info answer{};
    answer.threads = device->threads();
    answer.memory_bytes = static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
    std::snprintf(answer.name, sizeof answer.name, "emulated CUDA kernels");
    *info = answer;
  });
}

pw_status pw_device_limits(pw_device *, pw_limits *) {
  return guard([] { throw pw::Unsupported("device_limits: an emulation has none"); });
}

pw_status pw_alloc(pw_device *device, int64_t bytes, void **memory) {
  return guard([&] {
    require(device != nullptr && memory != nullptr, "alloc: null argument");
    require(bytes >= 0 && bytes <= INT64_MAX - 512, "alloc: size out of range");
    *memory = std::aligned_alloc(256, static_cast<size_t>((bytes / 256 + 1) * 256));
    if (*memory == nullptr) throw std::bad_alloc();
    pw::emulation::add_memory(*memory, bytes);
  });
}

pw_status pw_free(pw_device *device, void *memory) {
  return guard([&] {
    require(device != nullptr, "free: device is null");
    pw::emulation::drop_memory(memory);
    std::free(memory);
  });
}

pw_status pw_host_alloc(pw_device *device, int64_t bytes, void **memory) {
  return pw_alloc(device, bytes, memory);
}

pw_status pw_host_free(pw_device *device, void *memory) { return pw_free(device, memory); }
