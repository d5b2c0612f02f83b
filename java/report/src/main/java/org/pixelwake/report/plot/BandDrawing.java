package org.pixelwake.report.plot;

/// Draws a [BandFigure], with its legend below.
public final class BandDrawing {
  public static final double WIDTH = 600;
  static final double PLOT_HEIGHT = 366;
  static final double LEFT = 64;
  static final double RIGHT = 14;
  static final double TOP = 12;
  static final double BOTTOM = 46;

  private static final double LEGEND_ROW = 20;

  /// Lines with more points are drawn as points alone no longer.
  private static final int FEW = 40;

  private BandDrawing() {}

  /// The axes of a figure: where its values lie.
  public record Frame(AxisScale x, AxisScale y) {}

  public static Frame frame(BandFigure figure) {
    double[] xs = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
    double[] ys = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
    for (BandLine line : figure.lines()) {
      include(xs, line.x(), figure.x().log());
      include(ys, line.y(), figure.y().log());
      include(ys, line.low(), figure.y().log());
      include(ys, line.high(), figure.y().log());
    }
    return new Frame(
        AxisScale.fit(figure.x(), xs[0], xs[1], LEFT, WIDTH - RIGHT),
        AxisScale.fit(figure.y(), ys[0], ys[1], PLOT_HEIGHT - BOTTOM, TOP));
  }

  public static void include(double[] range, double[] values, boolean positive) {
    for (double value : values) {
      if (Double.isFinite(value) && (!positive || value > 0)) {
        range[0] = Math.min(range[0], value);
        range[1] = Math.max(range[1], value);
      }
    }
  }

  public static String draw(BandFigure figure, Palette palette) {
    Frame frame = frame(figure);
    Legend legend = legend(figure);
    Svg svg = new Svg(WIDTH, legend.height(), figure.title());
    axes(svg, frame, figure.x().name(), figure.y().name());
    for (BandFigure.Guide guide : figure.guides()) {
      svg.path(Svg.polyline(places(frame.x, guide.x()), places(frame.y, guide.y())), Svg.guide());
    }
    for (int k = 0; k < figure.lines().size(); k++) {
      BandLine line = figure.lines().get(k);
      svg.open("class", "series", "data-series", Integer.toString(k));
      line(svg, frame, line, palette.number(line.name()));
      svg.close();
    }
    legend.draw(svg, figure, palette, false);
    return svg.finish();
  }

  /// Names below a drawing, in as many columns as fit.
  public record Legend(int columns, int entries) {
    /// Height of the drawing with its legend.
    public double height() {
      return PLOT_HEIGHT + LEGEND_ROW * Math.ceilDiv(entries, columns) + 6;
    }

    /// @param marks whether lines are points alone
    public void draw(Svg svg, BandFigure figure, Palette palette, boolean marks) {
      int lines = figure.lines().size();
      for (int k = 0; k < entries; k++) {
        double x = LEFT + (k % columns) * (WIDTH - LEFT - RIGHT) / columns;
        int row = k / columns;
        double y = PLOT_HEIGHT + LEGEND_ROW * row + 8;
        if (k < lines) {
          String name = figure.lines().get(k).name();
          entry(svg, k, name, palette.number(name), marks, x, y);
        } else {
          svg.line(x, y, x + 26, y, Svg.guide());
          svg.text(x + 32, y + 4, figure.guides().get(k - lines).name(), "start");
        }
      }
    }
  }

  public static Legend legend(BandFigure figure) {
    double widest = 60;
    for (BandLine line : figure.lines()) {
      widest = Math.max(widest, Svg.width(line.name(), 12));
    }
    for (BandFigure.Guide guide : figure.guides()) {
      widest = Math.max(widest, Svg.width(guide.name(), 12));
    }
    int columns = Math.max(1, (int) ((WIDTH - LEFT - RIGHT) / (widest + 44)));
    return new Legend(columns, figure.lines().size() + figure.guides().size());
  }

  /// A name of the legend, which script makes a switch.
  static void entry(Svg svg, int index, String name, int number, boolean mark, double x, double y) {
    svg.open("class", "entry", "data-entry", Integer.toString(index));
    svg.rect(
        x - 4,
        y - 10,
        Svg.width(name, 12) + 44,
        20,
        "class",
        "hit",
        "fill",
        "#ffffff",
        "fill-opacity",
        "0",
        "rx",
        "3");
    if (mark) {
      svg.mark(x + 13, y, number);
    } else {
      svg.line(x, y, x + 26, y, Svg.stroke(number, 2.4));
    }
    svg.text(x + 32, y + 4, name, "start", Svg.title());
    svg.close();
  }

  /// Grid, ticks and names of both axes.
  public static void axes(Svg svg, Frame frame, String x, String y) {
    double bottom = frame.y.from();
    double top = frame.y.to();
    double left = frame.x.from();
    double right = frame.x.to();
    for (double tick : frame.y.ticks()) {
      double at = frame.y.at(tick);
      svg.line(left, at, right, at, Svg.grid());
      svg.text(left - 7, at + 4, AxisScale.label(tick), "end");
    }
    for (double tick : frame.x.ticks()) {
      double at = frame.x.at(tick);
      svg.line(at, top, at, bottom, Svg.grid());
      svg.text(at, bottom + 17, AxisScale.label(tick), "middle");
    }
    svg.line(left, bottom, right, bottom, Svg.axis());
    svg.line(left, bottom, left, top, Svg.axis());
    svg.text((left + right) / 2, bottom + 37, x, "middle", Svg.title());
    svg.upright(15, (top + bottom) / 2, y);
  }

  private static void line(Svg svg, Frame frame, BandLine line, int number) {
    double[] x = places(frame.x, line.x());
    double[] y = places(frame.y, line.y());
    band(svg, x, places(frame.y, line.low()), places(frame.y, line.high()), number);
    svg.path(Svg.polyline(x, y), Svg.stroke(number, 2));
    if (x.length <= FEW) {
      for (int i = 0; i < x.length; i++) {
        if (Double.isFinite(x[i]) && Double.isFinite(y[i])) {
          svg.circle(x[i], y[i], 2.4, Svg.fill(number, 1));
        }
      }
    }
  }

  /// The areas between both ends, one for each run of points that have them.
  private static void band(Svg svg, double[] x, double[] low, double[] high, int number) {
    int start = 0;
    while (start < x.length) {
      int end = start;
      StringBuilder there = new StringBuilder();
      StringBuilder back = new StringBuilder();
      boolean open = false;
      while (end < x.length
          && Double.isFinite(x[end])
          && Double.isFinite(low[end])
          && Double.isFinite(high[end])) {
        there
            .append(there.isEmpty() ? "M" : "L")
            .append(Svg.px(x[end]))
            .append(' ')
            .append(Svg.px(high[end]));
        back.insert(0, "L" + Svg.px(x[end]) + " " + Svg.px(low[end]));
        open |= low[end] != high[end];
        end++;
      }
      if (open && end - start > 1) {
        svg.path(there.append(back).append('Z').toString(), Svg.fill(number, 0.16));
      }
      start = Math.max(end, start) + 1;
    }
  }

  private static double[] places(AxisScale scale, double[] values) {
    double[] result = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i] = Double.isFinite(values[i]) ? scale.inside(values[i]) : Double.NaN;
    }
    return result;
  }
}
