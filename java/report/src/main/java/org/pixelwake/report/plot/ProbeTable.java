package org.pixelwake.report.plot;

import java.util.List;
import java.util.stream.DoubleStream;
import org.pixelwake.base.Spread;
import org.pixelwake.report.page.Arguments;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.Table;

/// Physical quantities read from the features by a linear probe.
///
/// @param id anchor in the page and name of the files
/// @param title such as "R² by quantity"
/// @param explanation one or two sentences: how the probe was fitted and on what it was measured
/// @param stages which features, such as "before" and "after"
/// @param rows the quantities
public record ProbeTable(
    String id, String title, String explanation, List<String> stages, List<Row> rows)
    implements Diagram {
  private static final double WIDTH = 600;
  private static final double BAR = 13;
  private static final double GAP = 12;
  private static final double TOP = 10;
  private static final double BOTTOM = 48;
  private static final double LONGEST_NAME = 190;

  /// Copies the lists.
  ///
  /// @throws IllegalArgumentException if a row has not one number for each stage
  public ProbeTable {
    Arguments.checkId(id);
    stages = List.copyOf(stages);
    rows = List.copyOf(rows);
    for (Row row : rows) {
      int count = row.r2.size();
      boolean each = count == stages.size();
      Arguments.check(each, "%s: %d numbers for stages %s", row.quantity, count, stages);
    }
  }

  @Override
  public String caption() {
    return explanation;
  }

  @Override
  public Table table() {
    Table table = new Table("Quantity", stages.stream().map(stage -> "R², " + stage).toList());
    rows.forEach(row -> table.row(row.quantity, row.r2.stream().map(ProbeTable::text).toList()));
    return table;
  }

  private static String text(Spread r2) {
    return Numbers.of(r2, "") + (r2.measured() ? ", n\u00a0=\u00a0" + r2.count() : "");
  }

  /// Draws the bars, in colours of the stages, which are not variations of the report's palette.
  @Override
  public String svg(Palette unused) {
    Palette palette = new Palette();
    DoubleStream ends =
        rows.stream()
            .flatMap(row -> row.r2.stream())
            .flatMapToDouble(measure -> DoubleStream.of(measure.from(), measure.to()));
    var range =
        DoubleStream.concat(DoubleStream.of(0, 1), ends)
            .filter(Double::isFinite)
            .summaryStatistics();
    int count = stages.size();
    double tall = BAR * count + GAP;
    double left = Svg.widest(rows.stream().map(Row::quantity), 40, LONGEST_NAME) + 14;
    double bottom = TOP + tall * rows.size();
    AxisScale x = new AxisScale(range.getMin(), range.getMax(), false, left, WIDTH - 16);
    Svg svg = new Svg(WIDTH, bottom + BOTTOM + 24, title);
    x.draw(svg, TOP, bottom);
    svg.text((left + WIDTH - 16) / 2, bottom + 36, "R²", "middle", Svg.title());
    for (int r = 0; r < rows.size(); r++) {
      Row row = rows.get(r);
      double y = TOP + tall * r + GAP / 2;
      String quantity = Svg.cut(row.quantity(), LONGEST_NAME);
      svg.text(left - 8, y + BAR * count / 2 + 4, quantity, "end", Svg.title());
      for (int s = 0; s < count; s++) {
        bar(svg, x, row.r2().get(s), palette.number(stages.get(s)), y + BAR * s);
      }
    }
    svg.line(x.at(0), TOP, x.at(0), bottom, Svg.axis());
    double at = left;
    for (String stage : stages) {
      svg.rect(at, bottom + 50, 12, 12, Svg.fill(palette.number(stage), 1));
      svg.text(at + 18, bottom + 60, stage, "start", Svg.title());
      at += Svg.width(stage, 12) + 44;
    }
    return svg.finish();
  }

  private static void bar(Svg svg, AxisScale x, Spread measure, int number, double y) {
    if (!measure.measured()) {
      svg.text(x.at(0) + 4, y + BAR - 3, "not measured", "start");
      return;
    }
    double zero = x.at(0);
    double end = x.at(measure.mean());
    svg.rect(Math.min(zero, end), y + 1, Math.abs(end - zero), BAR - 2, Svg.fill(number, 0.85));
    if (measure.from() < measure.to()) {
      svg.interval(x.at(measure.from()), x.at(measure.to()), y + BAR / 2, 3, Svg.axis());
    }
  }

  /// A quantity.
  ///
  /// @param quantity its name
  /// @param r2 coefficient of determination on held-out clusters, one for each stage
  public record Row(String quantity, List<Spread> r2) {
    /// Copies the list.
    public Row {
      r2 = List.copyOf(r2);
    }
  }
}
