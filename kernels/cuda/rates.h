// What a GPU reaches, measured (pw_device_limits).
#pragma once

#include "device.h"

namespace pw {

pw_limits measure_limits(const pw_device &device);

}  // namespace pw
