package org.pixelwake.report.plot;

import java.util.List;

/// Curves that share one pair of axes.
///
/// @param title heading, such as "Total loss"
/// @param unit of the vertical axis; empty for a pure number
/// @param logScale whether the vertical axis starts logarithmic; the reader can switch
/// @param explanation one sentence: what is shown and how to read it
/// @param series the curves, all of the same unit
public record Chart(
    String title, String unit, boolean logScale, String explanation, List<Series> series) {
  /// Copies the list.
  public Chart {
    series = List.copyOf(series);
  }
}
