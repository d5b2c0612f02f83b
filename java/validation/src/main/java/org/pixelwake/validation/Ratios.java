package org.pixelwake.validation;

import java.util.ArrayList;
import java.util.List;
import org.pixelwake.report.plot.Figure;
import org.pixelwake.report.plot.Figure.Line;
import org.pixelwake.report.plot.Figure.Style;

/// Figures of simulated over published values.
final class Ratios {
  private Ratios() {}

  /// Simulated over published with lines at the tolerance.
  ///
  /// @param of what is compared
  /// @param allowedPerCent tolerance, per cent
  static Figure figure(
      String of, String x, boolean logX, double allowedPerCent, List<Line> ratios) {
    double least = Double.POSITIVE_INFINITY;
    double greatest = Double.NEGATIVE_INFINITY;
    for (Line line : ratios) {
      double[] at = line.x();
      least = Math.min(least, at[0]);
      greatest = Math.max(greatest, at[at.length - 1]);
    }
    double[] ends = {least, greatest};
    double low = 1 - allowedPerCent / 100;
    double high = 1 + allowedPerCent / 100;
    List<Line> lines = new ArrayList<>(ratios);
    lines.add(new Line("least allowed", Style.LIMIT, ends, new double[] {low, low}));
    lines.add(new Line("greatest allowed", Style.LIMIT, ends, new double[] {high, high}));
    return new Figure(
        of + ": ratio",
        x,
        "simulated / published",
        logX,
        false,
        "Simulated over published; the faint lines are the tolerance.",
        lines);
  }
}
