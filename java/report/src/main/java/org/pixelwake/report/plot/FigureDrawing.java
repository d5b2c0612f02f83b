package org.pixelwake.report.plot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.pixelwake.report.plot.Figure.Line;
import org.pixelwake.report.plot.Figure.Style;

/// Draws a [Figure], with its legend below.
final class FigureDrawing {
  static final double WIDTH = 600;
  private static final double PLOT_HEIGHT = 366;
  private static final double LEFT = 64;
  private static final double RIGHT = 14;
  private static final double TOP = 12;
  private static final double BOTTOM = 46;

  private static final double LEGEND_ROW = 20;

  private FigureDrawing() {}

  /// The axes of a figure: where its values lie.
  record Frame(AxisScale x, AxisScale y) {}

  /// @param lines of the figure, as they are drawn
  static Frame frame(Figure figure, List<Line> lines) {
    DoubleStream xs = lines.stream().map(Line::x).flatMapToDouble(Arrays::stream);
    DoubleStream ys =
        lines.stream()
            .flatMap(line -> Stream.of(line.y(), line.low(), line.high()))
            .flatMapToDouble(Arrays::stream);
    return new Frame(
        AxisScale.fit(figure.x(), xs, LEFT, WIDTH - RIGHT),
        AxisScale.fit(figure.y(), ys, PLOT_HEIGHT - BOTTOM, TOP));
  }

  static String draw(Figure figure, Palette palette) {
    List<Line> lines = figure.drawn();
    Frame frame = frame(figure, lines);
    Legend legend = Legend.of(lines);
    Svg svg = new Svg(WIDTH, legend.height(), figure.title());
    axes(svg, frame, figure.x().name(), figure.y().name());
    List<Integer> numbers = numbers(lines, palette);
    // Beside points that stand alone, joined ones would be taken for them.
    boolean alone = lines.stream().anyMatch(line -> line.style() == Style.POINTS);
    for (boolean behind : new boolean[] {true, false}) {
      for (int k = 0; k < lines.size(); k++) {
        if (behind == dashed(lines.get(k))) {
          svg.open("class", "series", "data-series", Integer.toString(k));
          line(svg, frame, lines.get(k), numbers.get(k), alone);
          svg.close();
        }
      }
    }
    legend.draw(svg, palette, false);
    return svg.finish();
  }

  /// Numbers of the colours: a mean has that of its line, what is only compared with has none.
  private static List<Integer> numbers(List<Line> lines, Palette palette) {
    List<Integer> numbers = new ArrayList<>();
    for (Line line : lines) {
      int number =
          switch (line.style()) {
            case MEAN -> numbers.getLast();
            case LIMIT, GUIDE -> 0;
            default -> palette.number(line.name());
          };
      numbers.add(number);
    }
    return numbers;
  }

  private static boolean dashed(Line line) {
    return line.style() == Style.LIMIT || line.style() == Style.GUIDE;
  }

  /// Names below a drawing, in as many columns as fit.
  record Legend(int columns, List<Line> lines) {
    static Legend of(List<Line> lines) {
      double widest = Svg.widest(lines.stream().map(Line::name), 60, WIDTH);
      return new Legend(Math.max(1, (int) ((WIDTH - LEFT - RIGHT) / (widest + 44))), lines);
    }

    /// Height of the drawing with its legend.
    double height() {
      return PLOT_HEIGHT + LEGEND_ROW * Math.ceilDiv(lines.size(), columns) + 6;
    }

    /// Draws the names, which script makes switches.
    ///
    /// @param marks whether the shape of points tells the lines apart
    void draw(Svg svg, Palette palette, boolean marks) {
      List<Integer> numbers = numbers(lines, palette);
      for (int k = 0; k < lines.size(); k++) {
        Line line = lines.get(k);
        double x = LEFT + (k % columns) * (WIDTH - LEFT - RIGHT) / columns;
        int row = k / columns;
        double y = PLOT_HEIGHT + LEGEND_ROW * row + 8;
        String[] hit = Svg.look("class=hit;fill=#ffffff;fill-opacity=0;rx=3");
        svg.open("class", "entry", "data-entry", Integer.toString(k));
        svg.rect(x - 4, y - 10, Svg.width(line.name(), 12) + 44, 20, hit);
        if (marks) {
          svg.mark(x + 13, y, numbers.get(k));
        } else if (line.style() == Style.POINTS) {
          svg.circle(x + 13, y, radius(line), Svg.fill(numbers.get(k), 1));
        } else {
          svg.line(x, y, x + 26, y, look(line, numbers.get(k), 2.4));
        }
        svg.text(x + 32, y + 4, line.name(), "start", Svg.title());
        svg.close();
      }
    }
  }

  /// Grid, ticks and names of both axes.
  static void axes(Svg svg, Frame frame, String x, String y) {
    double bottom = frame.y.from();
    double top = frame.y.to();
    double left = frame.x.from();
    double right = frame.x.to();
    svg.open("class", "ticks");
    for (double tick : frame.y.ticks()) {
      double at = frame.y.at(tick);
      svg.line(left, at, right, at, Svg.grid());
      svg.text(left - 7, at + 4, AxisScale.label(tick), "end");
    }
    frame.x.draw(svg, top, bottom);
    svg.close();
    svg.line(left, bottom, right, bottom, Svg.axis());
    svg.line(left, bottom, left, top, Svg.axis());
    svg.text((left + right) / 2, bottom + 37, x, "middle", Svg.title());
    if (!y.isEmpty()) {
      svg.upright(15, (top + bottom) / 2, y);
    }
  }

  private static String[] look(Line line, int number, double width) {
    return switch (line.style()) {
      case TRAIN -> Svg.join(Svg.stroke(number, width / 2), "stroke-opacity", "0.4");
      case CURVE -> Svg.dashed(number, width);
      case LIMIT, GUIDE -> Svg.guide();
      default -> Svg.stroke(number, width);
    };
  }

  private static void line(Svg svg, Frame frame, Line line, int number, boolean alone) {
    double[] x = places(frame.x, line.x());
    double[] y = places(frame.y, line.y());
    band(svg, x, places(frame.y, line.low()), places(frame.y, line.high()), number);
    String path = line.style() == Style.STEPS ? steps(x, y) : Svg.polyline(x, y);
    if (line.style() != Style.POINTS) {
      svg.path(path, look(line, number, 2));
    }
    double radius = alone && line.style() == Style.CURVE ? 0 : radius(line);
    for (int i = 0; radius > 0 && i < x.length; i++) {
      if (Double.isFinite(x[i]) && Double.isFinite(y[i])) {
        svg.circle(x[i], y[i], radius, Svg.fill(number, 1));
      }
    }
  }

  /// Radius of the points of a line; 0 for a line without, such as one of many points.
  private static double radius(Line line) {
    return switch (line.style()) {
      case POINTS -> 3.5;
      case HELD_OUT -> line.size() <= 80 ? 3 : 0;
      case CURVE -> line.size() <= 40 ? 2.4 : 0;
      default -> line.size() == 1 ? 3 : 0;
    };
  }

  private static String steps(double[] x, double[] y) {
    double[] xs = new double[Math.max(0, 2 * x.length - 1)];
    double[] ys = new double[xs.length];
    Arrays.setAll(xs, i -> x[(i + 1) / 2]);
    Arrays.setAll(ys, i -> y[i / 2]);
    return Svg.polyline(xs, ys);
  }

  /// The areas between both ends, one for each run of points that have them.
  private static void band(Svg svg, double[] x, double[] low, double[] high, int number) {
    int end;
    for (int start = 0; start < x.length; start = end + 1) {
      boolean open = false;
      for (end = start; end < x.length && Double.isFinite(x[end] + low[end] + high[end]); end++) {
        open |= low[end] != high[end];
      }
      int n = end - start;
      if (open && n > 1) {
        int from = start;
        double[] xs = new double[2 * n];
        double[] ys = new double[2 * n];
        Arrays.setAll(xs, i -> x[from + Math.min(i, 2 * n - 1 - i)]);
        Arrays.setAll(ys, i -> i < n ? high[from + i] : low[from + 2 * n - 1 - i]);
        svg.path(Svg.polyline(xs, ys) + "Z", Svg.fill(number, 0.16));
      }
    }
  }

  private static double[] places(AxisScale scale, double[] values) {
    return Arrays.stream(values)
        .map(v -> Double.isFinite(v) ? scale.inside(v) : Double.NaN)
        .toArray();
  }
}
