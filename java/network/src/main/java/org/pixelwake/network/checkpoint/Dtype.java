package org.pixelwake.network.checkpoint;

import java.util.Arrays;
import java.util.Optional;

/// Element types of tensor files, under the names of the safetensors format.
///
/// Every element is little-endian; `BOOL` is one byte, 0 or 1.
public enum Dtype {
  /// One byte, 0 or 1.
  BOOL(1, Kind.INTEGER, "bool", "Bool"),
  /// Unsigned 8 bits.
  U8(1, Kind.INTEGER, "uint8", "Byte"),
  /// Signed 8 bits.
  I8(1, Kind.INTEGER, "int8", "Char"),
  /// 8-bit float, 4 exponent bits, no infinities.
  F8_E4M3(1, Kind.OTHER, "float8_e4m3fn", ""),
  /// 8-bit float, 5 exponent bits.
  F8_E5M2(1, Kind.OTHER, "float8_e5m2", ""),
  /// Unsigned 16 bits.
  U16(2, Kind.INTEGER, "uint16", ""),
  /// Signed 16 bits.
  I16(2, Kind.INTEGER, "int16", "Short"),
  /// IEEE 754 binary16.
  F16(2, Kind.FLOATING, "float16", "Half"),
  /// The upper half of an IEEE 754 binary32.
  BF16(2, Kind.FLOATING, "bfloat16", "BFloat16"),
  /// Unsigned 32 bits.
  U32(4, Kind.INTEGER, "uint32", ""),
  /// Signed 32 bits.
  I32(4, Kind.INTEGER, "int32", "Int"),
  /// IEEE 754 binary32.
  F32(4, Kind.FLOATING, "float32", "Float"),
  /// Unsigned 64 bits.
  U64(8, Kind.OTHER, "uint64", ""),
  /// Signed 64 bits.
  I64(8, Kind.INTEGER, "int64", "Long"),
  /// IEEE 754 binary64.
  F64(8, Kind.FLOATING, "float64", "Double");

  private enum Kind {
    FLOATING,
    INTEGER,
    OTHER
  }

  private final int bytes;
  private final Kind kind;

  final String torch;

  /// PyTorch's `...Storage` class of these elements; empty where it never had one.
  final String torchStorage;

  Dtype(int bytes, Kind kind, String torch, String torchStorage) {
    this.bytes = bytes;
    this.kind = kind;
    this.torch = torch;
    this.torchStorage = torchStorage;
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
