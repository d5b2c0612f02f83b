// One function for each family, in the file of its name; table.cu gathers them.
#pragma once

#include "table.h"

namespace pw {

PW_FAMILIES(PW_DECLARE_FILL)

const Kernels &kernels();

}  // namespace pw
