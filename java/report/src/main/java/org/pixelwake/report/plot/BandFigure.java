package org.pixelwake.report.plot;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.report.page.Ids;

/// Lines with bands of their spread over common axes: learning curves over seeds, ROC curves.
///
/// @param id anchor in the page and name of the files, such as "accuracy-over-steps"
/// @param title heading
/// @param x horizontal axis
/// @param y vertical axis
/// @param spread what the bands are, such as "smallest to largest of the seeds"; empty where there
///   are none
/// @param explanation one or two sentences: what is shown and how to read it
/// @param lines what is drawn, in the order of the legend
/// @param guides faint lines to compare with
public record BandFigure(
    String id,
    String title,
    Axis x,
    Axis y,
    String spread,
    String explanation,
    List<BandLine> lines,
    List<Guide> guides) {
  /// Copies the lists.
  public BandFigure {
    Ids.check(id);
    lines = List.copyOf(lines);
    guides = List.copyOf(guides);
  }

  /// Values over the steps of a training.
  public static BandFigure overSteps(
      String id, String title, Axis y, String spread, String explanation, List<BandLine> lines) {
    Axis steps = Axis.of("training step");
    return new BandFigure(id, title, steps, y, spread, explanation, lines, List.of());
  }

  /// True positive rate over false positive rate, with the diagonal of a guess.
  public static BandFigure roc(
      String id, String title, String spread, String explanation, List<BandLine> lines) {
    Guide guess = new Guide("guess", new double[] {0, 1}, new double[] {0, 1});
    return new BandFigure(
        id,
        title,
        Axis.of("false positive rate").from(0, 1),
        Axis.of("true positive rate").from(0, 1),
        spread,
        explanation,
        lines,
        List.of(guess));
  }

  /// An axis.
  ///
  /// @param name what it is, with its unit
  /// @param log whether it is logarithmic
  /// @param low its lower end; null where the values decide
  /// @param high its upper end; null where the values decide
  public record Axis(String name, boolean log, @Nullable Double low, @Nullable Double high) {
    /// Linear, as long as the values ask for.
    public static Axis of(String name) {
      return new Axis(name, false, null, null);
    }

    /// Logarithmic, as long as the values ask for.
    public static Axis logarithmic(String name) {
      return new Axis(name, true, null, null);
    }

    /// The same with fixed ends.
    ///
    /// @throws IllegalArgumentException if they do not ascend, or are not positive on a logarithmic
    ///   axis
    public Axis from(double least, double greatest) {
      if (!(least < greatest) || log && !(least > 0)) {
        throw new IllegalArgumentException(name + ": axis from " + least + " to " + greatest);
      }
      return new Axis(name, log, least, greatest);
    }
  }

  /// A faint dashed line.
  ///
  /// @param name name in the legend
  /// @param x ascending
  /// @param y one for each x
  public record Guide(String name, double[] x, double[] y) {
    /// Copies the arrays.
    public Guide {
      x = x.clone();
      y = y.clone();
      if (x.length != y.length) {
        throw new IllegalArgumentException(name + ": " + x.length + " x, " + y.length + " y");
      }
    }
  }
}
