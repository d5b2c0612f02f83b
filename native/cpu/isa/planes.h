// Interleaved channels of pixels as planes, a vector of pixels at a time: for an odd number of
// channels the kLanes values of a channel lie in distinct lanes of the vectors in memory, so blends
// gather them and one permutation puts them in order; and back.
#pragma once

#include <utility>

#include "vec.h"

namespace pw::PW_ISA {

// Channel k of pixel i is element kPlanes * i + k: lane of it, and the vector it is in.
template <int kPlanes>
constexpr int lane_of(int pixel, int plane) {
  return (kPlanes * pixel + plane) % kLanes;
}
template <int kPlanes>
constexpr int pixel_in(int lane, int plane) {
  for (int i = 0; i < kLanes; ++i) {
    if (lane_of<kPlanes>(i, plane) == lane) return i;
  }
  return -1;
}
template <int kPlanes>
constexpr int vector_in(int lane, int plane) {
  return (kPlanes * pixel_in<kPlanes>(lane, plane) + plane) / kLanes;
}

template <int kPlanes, int kPlane, int kVector, int... lane>
PW_INLINE vf gather_lanes(const vf *memory, vf so_far, std::integer_sequence<int, lane...> lanes) {
  if constexpr (kVector == kPlanes) {
    return __builtin_shufflevector(so_far, so_far, lane_of<kPlanes>(lane, kPlane)...);
  } else {
    const vf blended = __builtin_shufflevector(
        so_far, memory[kVector],
        (vector_in<kPlanes>(lane, kPlane) == kVector ? kLanes + lane : lane)...);
    return gather_lanes<kPlanes, kPlane, kVector + 1>(memory, blended, lanes);
  }
}

template <int kPlanes, int kVector, int kPlane, int... lane>
PW_INLINE vf scatter_lanes(const vf *ordered, vf so_far,
                           std::integer_sequence<int, lane...> lanes) {
  if constexpr (kPlane == kPlanes) {
    return so_far;
  } else {
    const vf blended = __builtin_shufflevector(
        so_far, ordered[kPlane],
        ((kVector * kLanes + lane) % kPlanes == kPlane ? kLanes + lane : lane)...);
    return scatter_lanes<kPlanes, kVector, kPlane + 1>(ordered, blended, lanes);
  }
}

template <int kPlane, int kPlanes, int... lane>
PW_INLINE vf order_for_memory(vf plane, std::integer_sequence<int, lane...>) {
  return __builtin_shufflevector(plane, plane, pixel_in<kPlanes>(lane, kPlane)...);
}

using EachLane = std::make_integer_sequence<int, kLanes>;

template <int kPlanes>
struct Planes {
  static_assert(kPlanes % 2 == 1);
  vf plane[kPlanes];

  // kLanes pixels from memory.
  template <class T>
  PW_INLINE void read(const T *p) {
    vf memory[kPlanes];
    for (int k = 0; k < kPlanes; ++k) memory[k] = load(p + k * kLanes);
    gather(memory, std::make_integer_sequence<int, kPlanes>());
  }
  template <class T>
  PW_INLINE void write(T *p) const {
    vf memory[kPlanes];
    scatter(memory, std::make_integer_sequence<int, kPlanes>());
    for (int k = 0; k < kPlanes; ++k) store(p + k * kLanes, memory[k]);
  }

  // The first `count` pixels; the others read as 0 and are not written.
  template <class T>
  PW_INLINE void read_n(const T *p, int count) {
    if (count == kLanes) {
      read(p);
      return;
    }
    T pixels[kPlanes * kLanes] = {};
    std::memcpy(pixels, p, sizeof(T) * static_cast<unsigned>(kPlanes * count));
    read(pixels);
  }
  template <class T>
  PW_INLINE void write_n(T *p, int count) const {
    if (count == kLanes) {
      write(p);
      return;
    }
    T pixels[kPlanes * kLanes];
    write(pixels);
    std::memcpy(p, pixels, sizeof(T) * static_cast<unsigned>(kPlanes * count));
  }

 private:
  template <int... k>
  PW_INLINE void gather(const vf *memory, std::integer_sequence<int, k...>) {
    ((plane[k] = gather_lanes<kPlanes, k, 1>(memory, memory[0], EachLane())), ...);
  }
  template <int... k>
  PW_INLINE void scatter(vf *memory, std::integer_sequence<int, k...>) const {
    const vf ordered[kPlanes] = {order_for_memory<k, kPlanes>(plane[k], EachLane())...};
    ((memory[k] = scatter_lanes<kPlanes, k, 1>(ordered, ordered[0], EachLane())), ...);
  }
};

}  // namespace pw::PW_ISA
