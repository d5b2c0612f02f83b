package org.pixelwake.report.plot;

import java.util.List;

/// Lines and points over two numeric axes.
///
/// @param title heading
/// @param x what the horizontal axis is, with its unit
/// @param y what the vertical axis is, with its unit
/// @param logX whether the horizontal axis is logarithmic
/// @param logY whether the vertical axis starts logarithmic; the reader can switch
/// @param explanation one sentence: what is shown and how to read it
/// @param lines what is drawn
public record Figure(
    String title,
    String x,
    String y,
    boolean logX,
    boolean logY,
    String explanation,
    List<Line> lines) {
  /// Copies the list.
  public Figure {
    lines = List.copyOf(lines);
  }

  /// Values over the iterations of a training.
  ///
  /// @param unit of the vertical axis; empty for a pure number
  public static Figure overIterations(
      String title, String unit, boolean log, String explanation, List<Line> lines) {
    return new Figure(title, "Iteration", unit, false, log, explanation, lines);
  }

  /// How values are drawn.
  public enum Style {
    /// Noisy values of every step of a training: a faint line with its running mean.
    TRAIN,
    /// Sparse values of an evaluation: a line with points.
    HELD_OUT,
    /// A smooth quantity, such as a learning rate: a plain line.
    OTHER,
    /// Points that are joined.
    CURVE,
    /// Points alone.
    POINTS,
    /// Steps, each from its x to the next.
    STEPS,
    /// A faint dashed line that marks what is allowed.
    LIMIT
  }

  /// A line or points.
  ///
  /// @param name name in the legend
  /// @param style how it is drawn
  /// @param x ascending
  /// @param y one for each x; a value that is not finite leaves a gap
  public record Line(String name, Style style, double[] x, double[] y) {
    /// Copies the arrays.
    ///
    /// @throws IllegalArgumentException if lengths differ or x does not ascend
    public Line {
      x = x.clone();
      y = y.clone();
      if (x.length != y.length) {
        throw new IllegalArgumentException(name + ": " + x.length + " x, " + y.length + " y");
      }
      for (int i = 1; i < x.length; i++) {
        if (!(x[i] > x[i - 1])) {
          throw new IllegalArgumentException(name + ": x " + x[i] + " after " + x[i - 1]);
        }
      }
    }

    /// Number of values.
    public int size() {
      return x.length;
    }

    /// One of `x`.
    public double x(int i) {
      return x[i];
    }

    /// One of `y`.
    public double y(int i) {
      return y[i];
    }
  }
}
