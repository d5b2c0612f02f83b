// For formulas that the CPU's and the GPU's code share.
#pragma once

#if defined(__CUDACC__)
#define PW_BOTH __host__ __device__
#else
#define PW_BOTH
#endif
