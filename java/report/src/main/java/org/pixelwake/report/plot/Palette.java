package org.pixelwake.report.plot;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/// Gives every variation one colour and dash in the whole report, in the order of first mention.
public final class Palette {
  private final Map<String, Integer> numbers = new LinkedHashMap<>();
  private final UnaryOperator<String> key;

  /// Begins without colours; every name has its own.
  public Palette() {
    this(UnaryOperator.identity());
  }

  /// Begins without colours.
  ///
  /// @param key part of a name that decides its colour
  public Palette(UnaryOperator<String> key) {
    this.key = key;
  }

  /// Returns the number of the colour of a name.
  public int number(String name) {
    return numbers.computeIfAbsent(key.apply(name), _ -> numbers.size());
  }
}
