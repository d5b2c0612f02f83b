// The table of vectorised kernels. Every file beside this one is compiled once for each instruction
// set, into namespace pw::PW_ISA (portable, avx2, avx512, avx512_bf16); the runtime picks a table
// when a device is opened.
//
// Files here must not instantiate std:: templates with external linkage that do real work (the
// linker could keep the AVX-512 copy for everybody): no std::vector, std::function, iostreams;
// plain loops, and helpers in the PW_ISA namespace.
#pragma once

#include "../pool.h"
#include "table.h"

namespace pw {

struct CpuKernels : Kernels {
  // Loops of nothing but one kind of work, `rounds` of them over a block of `count` floats (a
  // multiple of kProbeFloats, finite), for limits.cpp. Each returns how much it did, in the unit
  // of pw_limits; 0 where the processor lacks the instruction.
  int64_t (*probe_fma)(float *block, int64_t count, int64_t rounds);
  int64_t (*probe_dot)(float *block, int64_t count, int64_t rounds);
  int64_t (*probe_update)(float *block, int64_t count, int64_t rounds);
  int64_t (*probe_silu)(float *block, int64_t count, int64_t rounds);
};

constexpr int64_t kProbeFloats = 1024;

// Which exist is up to the compiler's target: PW_HAVE_AVX2 and so on.
namespace portable {
const CpuKernels &kernels();
}
namespace avx2 {
const CpuKernels &kernels();
}
namespace avx512 {
const CpuKernels &kernels();
}
namespace avx512_bf16 {
const CpuKernels &kernels();
}

// What needs no instruction set: compiled once.
void fill_common(Kernels &);
void fill_common_rasterize(Kernels &);

#ifdef PW_ISA
// One function for each family, in the file of its name; table.cpp gathers them.
namespace PW_ISA {
PW_FAMILIES(PW_DECLARE_FILL)
void fill_limits(CpuKernels &);
}  // namespace PW_ISA
#endif

}  // namespace pw
