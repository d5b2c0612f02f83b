package org.pixelwake.report.section;

import java.util.List;
import java.util.stream.DoubleStream;
import org.pixelwake.base.Spread;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.Table;
import org.pixelwake.report.plot.AxisScale;
import org.pixelwake.report.plot.Diagram;
import org.pixelwake.report.plot.Figure;
import org.pixelwake.report.plot.Palette;
import org.pixelwake.report.plot.Svg;

/// A metric of all variations and baselines: points with bars, one row each.
record RunMetric(RunTable runs, int column) implements Diagram {
  private static final double WIDTH = 600;
  private static final double ROW = 26;
  private static final double TOP = 10;
  private static final double BOTTOM = 48;

  /// Names of rows are cut to what this leaves for the axis.
  private static final double WIDEST_NAME = 230;

  private RunTable.Column metric() {
    return runs.columns().get(column);
  }

  @Override
  public String id() {
    return metric().figure();
  }

  @Override
  public String title() {
    return metric().name();
  }

  @Override
  public String caption() {
    return metric().explanation()
        + " Bars: the interval where there is one, else ± one standard deviation over the seeds."
        + " Open points are baselines.";
  }

  @Override
  public Table table() {
    Table table = new Table(List.of("Variation", metric().name(), "n"));
    for (RunTable.Row row : runs.rows()) {
      Spread measure = row.values().get(column);
      table.row(
          row.name(), Numbers.of(measure, metric().unit()), Integer.toString(measure.count()));
    }
    return table;
  }

  @Override
  public String svg(Palette palette) {
    RunTable.Column metric = metric();
    List<RunTable.Row> rows = runs.rows();
    double left = Svg.widest(rows.stream().map(RunTable.Row::name), 40, WIDEST_NAME) + 14;
    double bottom = TOP + ROW * rows.size();
    DoubleStream values =
        rows.stream()
            .map(row -> row.values().get(column))
            .flatMapToDouble(
                measure -> DoubleStream.of(measure.mean(), measure.from(), measure.to()));
    AxisScale x = AxisScale.fit(Figure.Axis.of(metric.name()), values, left, WIDTH - 16);
    Svg svg = new Svg(WIDTH, bottom + BOTTOM, metric.name() + " of all variations and baselines");
    x.draw(svg, TOP, bottom);
    svg.line(left, bottom, WIDTH - 16, bottom, Svg.axis());
    String unit = metric.unit().isEmpty() ? "" : " (" + metric.unit() + ")";
    svg.text((left + WIDTH - 16) / 2, bottom + 37, metric.name() + unit, "middle", Svg.title());
    for (int r = 0; r < rows.size(); r++) {
      point(svg, palette, x, rows.get(r), rows.get(r).values().get(column), TOP + ROW * (r + 0.5));
    }
    return svg.finish();
  }

  private static void point(
      Svg svg, Palette palette, AxisScale x, RunTable.Row row, Spread measure, double y) {
    String name = row.name();
    svg.text(x.from() - 8, y + 4, Svg.cut(name, WIDEST_NAME), "end", Svg.title());
    if (!measure.measured()) {
      svg.text(x.from() + 6, y + 4, "not measured", "start");
      return;
    }
    int number = palette.number(name);
    String[] bar = Svg.bar(number, "2");
    double at = x.at(measure.mean());
    if (measure.from() < measure.to()) {
      svg.interval(x.at(measure.from()), x.at(measure.to()), y, 4, bar);
    }
    if (row.baseline()) {
      svg.circle(at, y, 4.5, Svg.join(bar, "fill", "#ffffff"));
    } else {
      svg.circle(at, y, 4.5, Svg.fill(number, 1));
    }
  }
}
