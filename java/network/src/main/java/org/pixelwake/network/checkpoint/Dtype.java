package org.pixelwake.network.checkpoint;

import java.util.Arrays;
import java.util.Optional;

/// Element types of tensor files, under the names of the safetensors format.
///
/// Every element is little-endian; `BOOL` is one byte, 0 or 1.
public enum Dtype {
  /// One byte, 0 or 1.
  BOOL(1, Kind.INTEGER),
  /// Unsigned 8 bits.
  U8(1, Kind.INTEGER),
  /// Signed 8 bits.
  I8(1, Kind.INTEGER),
  /// 8-bit float, 4 exponent bits, no infinities.
  F8_E4M3(1, Kind.OTHER),
  /// 8-bit float, 5 exponent bits.
  F8_E5M2(1, Kind.OTHER),
  /// Unsigned 16 bits.
  U16(2, Kind.INTEGER),
  /// Signed 16 bits.
  I16(2, Kind.INTEGER),
  /// IEEE 754 binary16.
  F16(2, Kind.FLOATING),
  /// The upper half of an IEEE 754 binary32.
  BF16(2, Kind.FLOATING),
  /// Unsigned 32 bits.
  U32(4, Kind.INTEGER),
  /// Signed 32 bits.
  I32(4, Kind.INTEGER),
  /// IEEE 754 binary32.
  F32(4, Kind.FLOATING),
  /// Unsigned 64 bits.
  U64(8, Kind.OTHER),
  /// Signed 64 bits.
  I64(8, Kind.INTEGER),
  /// IEEE 754 binary64.
  F64(8, Kind.FLOATING);

  private enum Kind {
    FLOATING,
    INTEGER,
    OTHER
  }

  private final int bytes;
  private final Kind kind;

  Dtype(int bytes, Kind kind) {
    this.bytes = bytes;
    this.kind = kind;
  }

  /// Size of one element in bytes.
  public int bytes() {
    return bytes;
  }

  /// Whether [NamedTensor#toFloats] reads it.
  public boolean isFloating() {
    return kind == Kind.FLOATING;
  }

  /// Whether [NamedTensor#toLongs] reads it.
  public boolean isInteger() {
    return kind == Kind.INTEGER;
  }

  /// The type that a safetensors header calls `name`.
  static Optional<Dtype> named(String name) {
    return Arrays.stream(values()).filter(d -> d.name().equals(name)).findFirst();
  }
}
