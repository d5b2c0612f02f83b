package org.pixelwake.report.plot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.Spread;
import org.pixelwake.report.page.Arguments;
import org.pixelwake.report.page.Json;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.Table;

/// Lines and points over two numeric axes: learning curves, ROC curves, what was measured beside
/// what was expected.
///
/// @param id anchor in the page and name of the files, such as "accuracy-over-steps"; empty where
///   the section numbers its figures
/// @param title heading
/// @param x horizontal axis
/// @param y vertical axis
/// @param spread what the bands are, such as "smallest to largest of the seeds"; empty where there
///   are none
/// @param explanation one or two sentences: what is shown and how to read it
/// @param lines what is drawn, in the order of the legend, guides last
public record Figure(
    String id, String title, Axis x, Axis y, String spread, String explanation, List<Line> lines)
    implements Diagram {
  /// Copies the list.
  public Figure {
    if (!id.isEmpty()) {
      Arguments.checkId(id);
    }
    lines = List.copyOf(lines);
  }

  /// A figure that its section numbers, with axes as long as the values ask for.
  ///
  /// @param logX whether the horizontal axis is logarithmic
  /// @param logY whether the vertical axis starts logarithmic; the reader can switch
  public Figure(
      String title,
      String x,
      String y,
      boolean logX,
      boolean logY,
      String explanation,
      List<Line> lines) {
    this("", title, Axis.of(x, logX), Axis.of(y, logY), "", explanation, lines);
  }

  /// Values over the iterations of a training.
  ///
  /// @param unit of the vertical axis; empty for a pure number
  public static Figure overIterations(
      String title, String unit, boolean log, String explanation, List<Line> lines) {
    return new Figure(title, "Iteration", unit, false, log, explanation, lines);
  }

  /// Values over the steps of a training.
  public static Figure overSteps(
      String id, String title, Axis y, String spread, String explanation, List<Line> lines) {
    return new Figure(id, title, Axis.of("training step"), y, spread, explanation, lines);
  }

  /// True positive rate over false positive rate, with the diagonal of a guess.
  public static Figure roc(
      String id, String title, String spread, String explanation, List<Line> lines) {
    Axis x = Axis.of("false positive rate").from(0, 1);
    Axis y = Axis.of("true positive rate").from(0, 1);
    return new Figure(id, title, x, y, spread, explanation, withDiagonal(lines, "guess"));
  }

  /// Reliability diagram: how often predictions of a given confidence are right, with the diagonal
  /// of what is calibrated.
  ///
  /// @param intervals what the bars are, such as "95 % Wilson interval"; empty where there are none
  /// @param lines share of right predictions by mean predicted probability
  /// @param errors expected calibration error of each line over seeds; [Spread#NONE] where it was
  ///   not measured
  public static Figure reliability(
      String id,
      String title,
      String intervals,
      String explanation,
      List<Line> lines,
      List<Spread> errors) {
    List<String> told =
        IntStream.range(0, lines.size())
            .filter(k -> errors.get(k).measured())
            .mapToObj(k -> lines.get(k).name + " " + Numbers.of(errors.get(k), ""))
            .toList();
    String calibration = " Expected calibration error: " + String.join("; ", told) + ".";
    return new Figure(
        id,
        title,
        Axis.of("predicted probability").from(0, 1),
        Axis.of("share that was right").from(0, 1),
        intervals,
        told.isEmpty() ? explanation : explanation + calibration,
        withDiagonal(lines, "calibrated"));
  }

  private static List<Line> withDiagonal(List<Line> lines, String name) {
    List<Line> all = new ArrayList<>(lines);
    all.add(new Line(name, Style.GUIDE, new double[] {0, 1}, new double[] {0, 1}));
    return all;
  }

  /// Returns this figure with another id.
  public Figure named(String name) {
    return new Figure(name, title, x, y, spread, explanation, lines);
  }

  /// Returns this figure over a linear and over a logarithmic vertical axis.
  public List<Figure> scales() {
    return List.of(over(false), over(true));
  }

  private Figure over(boolean log) {
    Axis other = log == y.log ? y : Axis.of(y.name, log);
    return new Figure(id, title, x, other, spread, explanation, lines);
  }

  @Override
  public String caption() {
    return spread.isEmpty() ? explanation : explanation + " Bands: " + spread + ".";
  }

  @Override
  public String svg(Palette palette) {
    return FigureDrawing.draw(this, palette);
  }

  /// Rows at every x of some line; where these are too many, at those of the line with the fewest,
  /// and the latest value of every other line.
  @Override
  public Table table() {
    List<Line> told = lines.stream().filter(line -> line.style != Style.GUIDE).toList();
    double[] all =
        told.stream().flatMapToDouble(line -> Arrays.stream(line.x)).distinct().sorted().toArray();
    boolean many = all.length > Table.MOST_ROWS;
    double[] rows =
        !many
            ? all
            : told.stream()
                .map(Line::x)
                .filter(x -> x.length > 0)
                .min(Comparator.comparingInt(x -> x.length))
                .orElse(all);
    Table table = new Table(x.name, told.stream().map(Line::name).toList());
    int[] shown = Table.thinned(rows.length);
    if (many) {
      String count = Numbers.of((long) all.length);
      table.caption(shown.length + " of " + count + " rows; each line with its latest value.");
    }
    for (int row : shown) {
      double at = rows[row];
      table.row(Numbers.exact(at), told.stream().map(line -> line.text(at, many)).toList());
    }
    return table;
  }

  /// Axes and values, for reading values at the pointer.
  @Override
  public String values() {
    return values(List.of(this));
  }

  /// Returns the values for drawings over several vertical axes; without one no part can be
  /// enlarged.
  public String values(List<Figure> scales) {
    List<Line> drawn = drawn();
    FigureDrawing.Frame frame = FigureDrawing.frame(this, drawn);
    return Json.text(
        Json.object(
            "x", x.name,
            "logX", x.log,
            "low", frame.x().low(),
            "high", frame.x().high(),
            "left", frame.x().from(),
            "right", frame.x().to(),
            "top", frame.y().to(),
            "bottom", frame.y().from(),
            "y", scales.stream().map(s -> scale(FigureDrawing.frame(s, drawn).y())).toList(),
            "lines",
                drawn.stream()
                    .filter(line -> line.style != Style.GUIDE)
                    .map(Line::values)
                    .toList()));
  }

  private static Map<String, Object> scale(AxisScale y) {
    return Json.object("log", y.log(), "low", y.low(), "high", y.high());
  }

  /// The lines as they are drawn: long ones thinned, and a noisy one followed by its running mean.
  List<Line> drawn() {
    List<Line> drawn = new ArrayList<>();
    for (Line line : lines) {
      int[] kept = Thinning.keep(line.size(), i -> line.y[i], Thinning.BUCKETS);
      int half = line.style == Style.TRAIN ? Thinning.halfWindow(line.size()) : 0;
      drawn.add(line.at(kept, half == 0 && line.style == Style.TRAIN ? Style.OTHER : line.style));
      if (half > 0) {
        String name = line.name + ", mean of " + (2 * half + 1);
        double[] mean = Thinning.runningMean(line.y, half);
        drawn.add(new Line(name, Style.MEAN, line.x, mean).at(kept, Style.MEAN));
      }
    }
    return drawn;
  }

  /// How values are drawn.
  public enum Style {
    /// Noisy values of every step of a training: a faint line, and its running mean.
    TRAIN,
    /// The running mean of the line before it.
    MEAN,
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
    LIMIT,
    /// A faint dashed line to compare with, which has no values to read.
    GUIDE
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
      return of(name, false);
    }

    /// Logarithmic, as long as the values ask for.
    public static Axis logarithmic(String name) {
      return of(name, true);
    }

    private static Axis of(String name, boolean log) {
      return new Axis(name, log, null, null);
    }

    /// Returns this axis with fixed ends.
    ///
    /// @throws IllegalArgumentException if they do not ascend, or are not positive on a logarithmic
    ///   axis
    public Axis from(double least, double greatest) {
      boolean ascending = least < greatest && (!log || least > 0);
      Arguments.check(ascending, "%s: axis from %s to %s", name, least, greatest);
      return new Axis(name, log, least, greatest);
    }
  }

  /// A line or points, with the band of its spread.
  ///
  /// @param name name in the legend, the same for a variation in every figure
  /// @param style how it is drawn
  /// @param x ascending
  /// @param y one for each x, such as the mean over seeds; a value that is not finite leaves a gap
  /// @param low lower end of the band, one for each x; not finite where there is none
  /// @param high upper end of the band
  public record Line(
      String name, Style style, double[] x, double[] y, double[] low, double[] high) {
    /// @throws IllegalArgumentException if lengths differ or x does not ascend
    public Line {
      int n = x.length;
      Arguments.check(
          n == y.length && n == low.length && n == high.length,
          "%s: %d x, %d y, %d and %d ends of the band",
          name,
          n,
          y.length,
          low.length,
          high.length);
      Arguments.checkAscending(name + ", x", x);
    }

    /// A line without a band.
    public Line(String name, Style style, double[] x, double[] y) {
      this(name, style, x, y, y, y);
    }

    /// A line without a band that may rise upright: of several points at one x the highest.
    public static Line rising(String name, double[] x, double[] y) {
      TreeMap<Double, Double> highest = new TreeMap<>();
      double last = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < x.length; i++) {
        last = Math.max(last, x[i]);
        highest.merge(last, y[i], Math::max);
      }
      double[] xs = highest.keySet().stream().mapToDouble(v -> v).toArray();
      double[] ys = highest.values().stream().mapToDouble(v -> v).toArray();
      return new Line(name, Style.CURVE, xs, ys);
    }

    /// Mean over seeds at every x that some seed has, over those that have it; the band reaches
    /// from the smallest to the largest.
    public static Line ofSeeds(String name, List<Seed> seeds) {
      TreeMap<Double, double[]> values = new TreeMap<>();
      for (int k = 0; k < seeds.size(); k++) {
        Seed seed = seeds.get(k);
        for (int i = 0; i < seed.x.length; i++) {
          values.computeIfAbsent(seed.x[i], at -> unmeasured(seeds.size()))[k] = seed.y[i];
        }
      }
      double[] x = values.keySet().stream().mapToDouble(v -> v).toArray();
      List<double[]> rows = List.copyOf(values.values());
      double[] y = rows.stream().mapToDouble(row -> Spread.of(row).mean()).toArray();
      double[] low =
          rows.stream().mapToDouble(row -> finite(row).min().orElse(Double.NaN)).toArray();
      double[] high =
          rows.stream().mapToDouble(row -> finite(row).max().orElse(Double.NaN)).toArray();
      return new Line(name, Style.CURVE, x, y, low, high);
    }

    private static double[] unmeasured(int count) {
      return DoubleStream.generate(() -> Double.NaN).limit(count).toArray();
    }

    private static DoubleStream finite(double[] values) {
      return Arrays.stream(values).filter(Double::isFinite);
    }

    /// Number of values.
    public int size() {
      return x.length;
    }

    /// Returns true if there is no band.
    private boolean plain() {
      return Arrays.equals(y, low) && Arrays.equals(y, high);
    }

    private Line at(int[] kept, Style as) {
      double[] ys = at(y, kept);
      return plain()
          ? new Line(name, as, at(x, kept), ys)
          : new Line(name, as, at(x, kept), ys, at(low, kept), at(high, kept));
    }

    private static double[] at(double[] values, int[] kept) {
      return Arrays.stream(kept).mapToDouble(i -> values[i]).toArray();
    }

    /// The value at a place, or where there is none the latest before it.
    private String text(double at, boolean orBefore) {
      int found = Arrays.binarySearch(x, at);
      int i = found < 0 && orBefore ? -found - 2 : found;
      return i < 0 ? "–" : Numbers.of(y[i], low[i], high[i]);
    }

    private Map<String, Object> values() {
      Map<String, Object> values = Json.object("name", name, "x", x, "y", y);
      if (!plain()) {
        values.putAll(Json.object("low", low, "high", high));
      }
      return values;
    }
  }

  /// The run of one seed.
  ///
  /// @param x ascending
  /// @param y one for each x; a value that is not finite was not measured
  public record Seed(double[] x, double[] y) {}
}
