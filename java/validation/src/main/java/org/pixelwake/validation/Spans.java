package org.pixelwake.validation;

import java.math.BigDecimal;

/// Spans of numbers as text.
final class Spans {
  private Spans() {}

  /// From the first to the last, such as `0.1 to 10`.
  static String of(double[] ascending) {
    return text(ascending[0]) + " to " + text(ascending[ascending.length - 1]);
  }

  private static String text(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }
}
