package org.pixelwake.timepix.validation;

import java.util.ArrayList;
import java.util.List;

/// Lines and points over common axes.
///
/// @param title heading
/// @param x what the horizontal axis is, with its unit
/// @param y what the vertical axis is, with its unit
/// @param logX whether the horizontal axis is logarithmic
/// @param logY whether the vertical axis is logarithmic
/// @param explanation one sentence: what is shown and how to read it
/// @param lines what is drawn
public record Plot(
    String title,
    String x,
    String y,
    boolean logX,
    boolean logY,
    String explanation,
    List<Line> lines) {
  public Plot {
    lines = List.copyOf(lines);
  }

  /// How values are drawn.
  public enum Style {
    /// Points that are joined.
    CURVE,
    /// Points alone.
    POINTS,
    /// Steps, each from its x to the next.
    STEPS,
    /// A faint line that marks what is allowed.
    LIMIT
  }

  /// A line or points.
  ///
  /// @param name name in the legend
  /// @param style how it is drawn
  /// @param x ascending
  /// @param y one for each x; NaN leaves a gap
  public record Line(String name, Style style, double[] x, double[] y) {
    public Line {
      x = x.clone();
      y = y.clone();
      if (x.length != y.length) {
        throw new IllegalArgumentException(name + ": " + x.length + " x, " + y.length + " y");
      }
    }

    @Override
    public double[] x() {
      return x.clone();
    }

    @Override
    public double[] y() {
      return y.clone();
    }
  }

  /// Simulated over published with lines at the tolerance.
  ///
  /// @param of what is compared
  /// @param allowedPerCent tolerance, per cent
  static Plot ratio(String of, String x, boolean logX, double allowedPerCent, List<Line> ratios) {
    double least = Double.POSITIVE_INFINITY;
    double greatest = Double.NEGATIVE_INFINITY;
    for (Line line : ratios) {
      least = Math.min(least, line.x[0]);
      greatest = Math.max(greatest, line.x[line.x.length - 1]);
    }
    double[] ends = {least, greatest};
    double low = 1 - allowedPerCent / 100;
    double high = 1 + allowedPerCent / 100;
    List<Line> lines = new ArrayList<>(ratios);
    lines.add(new Line("least allowed", Style.LIMIT, ends, new double[] {low, low}));
    lines.add(new Line("greatest allowed", Style.LIMIT, ends, new double[] {high, high}));
    return new Plot(
        of + ": ratio",
        x,
        "simulated / published",
        logX,
        false,
        "Simulated over published; the faint lines are the tolerance.",
        lines);
  }
}
