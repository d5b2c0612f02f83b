package org.pixelwake.network.checkpoint;

import java.util.OptionalLong;

/// Arithmetic on extents that come from a file and may be absurd.
final class Shapes {
  private Shapes() {}

  /// Number of elements; empty where an extent is negative or the number exceeds 63 bits.
  static OptionalLong elements(long[] shape) {
    long product = 1;
    boolean zero = false;
    boolean overflow = false;
    for (long extent : shape) {
      if (extent < 0) {
        return OptionalLong.empty();
      }
      if (extent == 0) {
        zero = true;
      } else if (!overflow) {
        overflow = Math.multiplyHigh(product, extent) != 0 || product * extent < 0;
        product *= extent;
      }
    }
    if (zero) {
      return OptionalLong.of(0);
    }
    return overflow ? OptionalLong.empty() : OptionalLong.of(product);
  }

  /// Size in bytes; empty where it exceeds 63 bits.
  static OptionalLong bytes(long[] shape, Dtype dtype) {
    OptionalLong elements = elements(shape);
    if (elements.isEmpty() || elements.getAsLong() > Long.MAX_VALUE / dtype.bytes()) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(elements.getAsLong() * dtype.bytes());
  }
}
