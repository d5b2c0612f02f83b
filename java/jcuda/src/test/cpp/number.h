// Numbers of the stand-ins: f32 and bf16 in host memory.
#pragma once

#include <cstdint>
#include <cstring>

enum class Kind { f32, bf16 };

inline int64_t bytes(Kind kind) { return kind == Kind::f32 ? 4 : 2; }

inline double get(const void *memory, int64_t i, Kind kind) {
  if (kind == Kind::f32) return static_cast<const float *>(memory)[i];
  const uint32_t bits = static_cast<uint32_t>(static_cast<const uint16_t *>(memory)[i]) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

inline void put(void *memory, int64_t i, Kind kind, double number) {
  const float value = static_cast<float>(number);
  if (kind == Kind::f32) {
    static_cast<float *>(memory)[i] = value;
    return;
  }
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  static_cast<uint16_t *>(memory)[i] =
      static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
