package org.pixelwake.run;

import java.util.Locale;

/// Numbers for people.
public final class Texts {
  private static final String[] BYTES = {"B", "kB", "MB", "GB", "TB", "PB"};

  private Texts() {}

  /// With commas: `1,234,567`.
  public static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /// In powers of 1000: `12.3 MB`.
  public static String bytes(long value) {
    return bytes((double) value);
  }

  /// Returns a number of bytes that is not whole, such as a rate, in the same way.
  public static String bytes(double value) {
    int unit = 0;
    double scaled = value;
    while (scaled >= 999.5 && unit < BYTES.length - 1) {
      scaled /= 1000;
      unit++;
    }
    return (unit == 0 ? String.format(Locale.ROOT, "%.0f", scaled) : digits(scaled))
        + " "
        + BYTES[unit];
  }

  /// Three significant digits, more before the point where it needs them.
  public static String digits(double value) {
    double size = Math.abs(value);
    if (size != 0 && (size < 1e-3 || size >= 1e9)) {
      return String.format(Locale.ROOT, "%.2e", value);
    }
    int decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 4;
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }

  /// A time span of nanoseconds in the unit that suits it: `40.0 ns`, `1.50 s`, `2 h 03 min`.
  public static String nanoseconds(double value) {
    if (value >= 60e9) {
      return clockwork(value / 1e9);
    }
    if (value >= 1e9) {
      return digits(value / 1e9) + " s";
    }
    return value < 1e3
        ? digits(value) + " ns"
        : value < 1e6 ? digits(value / 1e3) + " us" : digits(value / 1e6) + " ms";
  }

  private static String clockwork(double seconds) {
    long whole = Math.round(seconds);
    if (whole < 3600) {
      return whole / 60 + " min " + two(whole % 60) + " s";
    }
    long minutes = Math.round(seconds / 60);
    if (minutes < 48 * 60) {
      return minutes / 60 + " h " + two(minutes % 60) + " min";
    }
    return minutes / 1440 + " d " + two(minutes / 60 % 24) + " h";
  }

  /// A clock of seconds: `0:07`, `12:34`, `1:02:03`.
  public static String clock(double seconds) {
    long whole = Math.round(Math.max(0, seconds));
    return whole < 3600
        ? whole / 60 + ":" + two(whole % 60)
        : whole / 3600 + ":" + two(whole / 60 % 60) + ":" + two(whole % 60);
  }

  private static String two(long value) {
    return String.format(Locale.ROOT, "%02d", value);
  }
}
