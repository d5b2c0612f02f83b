package org.pixelwake.report.plot;

import java.util.ArrayList;
import java.util.List;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.Section;
import org.pixelwake.report.page.Table;

/// A metric in bins of a quantity, such as accuracy over the number of hits, with intervals.
///
/// @param id anchor in the page and name of the files
/// @param title heading
/// @param quantity what the bins divide, with its unit, such as "hits per cluster"
/// @param logarithmic whether the bins lie on a logarithmic axis
/// @param y what the vertical axis is, with its unit
/// @param intervals what the bars are, such as "95 % Wilson interval"
/// @param explanation one or two sentences: what is shown and how to read it
/// @param edges of the bins, ascending, one more than there are bins
/// @param counts clusters in each bin
/// @param lines what is drawn
public record BinnedFigure(
    String id,
    String title,
    String quantity,
    boolean logarithmic,
    String y,
    String intervals,
    String explanation,
    double[] edges,
    long[] counts,
    List<Line> lines)
    implements Diagram {
  /// Share of a bin that its points take.
  private static final double SPREAD = 0.6;

  /// Copies lists and arrays.
  ///
  /// @throws IllegalArgumentException if lengths differ or edges do not ascend
  public BinnedFigure {
    Section.checkId(id);
    edges = edges.clone();
    counts = counts.clone();
    lines = List.copyOf(lines);
    if (edges.length != counts.length + 1) {
      throw new IllegalArgumentException(
          id + ": " + edges.length + " edges of " + counts.length + " bins");
    }
    for (int i = 1; i < edges.length; i++) {
      if (!(edges[i] > edges[i - 1])) {
        throw new IllegalArgumentException(id + ": edge " + edges[i] + " after " + edges[i - 1]);
      }
    }
    if (logarithmic && !(edges[0] > 0)) {
      throw new IllegalArgumentException(id + ": logarithmic bins from " + edges[0]);
    }
    for (Line line : lines) {
      if (line.value.length != counts.length) {
        throw new IllegalArgumentException(
            id + ", " + line.name + ": " + line.value.length + " of " + counts.length + " bins");
      }
    }
  }

  @Override
  public String caption() {
    return intervals.isEmpty() ? explanation : explanation + " Bars: " + intervals + ".";
  }

  @Override
  public String values() {
    return bands().values();
  }

  /// The same values as lines through the middles of the bins.
  private BandFigure bands() {
    double[] middles = middles();
    BandFigure.Axis x =
        new BandFigure.Axis(quantity, logarithmic, edges[0], edges[edges.length - 1]);
    List<BandLine> through = new ArrayList<>();
    for (Line line : lines) {
      through.add(new BandLine(line.name, middles, line.value, line.low, line.high));
    }
    return new BandFigure(id, title, x, BandFigure.Axis.of(y), "", "", through, List.of());
  }

  private double[] middles() {
    double[] middles = new double[edges.length - 1];
    for (int i = 0; i < middles.length; i++) {
      middles[i] = logarithmic ? Math.sqrt(edges[i] * edges[i + 1]) : (edges[i] + edges[i + 1]) / 2;
    }
    return middles;
  }

  @Override
  public String svg(Palette palette) {
    BandFigure bands = bands();
    BandDrawing.Frame frame = BandDrawing.frame(bands);
    BandDrawing.Legend legend = BandDrawing.legend(bands);
    Svg svg = new Svg(BandDrawing.WIDTH, legend.height(), title);
    counts(svg, frame);
    BandDrawing.axes(svg, frame, quantity, y);
    int count = lines.size();
    for (int k = 0; k < count; k++) {
      Line line = lines.get(k);
      int number = palette.number(line.name());
      svg.open("class", "series", "data-series", Integer.toString(k));
      for (int i = 0; i < edges.length - 1; i++) {
        double left = frame.x().at(edges[i]);
        double right = frame.x().at(edges[i + 1]);
        double x = (left + right) / 2 + (right - left) * SPREAD * ((k + 0.5) / count - 0.5);
        point(svg, frame.y(), line, i, x, number);
      }
      svg.close();
    }
    legend.draw(svg, bands, palette, true);
    return svg.finish();
  }

  /// Columns of the counts, as high as a third of the drawing for the largest.
  private void counts(Svg svg, BandDrawing.Frame frame) {
    long most = 1;
    for (long count : counts) {
      most = Math.max(most, count);
    }
    double bottom = frame.y().from();
    for (int i = 0; i < edges.length - 1; i++) {
      double left = frame.x().at(edges[i]);
      double height = (bottom - frame.y().to()) / 3 * counts[i] / most;
      svg.rect(
          left + 1,
          bottom - height,
          frame.x().at(edges[i + 1]) - left - 2,
          height,
          "class",
          "count",
          "fill",
          "#eef0f2");
    }
  }

  private static void point(Svg svg, AxisScale scale, Line line, int bin, double x, int number) {
    double value = line.value()[bin];
    if (!Double.isFinite(value)) {
      return;
    }
    String[] bar = Svg.bar(number, "1.6");
    double low = line.low()[bin];
    double high = line.high()[bin];
    if (Double.isFinite(low) && Double.isFinite(high) && low < high) {
      svg.line(x, scale.inside(low), x, scale.inside(high), bar);
    }
    svg.mark(x, scale.inside(value), number);
  }

  @Override
  public Table table() {
    List<String> names = new ArrayList<>(List.of("clusters"));
    lines.forEach(line -> names.add(line.name));
    Table table = new Table(quantity, names);
    for (int bin = 0; bin < counts.length; bin++) {
      List<String> cells = new ArrayList<>(List.of(Numbers.of(counts[bin])));
      for (Line line : lines) {
        cells.add(Numbers.of(line.value[bin], line.low[bin], line.high[bin]));
      }
      table.row(Numbers.of(edges[bin]) + " to " + Numbers.of(edges[bin + 1]), cells);
    }
    return table;
  }

  /// The values of a variation.
  ///
  /// @param name name in the legend, the same for a variation in every figure
  /// @param value one for each bin; NaN where the bin is empty
  /// @param low lower end of the interval
  /// @param high upper end of the interval
  public record Line(String name, double[] value, double[] low, double[] high) {
    /// Copies the arrays.
    public Line {
      value = value.clone();
      low = low.clone();
      high = high.clone();
      if (value.length != low.length || value.length != high.length) {
        throw new IllegalArgumentException(
            "%s: %d values, %d and %d ends of intervals"
                .formatted(name, value.length, low.length, high.length));
      }
    }
  }
}
