package org.pixelwake.report.plot;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.Spread;
import org.pixelwake.report.page.Json;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.Section;
import org.pixelwake.report.page.Table;

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
    List<Guide> guides)
    implements Diagram {
  /// Copies the lists.
  public BandFigure {
    Section.checkId(id);
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

  /// Reliability diagram: how often predictions of a given confidence are right, with the diagonal
  /// of what is calibrated.
  ///
  /// @param intervals what the bars are, such as "95 % Wilson interval"; empty where there are none
  /// @param lines share of right predictions by mean predicted probability
  /// @param errors expected calibration error of each line over seeds; [Spread#NONE] where it was
  ///   not measured
  public static BandFigure reliability(
      String id,
      String title,
      String intervals,
      String explanation,
      List<BandLine> lines,
      List<Spread> errors) {
    List<String> told = new ArrayList<>();
    for (int k = 0; k < lines.size(); k++) {
      if (errors.get(k).measured()) {
        told.add(lines.get(k).name() + " " + Numbers.of(errors.get(k), ""));
      }
    }
    String calibration = " Expected calibration error: " + String.join("; ", told) + ".";
    return new BandFigure(
        id,
        title,
        Axis.of("predicted probability").from(0, 1),
        Axis.of("share that was right").from(0, 1),
        intervals,
        told.isEmpty() ? explanation : explanation + calibration,
        lines,
        List.of(new Guide("calibrated", new double[] {0, 1}, new double[] {0, 1})));
  }

  @Override
  public String caption() {
    return spread.isEmpty() ? explanation : explanation + " Bands: " + spread + ".";
  }

  @Override
  public String svg(Palette palette) {
    return BandDrawing.draw(this, palette);
  }

  /// Rows at every x of some line, evenly thinned where there are many.
  @Override
  public Table table() {
    TreeMap<Double, String[]> rows = new TreeMap<>();
    for (int k = 0; k < lines.size(); k++) {
      BandLine line = lines.get(k);
      for (int i = 0; i < line.x().length; i++) {
        String[] row = rows.computeIfAbsent(line.x()[i], key -> Table.dashes(lines.size()));
        row[k] = Numbers.of(line.y()[i], line.low()[i], line.high()[i]);
      }
    }
    Table table = new Table(x.name(), lines.stream().map(BandLine::name).toList());
    List<Map.Entry<Double, String[]>> all = List.copyOf(rows.entrySet());
    int[] shown = Table.thinned(all.size());
    if (shown.length < all.size()) {
      table.caption(shown.length + " of " + all.size() + " rows, evenly spaced.");
    }
    for (int index : shown) {
      table.row(Numbers.of(all.get(index).getKey()), all.get(index).getValue());
    }
    return table;
  }

  /// Axes and values, for reading values at the pointer.
  @Override
  public String values() {
    BandDrawing.Frame frame = BandDrawing.frame(this);
    return Json.text(
        Json.object(
            "x", x.name(),
            "logX", frame.x().log(),
            "low", frame.x().low(),
            "high", frame.x().high(),
            "left", frame.x().from(),
            "right", frame.x().to(),
            "top", frame.y().to(),
            "bottom", frame.y().from(),
            "lines", lines.stream().map(BandFigure::values).toList()));
  }

  private static Map<String, Object> values(BandLine line) {
    return Json.object(
        "name", line.name(), "x", line.x(), "y", line.y(), "low", line.low(), "high", line.high());
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
