// What a back end does behind the runtime functions of the C interface (runtime.cpp), which check
// null pointers, sizes and states first. Included behind the device.h of the back end, whose
// pw_stream and pw_event know their device and whose pw_stream says whether it is_capturing().
// Functions throw where they fail.
#pragma once

#include "pixelwake/kernels.h"

namespace pw::backend {

const char *build_info();
// At least 1; throws Unsupported where the back end is not usable.
int32_t device_count();
// `index` is in [0, device_count()).
pw_device *open(int32_t index, const pw_device_options &options);
pw_device_info describe(const pw_device &device);
pw_limits limits(pw_device &device);

// `bytes` is not negative, and the size does not overflow when it is rounded up to a huge page.
void *allocate(pw_device &device, int64_t bytes);
void release(pw_device &device, void *memory);
void *allocate_host(pw_device &device, int64_t bytes);
void release_host(pw_device &device, void *memory);

pw_stream *open_stream(pw_device &device);
pw_stream *adopt_stream(pw_device &device, void *handle);
void close(pw_stream *stream);
void synchronize(pw_stream &stream);
void wait(pw_stream &stream, pw_event &event);
void copy(pw_stream &stream, void *to, const void *from, int64_t bytes, int32_t direction);
void fill(pw_stream &stream, void *memory, int32_t byte, int64_t bytes);

pw_event *open_event(pw_device &device);
void close(pw_event *event);
void record(pw_event &event, pw_stream &stream);
// Milliseconds; throws Invalid where an event was never recorded.
float elapsed(pw_event &from, pw_event &to);

void begin_capture(pw_stream &stream);
pw_graph *end_capture(pw_stream &stream);
void launch(pw_graph &graph, pw_stream &stream);
void close(pw_graph *graph);

}  // namespace pw::backend
