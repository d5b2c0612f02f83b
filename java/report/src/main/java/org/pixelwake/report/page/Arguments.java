package org.pixelwake.report.page;

import java.util.Locale;

/// Checks of what is handed to a report.
public final class Arguments {
  private Arguments() {}

  /// @param problem what is wrong otherwise, a format of the values
  /// @throws IllegalArgumentException unless it holds
  @SuppressWarnings("AnnotateFormatMethod") // its annotation is of no library of this module
  public static void check(boolean holds, String problem, Object... values) {
    if (!holds) {
      throw new IllegalArgumentException(String.format(Locale.ROOT, problem, values));
    }
  }

  /// @throws IllegalArgumentException unless each value is larger than the one before it
  public static void checkAscending(String name, double[] values) {
    for (int i = 1; i < values.length; i++) {
      check(values[i] > values[i - 1], "%s: %s after %s", name, values[i], values[i - 1]);
    }
  }

  /// Checks an id of a figure, which is an anchor and the name of a file.
  ///
  /// @throws IllegalArgumentException unless it is of small letters, digits and hyphens
  public static void checkId(String id) {
    boolean plain = id.matches("[a-z0-9][a-z0-9-]{0,63}");
    check(plain, "id '%s': only small letters, digits and hyphens, at most 64", id);
  }
}
