package org.pixelwake.report.plot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.pixelwake.report.page.Arguments;
import org.pixelwake.report.page.Numbers;
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

  /// Copies the list.
  ///
  /// @throws IllegalArgumentException if lengths differ or edges do not ascend
  public BinnedFigure {
    Arguments.checkId(id);
    lines = List.copyOf(lines);
    int bins = counts.length;
    Arguments.check(edges.length == bins + 1, "%s: %d edges of %d bins", id, edges.length, bins);
    Arguments.checkAscending(id + ", edges", edges);
    Arguments.check(!logarithmic || edges[0] > 0, "%s: logarithmic bins from %s", id, edges[0]);
    for (Line line : lines) {
      IntStream lengths = IntStream.of(line.value.length, line.low.length, line.high.length);
      String problem = "%s, %s: not one value and interval for each bin";
      Arguments.check(lengths.allMatch(n -> n == bins), problem, id, line.name);
    }
  }

  @Override
  public String caption() {
    return intervals.isEmpty() ? explanation : explanation + " Bars: " + intervals + ".";
  }

  @Override
  public String values() {
    // Bins are drawn side by side: no part of them can be enlarged.
    return bands().values(List.of());
  }

  /// Returns the values as lines through the middles of the bins.
  private Figure bands() {
    double[] middles = middles();
    Figure.Axis x = new Figure.Axis(quantity, logarithmic, edges[0], edges[edges.length - 1]);
    List<Figure.Line> through =
        lines.stream()
            .map(l -> new Figure.Line(l.name, Figure.Style.POINTS, middles, l.value, l.low, l.high))
            .toList();
    return new Figure(id, title, x, Figure.Axis.of(y), "", "", through);
  }

  private double[] middles() {
    return IntStream.range(0, counts.length)
        .mapToDouble(
            i -> logarithmic ? Math.sqrt(edges[i] * edges[i + 1]) : (edges[i] + edges[i + 1]) / 2)
        .toArray();
  }

  @Override
  public String svg(Palette palette) {
    Figure bands = bands();
    FigureDrawing.Frame frame = FigureDrawing.frame(bands, bands.lines());
    FigureDrawing.Legend legend = FigureDrawing.Legend.of(bands.lines());
    Svg svg = new Svg(FigureDrawing.WIDTH, legend.height(), title);
    counts(svg, frame);
    FigureDrawing.axes(svg, frame, quantity, y);
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
    legend.draw(svg, palette, true);
    return svg.finish();
  }

  /// Columns of the counts, as high as a third of the drawing for the largest.
  private void counts(Svg svg, FigureDrawing.Frame frame) {
    long most = Math.max(1, Arrays.stream(counts).max().orElse(1));
    double bottom = frame.y().from();
    for (int i = 0; i < edges.length - 1; i++) {
      double left = frame.x().at(edges[i]);
      double height = (bottom - frame.y().to()) / 3 * counts[i] / most;
      double width = frame.x().at(edges[i + 1]) - left - 2;
      String[] look = Svg.look("class=count;fill=#eef0f2");
      svg.rect(left + 1, bottom - height, width, height, look);
    }
  }

  private static void point(Svg svg, AxisScale scale, Line line, int bin, double x, int number) {
    double value = line.value[bin];
    if (Double.isFinite(value)) {
      double low = line.low[bin];
      double high = line.high[bin];
      if (Double.isFinite(low) && Double.isFinite(high) && low < high) {
        svg.line(x, scale.inside(low), x, scale.inside(high), Svg.bar(number, "1.6"));
      }
      svg.mark(x, scale.inside(value), number);
    }
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
  public record Line(String name, double[] value, double[] low, double[] high) {}
}
