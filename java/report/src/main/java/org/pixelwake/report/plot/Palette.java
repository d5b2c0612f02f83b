package org.pixelwake.report.plot;

import java.util.LinkedHashMap;
import java.util.Map;

/// Gives every variation one colour and dash in the whole report, in the order of first mention.
public final class Palette {
  private final Map<String, Integer> numbers = new LinkedHashMap<>();

  /// Begins without colours.
  public Palette() {}

  public int number(String name) {
    return numbers.computeIfAbsent(name, key -> numbers.size());
  }
}
