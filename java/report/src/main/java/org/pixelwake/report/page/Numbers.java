package org.pixelwake.report.page;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Locale;
import org.pixelwake.base.Spread;

/// Numbers as a reader wants them; the same in every locale.
public final class Numbers {
  /// Narrow no-break space between groups of three digits (ISO 80000-1).
  private static final String GROUP = "\u202f";

  private static final String SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

  private Numbers() {}

  /// Four significant digits, powers of ten beyond 10⁶ and below 10⁻³.
  public static String of(double value) {
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

  /// Counts with all their digits, other numbers as [#of].
  public static String exact(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e9 ? of((long) value) : of(value);
  }

  /// Whole number in groups of three digits.
  public static String of(long value) {
    return minus(String.format(Locale.ROOT, "%,d", value).replace(",", GROUP));
  }

  /// The number with so many significant digits.
  public static double rounded(double value, int digits) {
    return Double.isFinite(value)
        ? new BigDecimal(value).round(new MathContext(digits)).doubleValue()
        : value;
  }

  /// Mean and standard deviation with as many decimals as the deviation has two digits for: "0.9312
  /// ± 0.0041"; the mean alone where there is no deviation.
  static String withSpread(double mean, double sd) {
    if (!(sd > 0) || !Double.isFinite(mean) || Double.isInfinite(sd)) {
      return sd == 0 ? of(mean) + " ± 0" : of(mean);
    }
    int decimals = decimals(sd);
    if (Math.max(Math.abs(mean), sd) >= 1e6 || decimals > 6) {
      return of(mean) + " ± " + of(rounded(sd, 2));
    }
    return fixed(mean, decimals) + " ± " + fixed(rounded(sd, 2), decimals);
  }

  /// Mean ± standard deviation, and the interval where there is one.
  public static String of(Spread measure, String unit) {
    if (!measure.measured()) {
      return "–";
    }
    String text = withSpread(measure.mean(), measure.deviation());
    if (measure.hasInterval()) {
      text += "\u00a0[" + of(measure.low()) + ", " + of(measure.high()) + "]";
    }
    return unit.isEmpty() ? text : text + "\u00a0" + unit;
  }

  /// A value with the ends of its band.
  public static String of(double value, double low, double high) {
    if (!Double.isFinite(value)) {
      return "–";
    }
    boolean band = Double.isFinite(low) && Double.isFinite(high) && low != high;
    return of(value) + (band ? "\u00a0[" + of(low) + ", " + of(high) + "]" : "");
  }

  /// Decimals that two significant digits of a number take.
  public static int decimals(double value) {
    return Math.max(0, new BigDecimal(value).round(new MathContext(2)).scale());
  }

  /// With so many decimals.
  public static String fixed(double value, int decimals) {
    BigDecimal rounded = new BigDecimal(value).setScale(decimals, RoundingMode.HALF_EVEN);
    return decimals == 0 && Math.abs(value) >= 10_000
        ? of(rounded.longValueExact())
        : minus(rounded.toPlainString());
  }

  public static String withUnit(double value, String unit) {
    return unit.isEmpty() ? of(value) : of(value) + "\u00a0" + unit;
  }

  public static String of(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds < 60) {
      return of(duration.toMillis() / 1000.0) + "\u00a0s";
    }
    if (seconds < 3600) {
      return "%d\u00a0min %02d\u00a0s".formatted(seconds / 60, seconds % 60);
    }
    return "%d\u00a0h %02d\u00a0min".formatted(seconds / 3600, seconds / 60 % 60);
  }

  public static String bytes(long count) {
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
