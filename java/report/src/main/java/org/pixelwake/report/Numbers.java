package org.pixelwake.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.Locale;

/// Numbers as a reader wants them; the same in every locale.
final class Numbers {
  /// Narrow no-break space between groups of three digits (ISO 80000-1).
  private static final String GROUP = "\u202f";

  private static final String SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

  private Numbers() {}

  /// Four significant digits, powers of ten beyond 10⁶ and below 10⁻³.
  static String of(double value) {
    if (Double.isNaN(value)) {
      return "not a number";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "∞" : "−∞";
    }
    if (value == 0) {
      return "0";
    }
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(4)).stripTrailingZeros();
    int exponent = rounded.precision() - rounded.scale() - 1;
    if (exponent >= 6 || exponent < -3) {
      BigDecimal mantissa = rounded.movePointLeft(exponent).stripTrailingZeros();
      return minus(mantissa.toPlainString()) + " × 10" + superscript(exponent);
    }
    if (exponent >= 4) {
      return of(rounded.longValueExact());
    }
    return minus(rounded.toPlainString());
  }

  /// Whole number in groups of three digits.
  static String of(long value) {
    return minus(String.format(Locale.ROOT, "%,d", value).replace(",", GROUP));
  }

  static String withUnit(double value, String unit) {
    return unit.isEmpty() ? of(value) : of(value) + "\u00a0" + unit;
  }

  static String of(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds < 60) {
      return of(duration.toMillis() / 1000.0) + "\u00a0s";
    }
    if (seconds < 3600) {
      return "%d\u00a0min %02d\u00a0s".formatted(seconds / 60, seconds % 60);
    }
    return "%d\u00a0h %02d\u00a0min".formatted(seconds / 3600, seconds / 60 % 60);
  }

  static String bytes(long count) {
    double value = count;
    String unit = "B";
    for (String larger : new String[] {"KiB", "MiB", "GiB", "TiB"}) {
      if (value < 1024) {
        break;
      }
      value /= 1024;
      unit = larger;
    }
    return withUnit(new BigDecimal(value).round(new MathContext(3)).doubleValue(), unit);
  }

  private static String minus(String number) {
    return number.replace('-', '−');
  }

  private static String superscript(int exponent) {
    StringBuilder text = new StringBuilder(exponent < 0 ? "⁻" : "");
    for (char digit : Integer.toString(Math.abs(exponent)).toCharArray()) {
      text.append(SUPERSCRIPTS.charAt(digit - '0'));
    }
    return text.toString();
  }
}
