// Devices and memory of the CPU backend.

#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "device.h"
#include "isa/kernels.h"
// Behind device.h.
#include "backend.h"

#ifndef PW_VERSION
#define PW_VERSION "unversioned"
#endif

namespace pw {
namespace {

const char *isa_name(int32_t isa) {
  switch (isa) {
    case PW_ISA_PORTABLE:
      return "portable";
    case PW_ISA_AVX2:
      return "avx2";
    case PW_ISA_AVX512:
      return "avx512";
    case PW_ISA_AVX512_BF16:
      return "avx512_bf16";
    default:
      return "best";
  }
}

// Whether the library has the variant; the compiler's target decides.
bool compiled(int32_t isa) {
  switch (isa) {
#ifdef PW_HAVE_PORTABLE
    case PW_ISA_PORTABLE:
      return true;
#endif
#ifdef PW_HAVE_AVX2
    case PW_ISA_AVX2:
      return true;
#endif
#ifdef PW_HAVE_AVX512
    case PW_ISA_AVX512:
      return true;
#endif
#ifdef PW_HAVE_AVX512_BF16
    case PW_ISA_AVX512_BF16:
      return true;
#endif
    default:
      return false;
  }
}

// Whether processor and operating system have what the variant was compiled for (the flags in
// native/CMakeLists.txt).
bool processor_has(int32_t isa) {
  if (isa == PW_ISA_PORTABLE) return true;
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("f16c") && __builtin_cpu_supports("bmi2");
  if (isa == PW_ISA_AVX2) return avx2;
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl");
  if (isa == PW_ISA_AVX512) return avx512;
  return avx512 && __builtin_cpu_supports("avx512bf16");
#else
  return false;
#endif
}

// The kernels of a variant that is compiled.
const CpuKernels *table(int32_t isa) {
  switch (isa) {
#ifdef PW_HAVE_PORTABLE
    case PW_ISA_PORTABLE:
      return &portable::kernels();
#endif
#ifdef PW_HAVE_AVX2
    case PW_ISA_AVX2:
      return &avx2::kernels();
#endif
#ifdef PW_HAVE_AVX512
    case PW_ISA_AVX512:
      return &avx512::kernels();
#endif
#ifdef PW_HAVE_AVX512_BF16
    case PW_ISA_AVX512_BF16:
      return &avx512_bf16::kernels();
#endif
    default:
      return nullptr;
  }
}

// PIXELWAKE_ISA stands in for PW_ISA_BEST, so that a user can compare the variants of an unchanged
// program.
int32_t isa_of_environment() {
  const char *value = std::getenv("PIXELWAKE_ISA");
  if (value == nullptr || *value == '\0') return PW_ISA_BEST;
  for (int32_t isa : {PW_ISA_PORTABLE, PW_ISA_AVX2, PW_ISA_AVX512, PW_ISA_AVX512_BF16}) {
    if (std::strcmp(value, isa_name(isa)) == 0) return isa;
  }
  throw Invalid("PIXELWAKE_ISA is \"" + std::string(value) +
                "\"; it takes portable, avx2, avx512 or avx512_bf16");
}

int32_t choose_isa(int32_t requested) {
  const int32_t isa = requested == PW_ISA_BEST ? isa_of_environment() : requested;
  if (isa == PW_ISA_BEST) {
    for (int32_t candidate : {PW_ISA_AVX512_BF16, PW_ISA_AVX512, PW_ISA_AVX2}) {
      if (compiled(candidate) && processor_has(candidate)) return candidate;
    }
    return PW_ISA_PORTABLE;
  }
  const std::string name = isa_name(isa);
  if (!compiled(isa)) throw Unsupported("this library was built without the " + name + " kernels");
  if (!processor_has(isa)) throw Unsupported("this processor cannot run the " + name + " kernels");
  return isa;
}

// The processors that this process may use: containers and taskset restrict them.
int usable_processors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  const int all = static_cast<int>(std::thread::hardware_concurrency());
  return all > 0 ? all : 1;
}

std::string processor_name() {
#if defined(__x86_64__)
  unsigned words[13] = {};
  if (__get_cpuid_max(0x80000000u, nullptr) >= 0x80000004u) {
    for (unsigned i = 0; i < 3; ++i) {
      __get_cpuid(0x80000002u + i, &words[4 * i], &words[4 * i + 1], &words[4 * i + 2],
                  &words[4 * i + 3]);
    }
    char text[sizeof words];
    std::memcpy(text, words, sizeof words);
    std::string name(text);
    const auto first = name.find_first_not_of(' ');
    if (first != std::string::npos)
      return name.substr(first, name.find_last_not_of(' ') - first + 1);
  }
#endif
  return "CPU";
}

constexpr int64_t kPage = 4096;
constexpr int64_t kHugePage = 2 << 20;

// Copies and fills are cut into pieces of this size; smaller ones are not worth a wake-up.
constexpr int64_t kPiece = 512 << 10;

template <class Body>
void by_pieces(Pool &pool, int64_t bytes, Body &&body) {
  parallel(pool, (bytes + kPiece - 1) / kPiece, [&](int64_t task, int) {
    const int64_t begin = task * kPiece;
    body(begin, begin + kPiece < bytes ? kPiece : bytes - begin);
  });
}

}  // namespace

void copy_bytes(pw_device *device, void *to, const void *from, int64_t bytes) {
  by_pieces(device->pool, bytes, [&](int64_t begin, int64_t size) {
    std::memcpy(static_cast<char *>(to) + begin, static_cast<const char *>(from) + begin,
                static_cast<size_t>(size));
  });
}

void fill_bytes(pw_device *device, void *memory, int32_t byte, int64_t bytes) {
  by_pieces(device->pool, bytes, [&](int64_t begin, int64_t size) {
    std::memset(static_cast<char *>(memory) + begin, byte, static_cast<size_t>(size));
  });
}

namespace backend {

const char *build_info() {
  return "Pixelwake " PW_VERSION
         " CPU kernels, "
#if defined(__clang__)
         "Clang " __clang_version__
#elif defined(__GNUC__)
         "GCC " __VERSION__
#else
         "unknown compiler"
#endif
#if defined(__x86_64__)
         ", x86-64"
#elif defined(__aarch64__)
         ", aarch64"
#endif
         ":"
#ifdef PW_HAVE_PORTABLE
         " portable"
#endif
#ifdef PW_HAVE_AVX2
         " avx2"
#endif
#ifdef PW_HAVE_AVX512
         " avx512"
#endif
#ifdef PW_HAVE_AVX512_BF16
         " avx512_bf16"
#endif
      ;
}

int32_t device_count() { return 1; }

pw_device *open(int32_t, const pw_device_options &options) {
  require(options.threads >= 0 && options.threads <= 4096,
          "device_open: threads must be 0 to 4096");
  require(options.isa >= PW_ISA_BEST && options.isa <= PW_ISA_AVX512_BF16,
          "device_open: unknown instruction set");
  const int32_t isa = choose_isa(options.isa);
  return new pw_device(options.threads > 0 ? options.threads : usable_processors(), isa,
                       table(isa));
}

pw_device_info describe(const pw_device &device) {
  pw_device_info info{};
  info.threads = device.pool.threads();
  info.isa = device.isa;
  info.memory_bytes = static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
  std::snprintf(info.name, sizeof info.name, "%s, %d threads, %s", processor_name().c_str(),
                info.threads, isa_name(info.isa));
  return info;
}

void *allocate(pw_device &, int64_t bytes) {
  const int64_t alignment = bytes >= kHugePage ? kHugePage : kPage;
  const int64_t whole = (bytes > 0 ? bytes + alignment - 1 : alignment) / alignment * alignment;
  void *memory = std::aligned_alloc(static_cast<size_t>(alignment), static_cast<size_t>(whole));
  if (memory == nullptr) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
  // Advice only: a kernel without huge pages refuses and the memory serves all the same.
  if (alignment == kHugePage) (void)madvise(memory, static_cast<size_t>(whole), MADV_HUGEPAGE);
#endif
  return memory;
}

void release(pw_device &, void *memory) { std::free(memory); }

}  // namespace backend
}  // namespace pw
