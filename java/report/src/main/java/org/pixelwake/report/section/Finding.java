package org.pixelwake.report.section;

import java.util.List;
import org.pixelwake.report.plot.Figure;

/// A part of a validation: numbers that are judged, and the figures they are from.
///
/// @param id anchor in the page, such as `straggling`
/// @param title heading
/// @param text what is compared and how
/// @param verdicts the numbers
/// @param figures the pictures
public record Finding(
    String id, String title, String text, List<Verdict> verdicts, List<Figure> figures) {
  /// Copies the lists.
  public Finding {
    verdicts = List.copyOf(verdicts);
    figures = List.copyOf(figures);
  }

  /// A number and what it should be.
  ///
  /// @param name what it is
  /// @param value the number
  /// @param unit its unit; empty for a pure number
  /// @param least least value that holds
  /// @param greatest greatest value that holds
  /// @param holds whether it does
  /// @param source where the expected value is from
  public record Verdict(
      String name,
      double value,
      String unit,
      double least,
      double greatest,
      boolean holds,
      String source) {}

  /// Whether all numbers hold.
  public boolean holds() {
    return verdicts.stream().allMatch(Verdict::holds);
  }
}
