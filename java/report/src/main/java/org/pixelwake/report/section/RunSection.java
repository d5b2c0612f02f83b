package org.pixelwake.report.section;

import java.util.ArrayList;
import java.util.List;
import org.pixelwake.base.Spread;
import org.pixelwake.report.page.Drawing;
import org.pixelwake.report.page.DrawnSection;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.StudyHtml;
import org.pixelwake.report.plot.AxisScale;
import org.pixelwake.report.plot.BandDrawing;
import org.pixelwake.report.plot.BandFigure;
import org.pixelwake.report.plot.Palette;
import org.pixelwake.report.plot.Svg;

/// All variations and baselines: one table that can be sorted, and a drawing for chosen metrics.
public record RunSection(RunTable runs, Palette palette) implements DrawnSection {
  private static final double WIDTH = 600;
  private static final double ROW = 26;
  private static final double TOP = 10;
  private static final double BOTTOM = 48;

  private static final int MOST_DECIMALS = 8;

  /// Names of rows are cut to what this leaves for the axis.
  private static final double WIDEST_NAME = 230;

  @Override
  public String id() {
    return "runs";
  }

  @Override
  public String title() {
    return "Variations and baselines";
  }

  @Override
  public List<Drawing> drawings() {
    List<Drawing> drawings = new ArrayList<>();
    for (int c = 0; c < runs.columns().size(); c++) {
      if (!runs.columns().get(c).figure().isEmpty()) {
        drawings.add(new Drawing(runs.columns().get(c).figure(), draw(c)));
      }
    }
    return drawings;
  }

  @Override
  public void render(Html html) {
    html.element(
        "p",
        runs.explanation()
            + " Numbers are mean ± standard deviation of the sample over n seeds; in brackets, where"
            + " given, a 95 % bootstrap interval. The best mean of a column is bold; a heading sorts.",
        "class",
        "note");
    table(html);
    html.open("div", "class", "charts");
    int drawn = 0;
    List<Drawing> drawings = drawings();
    for (int c = 0; c < runs.columns().size(); c++) {
      RunTable.Column column = runs.columns().get(c);
      if (!column.figure().isEmpty()) {
        int index = c;
        StudyHtml.figure(
            html,
            drawings.get(drawn++),
            "",
            column.name(),
            column.explanation()
                + " Bars: the interval where there is one, else ± one standard"
                + " deviation over the seeds. Open points are baselines.",
            "",
            to -> values(to, index));
      }
    }
    html.close("div");
  }

  private void table(Html html) {
    html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", title());
    html.open("table", "class", "sortable").open("thead").open("tr");
    heading(html, "Variation", "");
    heading(html, "n", "number");
    for (RunTable.Column column : runs.columns()) {
      String arrow =
          switch (column.better()) {
            case HIGHER -> " ↑";
            case LOWER -> " ↓";
            case NEITHER -> "";
          };
      String unit = column.unit().isEmpty() ? "" : " (" + column.unit() + ")";
      heading(html, column.name() + unit + arrow, "number");
    }
    html.close("tr").close("thead").open("tbody");
    int[] best = new int[runs.columns().size()];
    for (int c = 0; c < best.length; c++) {
      best[c] = best(c);
    }
    for (int r = 0; r < runs.rows().size(); r++) {
      row(html, r, best);
    }
    html.close("tbody").close("table").close("div");
    html.open("dl", "class", "meanings");
    for (RunTable.Column column : runs.columns()) {
      html.open("div")
          .element("dt", column.name())
          .element("dd", column.explanation())
          .close("div");
    }
    html.close("dl");
  }

  private static void heading(Html html, String name, String style) {
    html.open("th", "scope", "col", "class", style).element("span", name).close("th");
  }

  private void row(Html html, int r, int[] best) {
    RunTable.Row row = runs.rows().get(r);
    int seeds = row.values().stream().mapToInt(Spread::count).max().orElse(0);
    html.open("tr", "class", row.baseline() ? "baseline" : "");
    html.open("th", "scope", "row").text(row.name());
    html.element("small", (row.baseline() ? "Baseline. " : "") + row.description()).close("th");
    html.element("td", Integer.toString(seeds), "class", "number", "data-value", "" + seeds);
    for (int c = 0; c < best.length; c++) {
      Spread measure = row.values().get(c);
      String value = measure.measured() ? Double.toString(measure.mean()) : "";
      html.open("td", "class", r == best[c] ? "number best" : "number", "data-value", value);
      cell(html, measure, decimals(c));
      html.close("td");
    }
    html.close("tr");
  }

  private static void cell(Html html, Spread measure, int decimals) {
    if (!measure.measured()) {
      html.text("–");
      return;
    }
    boolean spread = Double.isFinite(measure.deviation());
    html.text(
        Numbers.fixed(measure.mean(), decimals)
            + (spread ? " ± " + Numbers.fixed(measure.deviation(), decimals) : ""));
    if (measure.hasInterval()) {
      String low = Numbers.fixed(measure.low(), decimals);
      html.element("small", "[" + low + ", " + Numbers.fixed(measure.high(), decimals) + "]");
    }
  }

  /// Decimals of a column: two digits of its largest spread, or three of its largest number.
  private int decimals(int column) {
    double spread = 0;
    double largest = 0;
    for (RunTable.Row row : runs.rows()) {
      Spread measure = row.values().get(column);
      if (measure.measured()) {
        largest = Math.max(largest, Math.abs(measure.mean()));
        spread =
            Double.isFinite(measure.deviation()) ? Math.max(spread, measure.deviation()) : spread;
      }
    }
    int digits = spread > 0 ? Numbers.decimals(spread) : Numbers.decimals(largest / 10);
    return Math.min(digits, MOST_DECIMALS);
  }

  /// Row of the best mean of a column; -1 where none is better.
  private int best(int column) {
    RunTable.Better better = runs.columns().get(column).better();
    if (better == RunTable.Better.NEITHER) {
      return -1;
    }
    double sign = better == RunTable.Better.HIGHER ? 1 : -1;
    int best = -1;
    double most = Double.NEGATIVE_INFINITY;
    for (int r = 0; r < runs.rows().size(); r++) {
      double value = sign * runs.rows().get(r).values().get(column).mean();
      if (value > most) {
        most = value;
        best = r;
      }
    }
    return best;
  }

  private String draw(int column) {
    RunTable.Column metric = runs.columns().get(column);
    List<RunTable.Row> rows = runs.rows();
    double[] range = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
    double name = 40;
    for (RunTable.Row row : rows) {
      Spread measure = row.values().get(column);
      BandDrawing.include(
          range, new double[] {measure.mean(), measure.from(), measure.to()}, false);
      name = Math.max(name, Math.min(WIDEST_NAME, Svg.width(row.name(), 12)));
    }
    double left = name + 14;
    double bottom = TOP + ROW * rows.size();
    BandFigure.Axis axis = BandFigure.Axis.of(metric.name());
    AxisScale x = AxisScale.fit(axis, range[0], range[1], left, WIDTH - 16);
    Svg svg = new Svg(WIDTH, bottom + BOTTOM, metric.name() + " of all variations and baselines");
    for (double tick : x.ticks()) {
      svg.line(x.at(tick), TOP, x.at(tick), bottom, Svg.grid());
      svg.text(x.at(tick), bottom + 17, AxisScale.label(tick), "middle");
    }
    svg.line(left, bottom, WIDTH - 16, bottom, Svg.axis());
    String unit = metric.unit().isEmpty() ? "" : " (" + metric.unit() + ")";
    svg.text((left + WIDTH - 16) / 2, bottom + 37, metric.name() + unit, "middle", Svg.title());
    for (int r = 0; r < rows.size(); r++) {
      point(svg, x, rows.get(r), rows.get(r).values().get(column), TOP + ROW * (r + 0.5));
    }
    return svg.finish();
  }

  private void point(Svg svg, AxisScale x, RunTable.Row row, Spread measure, double y) {
    int longest = (int) (WIDEST_NAME / Svg.width("m", 12));
    String name = row.name();
    String shown = name.length() > longest ? name.substring(0, longest - 1) + "…" : name;
    svg.text(x.from() - 8, y + 4, shown, "end", Svg.title());
    if (!measure.measured()) {
      svg.text(x.from() + 6, y + 4, "not measured", "start");
      return;
    }
    int number = palette.number(name);
    String[] bar = {
      "class",
      "s c" + Svg.colour(number),
      "stroke",
      Svg.COLOURS.get(Svg.colour(number)),
      "stroke-width",
      "2"
    };
    double at = x.at(measure.mean());
    if (measure.from() < measure.to()) {
      double from = x.at(measure.from());
      double to = x.at(measure.to());
      svg.line(from, y, to, y, bar).line(from, y - 4, from, y + 4, bar);
      svg.line(to, y - 4, to, y + 4, bar);
    }
    if (row.baseline()) {
      svg.circle(at, y, 4.5, Svg.join(bar, "fill", "#ffffff"));
    } else {
      svg.circle(at, y, 4.5, Svg.fill(number, 1));
    }
  }

  private void values(Html html, int column) {
    RunTable.Column metric = runs.columns().get(column);
    html.open("table");
    StudyHtml.head(html, List.of("Variation", metric.name(), "n"));
    html.open("tbody");
    for (RunTable.Row row : runs.rows()) {
      Spread measure = row.values().get(column);
      html.open("tr").element("th", row.name(), "scope", "row");
      html.element("td", StudyHtml.text(measure, metric.unit()), "class", "number");
      html.element("td", Integer.toString(measure.count()), "class", "number").close("tr");
    }
    html.close("tbody").close("table");
  }
}
