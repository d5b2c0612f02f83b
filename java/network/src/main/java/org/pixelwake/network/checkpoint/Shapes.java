package org.pixelwake.network.checkpoint;

import java.util.OptionalLong;
import java.util.stream.LongStream;

/// Arithmetic on extents that come from a file and may be absurd.
final class Shapes {
  private Shapes() {}

  /// Size in bytes; empty where an extent is negative or the size exceeds 63 bits.
  static OptionalLong bytes(long[] shape, Dtype dtype) {
    if (LongStream.of(shape).anyMatch(extent -> extent < 0)) {
      return OptionalLong.empty();
    }
    if (LongStream.of(shape).anyMatch(extent -> extent == 0)) {
      return OptionalLong.of(0);
    }
    try {
      long elements = LongStream.of(shape).reduce(1, Math::multiplyExact);
      return OptionalLong.of(Math.multiplyExact(elements, dtype.bytes()));
    } catch (ArithmeticException e) {
      return OptionalLong.empty();
    }
  }
}
