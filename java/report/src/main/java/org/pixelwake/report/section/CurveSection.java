package org.pixelwake.report.section;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Json;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.Section;
import org.pixelwake.report.page.Table;
import org.pixelwake.report.plot.Figure;
import org.pixelwake.report.plot.Thinning;

/// Curves over the training, drawn by script from numbers in the page, with a table behind each.
public record CurveSection(List<Figure> charts) implements Section {
  private static final int BUCKETS = 600;
  private static final int TABLE_ROWS = 25;

  @Override
  public String id() {
    return "curves";
  }

  @Override
  public String title() {
    return "Learning curves";
  }

  @Override
  public boolean isEmpty() {
    return charts.isEmpty();
  }

  @Override
  public boolean usesPlots() {
    return true;
  }

  @Override
  public void render(Html html) {
    html.note(
        "Training values are drawn faint, their running mean bold; held-out values have a point"
            + " for each evaluation. Point at a curve to read values at the same iteration in"
            + " every plot; drag across a plot to enlarge a part, double-click to see all again.");
    html.open("noscript")
        .element("p", "The curves are drawn by script; the tables hold the values.")
        .close("noscript");
    html.open("div", "class", "charts");
    for (int i = 0; i < charts.size(); i++) {
      Figure chart = charts.get(i);
      String heading = chart.y().isEmpty() ? chart.title() : chart.title() + " (" + chart.y() + ")";
      String summary = summary(chart);
      plot(html, chart, "plot-" + i, heading, chart.title() + ". " + summary, summary);
      table(html, chart);
      html.close("details").close("figure");
    }
    html.close("div");
    html.data("id", "chart-data", Json.text(charts.stream().map(CurveSection::chart).toList()));
  }

  /// A plot that script draws with uPlot, up to the table of its values, which the caller writes
  /// before it closes `details` and `figure`.
  ///
  /// @param label what a screen reader says of it
  /// @param fact one sentence more below the plot; may be empty
  static void plot(Html html, Figure figure, String id, String heading, String label, String fact) {
    html.open("figure", "class", "chart");
    html.open("div", "class", "chart-head").element("h3", heading);
    html.open("label", "class", "switch");
    if (figure.logY()) {
      html.empty("input", "type", "checkbox", "data-log", id, "checked", "");
    } else {
      html.empty("input", "type", "checkbox", "data-log", id);
    }
    html.text(" logarithmic").close("label").close("div");
    html.element("div", "", "class", "plot", "id", id, "role", "img", "aria-label", label);
    html.open("figcaption").text(figure.explanation());
    if (!fact.isEmpty()) {
      html.element("span", fact, "class", "fact");
    }
    html.close("figcaption").open("details").element("summary", "Values as a table");
  }

  private static String summary(Figure chart) {
    List<String> parts = new ArrayList<>();
    for (Figure.Line line : chart.lines()) {
      if (line.size() == 0) {
        parts.add(line.name() + ": no values.");
        continue;
      }
      int last = line.size() - 1;
      String text = line.name() + ": " + at(line, 0) + ", " + at(line, last);
      int lowest = lowest(line);
      if (line.style() == Figure.Style.HELD_OUT && lowest >= 0 && lowest != last) {
        text += ", lowest " + at(line, lowest);
      }
      parts.add(text + ".");
    }
    return String.join(" ", parts);
  }

  private static String at(Figure.Line line, int i) {
    return Numbers.of(line.y(i)) + " at iteration " + Numbers.of((long) line.x(i));
  }

  /// Index of the least finite value; -1 where there is none.
  private static int lowest(Figure.Line line) {
    return IntStream.range(0, line.size())
        .filter(i -> Double.isFinite(line.y(i)))
        .boxed()
        .min(Comparator.comparingDouble(line::y))
        .orElse(-1);
  }

  /// Rows at the steps of the sparsest curve, thinned evenly; the other curves with their last
  /// value up to there.
  private static void table(Html html, Figure chart) {
    List<Figure.Line> filled = chart.lines().stream().filter(line -> line.size() > 0).toList();
    if (filled.isEmpty()) {
      html.element("p", "No values.");
      return;
    }
    Figure.Line sparsest =
        filled.stream().min(Comparator.comparingInt(Figure.Line::size)).orElseThrow();
    int n = sparsest.size();
    int[] shown = Table.thinned(n, TABLE_ROWS);
    Table table =
        new Table("Iteration", filled.stream().map(Figure.Line::name).toList())
            .caption(
                shown.length == n
                    ? "Every evaluated iteration."
                    : "%d of %s iterations, evenly spaced."
                        .formatted(shown.length, Numbers.of((long) n)));
    for (int row : shown) {
      double step = sparsest.x(row);
      table.row(Numbers.of((long) step), filled.stream().map(line -> valueAt(line, step)).toList());
    }
    table.render(html, chart.title());
  }

  private static String valueAt(Figure.Line line, double step) {
    int found = -1;
    for (int i = 0; i < line.size() && line.x(i) <= step; i++) {
      found = i;
    }
    return found < 0 ? "–" : Numbers.of(line.y(found));
  }

  private static Map<String, Object> chart(Figure chart) {
    return Json.object(
        "title", chart.title(),
        "unit", chart.y(),
        "series", chart.lines().stream().map(CurveSection::series).toList());
  }

  private static Map<String, Object> series(Figure.Line line) {
    int[] kept = Thinning.keep(line.size(), line::y, BUCKETS);
    int half = line.style() == Figure.Style.TRAIN ? Thinning.halfWindow(line.size()) : 0;
    Map<String, Object> series =
        Json.object(
            "name", line.name(),
            "role", line.style().name(),
            "steps", IntStream.of(kept).mapToLong(i -> (long) line.x(i)).toArray(),
            "values", IntStream.of(kept).mapToDouble(line::y).toArray());
    if (half > 0) {
      double[] mean = Thinning.runningMean(line.y(), half);
      series.put("window", 2 * half + 1);
      series.put("mean", IntStream.of(kept).mapToDouble(i -> mean[i]).toArray());
    }
    return series;
  }
}
