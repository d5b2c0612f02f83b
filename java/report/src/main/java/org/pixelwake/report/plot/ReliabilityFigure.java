package org.pixelwake.report.plot;

import java.util.List;
import org.pixelwake.base.Spread;
import org.pixelwake.report.page.Ids;

/// Reliability diagram: how often predictions of a given confidence are right.
///
/// @param id anchor in the page and name of the files
/// @param title heading
/// @param intervals what the bars are, such as "95 % Wilson interval"; empty where there are none
/// @param explanation one or two sentences
/// @param lines the variations
public record ReliabilityFigure(
    String id, String title, String intervals, String explanation, List<Line> lines) {
  /// Copies the list.
  public ReliabilityFigure {
    Ids.check(id);
    lines = List.copyOf(lines);
  }

  /// A variation.
  ///
  /// @param name the same for a variation in every figure
  /// @param confidence mean predicted probability in each bin, ascending
  /// @param accuracy share of right predictions in each bin
  /// @param low lower end of its interval
  /// @param high upper end of its interval
  /// @param calibrationError expected calibration error over seeds; [Spread#NONE] where not
  ///   measured
  public record Line(
      String name,
      double[] confidence,
      double[] accuracy,
      double[] low,
      double[] high,
      Spread calibrationError) {
    /// Copies the arrays.
    public Line {
      confidence = confidence.clone();
      accuracy = accuracy.clone();
      low = low.clone();
      high = high.clone();
    }

    public BandLine band() {
      return new BandLine(name, confidence, accuracy, low, high);
    }
  }
}
