// Hits to images, a block an image. A thread owns rows of the image and looks at all hits, so that
// nobody else writes where it writes.
#include "fill.h"
#include "gpu.h"
#include "hits.h"

namespace pw {
namespace {

// Above every normalised time: marks a pixel whose first hit is still to come.
constexpr float kNoTime = 2.0f;

struct Clusters {
  Global<const int16_t> x, y;
  Global<const float> energy, toa;
  Global<const int32_t> offsets;
  Global<const int64_t> ids;
};

// body(pixel) for the rows of a hit's square that belong to a thread; pixels count from the image's
// start.
template <class Body>
PW_GPU void for_own_square(const pw_rasterize &d, const Placement &placement, int32_t x, int32_t y,
                           Body &&body) {
  int32_t row, column;
  placement.square(x, y, row, column);
  const auto turn = static_cast<int32_t>(threadIdx.x), step = static_cast<int32_t>(blockDim.x);
  for (int32_t r = row; r < row + placement.scale(); ++r) {
    if (r % step != turn) continue;
    for (int32_t s = 0; s < placement.scale(); ++s) {
      body(static_cast<int64_t>(r) * d.side + column + s);
    }
  }
}

// Maximum and minimum are taken of the stored values: encoding and rounding keep the order.
template <class T>
PW_GPU void draw(const pw_rasterize &d, const Clusters &hits, const Placement &placement,
                 int64_t begin, int64_t end, Mask *mask, int32_t encoding, Global<T> image) {
  const int32_t energies = encoding == PW_ENERGY_ALL ? 3 : 1;
  const bool timed = energies == 1 && d.toa_scale > 0;
  for (int64_t j = begin; timed && j < end; ++j) {
    if (mask != nullptr && mask->hides(j - begin)) continue;
    for_own_square(d, placement, hits.x[j], hits.y[j],
                   [&](int64_t pixel) { image.set(3 * pixel + 1, kNoTime); });
  }
  for (int64_t j = begin; j < end; ++j) {
    if (mask != nullptr && mask->hides(j - begin)) continue;
    const float energy = hits.energy[j];
    T shown[3], time;
    PW_UNROLL
    for (int32_t c = 0; c < 3; ++c) put(shown[c], encoded(energy, d.energy_scale, encoding, c));
    put(time, timed ? normalised(hits.toa[j], d.toa_scale) : 0.0f);
    const bool above = energies == 1 && energy > d.energy_threshold;
    for_own_square(d, placement, hits.x[j], hits.y[j], [&](int64_t pixel) {
      PW_UNROLL
      for (int32_t c = 0; c < 3; ++c) {
        if (c < energies && to_float(shown[c]) > image.at(3 * pixel + c)) {
          image[3 * pixel + c] = shown[c];
        }
      }
      if (timed && to_float(time) < image.at(3 * pixel + 1)) image[3 * pixel + 1] = time;
      if (above) image.set(3 * pixel + 2, 1.0f);
    });
  }
}

template <class T>
PW_GPU void clear_own(const pw_rasterize &d, Global<T> image) {
  for (int64_t r = threadIdx.x; r < d.side; r += blockDim.x) {
    for (int64_t i = 0; i < 3 * static_cast<int64_t>(d.side); ++i) image.set(r * 3 * d.side + i, 0);
  }
}

template <class T>
__global__ void rasterize_images(pw_rasterize d, Global<const pw_step> step, Clusters hits,
                                 Global<T> input, Global<T> target) {
  const int64_t n = blockIdx.x, size = static_cast<int64_t>(d.side) * d.side * 3;
  if (input != nullptr) clear_own(d, input.from(n * size));
  if (target != nullptr) clear_own(d, target.from(n * size));
  const int64_t begin = hits.offsets[n], end = hits.offsets[n + 1];
  if (begin >= end) return;
  const Placement placement(d, step[0], hits.ids[n], hits.x, hits.y, begin, end);
  if (target != nullptr) {
    draw<T>(d, hits, placement, begin, end, nullptr, PW_ENERGY_SQRT, target.from(n * size));
  }
  if (input != nullptr) {
    Mask mask(d, step[0], hits.ids[n], end - begin);
    draw<T>(d, hits, placement, begin, end, &mask, d.encoding, input.from(n * size));
  }
}

// How many hits there are only the device knows.
constexpr int64_t kUnknown = INT64_C(1) << 40;

void rasterize(Pool &pool, const pw_rasterize &d, const pw_step *step, const Hits &hits,
               void *input_image, void *target) {
  const int64_t elements = static_cast<int64_t>(d.n) * d.side * d.side * 3;
  const Clusters clusters{input<int16_t>(hits.x, kUnknown),      input<int16_t>(hits.y, kUnknown),
                          input<float>(hits.energy, kUnknown),   input<float>(hits.toa, kUnknown),
                          input<int32_t>(hits.offsets, d.n + 1), input<int64_t>(hits.ids, d.n)};
  dispatch_storage(d.storage, [&](auto *type) {
    using T = std::remove_pointer_t<decltype(type)>;
    launch(pool, {d.n, 128}, rasterize_images<T>, d, input<pw_step>(step, 1), clusters,
           output<T>(input_image, elements), output<T>(target, elements));
  });
}

}  // namespace

void fill_rasterize(Kernels &k) { k.rasterize = rasterize; }

}  // namespace pw
