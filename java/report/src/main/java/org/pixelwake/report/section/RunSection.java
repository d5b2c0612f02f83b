package org.pixelwake.report.section;

import java.util.List;
import java.util.stream.IntStream;
import org.pixelwake.base.Spread;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.Section;
import org.pixelwake.report.plot.Palette;

/// All variations and baselines: one table that can be sorted, and a drawing for chosen metrics.
public record RunSection(RunTable runs, Palette palette) implements Section {
  private static final int MOST_DECIMALS = 8;

  /// Gives the rows their colours, in their order.
  public RunSection {
    runs.rows().forEach(row -> palette.number(row.name()));
  }

  @Override
  public String id() {
    return "runs";
  }

  @Override
  public String title() {
    return "Variations and baselines";
  }

  @Override
  public boolean isEmpty() {
    return runs.rows().isEmpty();
  }

  private List<RunMetric> metrics() {
    return IntStream.range(0, runs.columns().size())
        .filter(column -> !runs.columns().get(column).figure().isEmpty())
        .mapToObj(column -> new RunMetric(runs, column))
        .toList();
  }

  @Override
  public List<Drawing> drawings() {
    return DiagramSection.drawings(metrics(), palette);
  }

  @Override
  public void render(Html html) {
    html.note(
        runs.explanation()
            + " Numbers are mean ± standard deviation of the sample over n seeds; in brackets, where"
            + " given, a 95 % bootstrap interval. The best mean of a column is bold; a heading sorts.");
    table(html);
    DiagramSection.render(html, metrics(), palette);
  }

  private void table(Html html) {
    html.scroll(title());
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
}
