package org.pixelwake.engine;

/// How the elements of a tensor are stored; arithmetic is always f32 or wider.
public enum Storage {
  F32(0, 4),
  /// Upper half of an f32 (8 bits of mantissa), rounded to nearest even.
  BF16(1, 2);

  private final int code;
  private final int bytes;

  Storage(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  /// `PW_F32` or `PW_BF16` of `kernels.h`.
  public int code() {
    return code;
  }

  /// Bytes of one element.
  public int bytes() {
    return bytes;
  }
}
