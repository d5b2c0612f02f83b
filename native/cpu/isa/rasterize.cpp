// Clusters to images; they need no instruction set, so that one copy serves all (../rasterize.cpp).
#include "kernels.h"

namespace pw::PW_ISA {

void fill_rasterize(Kernels &table) { fill_common_rasterize(table); }

}  // namespace pw::PW_ISA
