package org.pixelwake.report.section;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.pixelwake.base.Spread;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.Section;
import org.pixelwake.report.plot.Palette;

/// All variations and baselines: one table that can be sorted, and a drawing for chosen metrics.
public final class RunSection extends Section {
  private static final int MOST_DECIMALS = 8;

  private static final String SEEDS =
      "Numbers are mean ± standard deviation of the sample over n seeds; in brackets, where given, a"
          + " 95 % interval.";

  private final RunTable runs;
  private final Palette palette;
  private final String numbers;
  private final String rowName;
  private final boolean counted;

  /// Gives the rows their colours, in their order.
  public RunSection(RunTable runs, Palette palette) {
    this("runs", "Variations and baselines", runs, palette);
  }

  /// Does the same under another heading, for a further table.
  ///
  /// @param id anchor of the section
  /// @param title its heading
  public RunSection(String id, String title, RunTable runs, Palette palette) {
    this(id, title, runs, palette, SEEDS, "Variation", true);
  }

  private RunSection(
      String id,
      String title,
      RunTable runs,
      Palette palette,
      String numbers,
      String rowName,
      boolean counted) {
    super(id, title, runs.rows().isEmpty());
    this.runs = runs;
    this.palette = palette;
    this.numbers = numbers;
    this.rowName = rowName;
    this.counted = counted;
    runs.rows().forEach(row -> palette.number(row.name()));
  }

  /// Entries of a benchmark and their scores in its tasks, each of one training.
  public static RunSection scores(RunTable entries, Palette palette) {
    return new RunSection(
        "scores",
        "Entries and tasks",
        entries,
        palette,
        "In brackets, where given, a 95 % bootstrap interval over the test clusters.",
        "Entry",
        false);
  }

  /// Entries of a benchmark and what they took.
  public static RunSection costs(RunTable entries, Palette palette) {
    return new RunSection("costs", "What it took", entries, palette, "", "Entry", false);
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
            + (numbers.isEmpty() ? "" : " " + numbers)
            + " The best "
            + (counted ? "mean" : "number")
            + " of a column is bold; a heading sorts.");
    table(html);
    DiagramSection.render(html, metrics(), palette);
  }

  private void table(Html html) {
    html.scroll(title()).open("table", "class", "sortable").open("thead").open("tr");
    heading(html, rowName, "");
    if (counted) {
      heading(html, "n", "number");
    }
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
    int[] best = IntStream.range(0, runs.columns().size()).map(this::best).toArray();
    for (int r = 0; r < runs.rows().size(); r++) {
      row(html, r, best);
    }
    html.close("tbody").close("table").close("div");
    html.open("dl", "class", "meanings");
    for (RunTable.Column column : runs.columns()) {
      html.open("div").element("dt", column.name()).element("dd", column.explanation());
      html.close("div");
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
    if (counted) {
      html.element("td", Integer.toString(seeds), "class", "number", "data-value", "" + seeds);
    }
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
    List<Spread> measured =
        runs.rows().stream().map(r -> r.values().get(column)).filter(Spread::measured).toList();
    double largest = measured.stream().mapToDouble(m -> Math.abs(m.mean())).max().orElse(0);
    double spread =
        measured.stream().mapToDouble(Spread::deviation).filter(Double::isFinite).max().orElse(0);
    int digits = spread > 0 ? Numbers.decimals(spread) : Numbers.decimals(largest / 10);
    return Math.min(digits, MOST_DECIMALS);
  }

  /// Row of the best mean of a column; -1 where none is better.
  private int best(int column) {
    double sign =
        switch (runs.columns().get(column).better()) {
          case HIGHER -> 1;
          case LOWER -> -1;
          case NEITHER -> 0;
        };
    return IntStream.range(0, runs.rows().size())
        .filter(r -> sign != 0 && runs.rows().get(r).values().get(column).measured())
        .boxed()
        .max(Comparator.comparingDouble(r -> sign * runs.rows().get(r).values().get(column).mean()))
        .orElse(-1);
  }
}
