package org.pixelwake.report.section;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Json;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.Section;
import org.pixelwake.report.plot.Chart;
import org.pixelwake.report.plot.Series;
import org.pixelwake.report.plot.Thinning;

/// Curves over the training, drawn by script from numbers in the page, with a table behind each.
public record CurveSection(List<Chart> charts) implements Section {
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
  public void render(Html html) {
    html.element(
        "p",
        "Training values are drawn faint, their running mean bold; held-out values have a point"
            + " for each evaluation. Point at a curve to read values at the same iteration in"
            + " every plot; drag across a plot to enlarge a part, double-click to see all again.",
        "class",
        "note");
    html.open("noscript")
        .element("p", "The curves are drawn by script; the tables hold the values.")
        .close("noscript");
    html.open("div", "class", "charts");
    for (int i = 0; i < charts.size(); i++) {
      figure(html, charts.get(i), i);
    }
    html.close("div");
    // A "<" can occur inside strings alone, where its escape means the same but ends no element.
    html.open("script", "type", "application/json", "id", "chart-data")
        .trusted(json().replace("<", "\\u003c"))
        .close("script");
  }

  private static void figure(Html html, Chart chart, int number) {
    String plot = "plot-" + number;
    html.open("figure", "class", "chart");
    html.open("div", "class", "chart-head").element("h3", heading(chart));
    html.open("label", "class", "switch");
    if (chart.logScale()) {
      html.empty("input", "type", "checkbox", "data-log", plot, "checked", "");
    } else {
      html.empty("input", "type", "checkbox", "data-log", plot);
    }
    html.text(" logarithmic").close("label").close("div");
    String summary = summary(chart);
    html.element(
        "div",
        "",
        "class",
        "plot",
        "id",
        plot,
        "role",
        "img",
        "aria-label",
        chart.title() + ". " + summary);
    html.open("figcaption").text(chart.explanation());
    html.element("span", summary, "class", "fact").close("figcaption");
    html.open("details").element("summary", "Values as a table");
    table(html, chart);
    html.close("details").close("figure");
  }

  private static String heading(Chart chart) {
    return chart.unit().isEmpty() ? chart.title() : chart.title() + " (" + chart.unit() + ")";
  }

  private static String summary(Chart chart) {
    List<String> parts = new ArrayList<>();
    for (Series series : chart.series()) {
      if (series.size() == 0) {
        parts.add(series.name() + ": no values.");
        continue;
      }
      int last = series.size() - 1;
      String text =
          "%s: %s at iteration %s, %s at iteration %s"
              .formatted(
                  series.name(),
                  Numbers.of(series.value(0)),
                  Numbers.of(series.step(0)),
                  Numbers.of(series.value(last)),
                  Numbers.of(series.step(last)));
      int lowest = lowest(series);
      if (series.role() == Series.Role.HELD_OUT && lowest >= 0 && lowest != last) {
        text +=
            ", lowest %s at iteration %s"
                .formatted(Numbers.of(series.value(lowest)), Numbers.of(series.step(lowest)));
      }
      parts.add(text + ".");
    }
    return String.join(" ", parts);
  }

  private static int lowest(Series series) {
    int best = -1;
    for (int i = 0; i < series.size(); i++) {
      if (Double.isFinite(series.value(i)) && (best < 0 || series.value(i) < series.value(best))) {
        best = i;
      }
    }
    return best;
  }

  /// Rows at the steps of the sparsest curve, thinned evenly; the other curves with their last
  /// value up to there.
  private static void table(Html html, Chart chart) {
    List<Series> filled = chart.series().stream().filter(s -> s.size() > 0).toList();
    if (filled.isEmpty()) {
      html.element("p", "No values.");
      return;
    }
    Series sparsest = filled.stream().min(Comparator.comparingInt(Series::size)).orElseThrow();
    int n = sparsest.size();
    int rows = Math.min(n, TABLE_ROWS);
    html.open(
        "div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", chart.title());
    html.open("table");
    html.element(
        "caption",
        rows == n
            ? "Every evaluated iteration."
            : "%d of %s iterations, evenly spaced.".formatted(rows, Numbers.of((long) n)));
    html.open("thead").open("tr").element("th", "Iteration", "scope", "col");
    filled.forEach(series -> html.element("th", series.name(), "scope", "col"));
    html.close("tr").close("thead").open("tbody");
    for (int row = 0; row < rows; row++) {
      long step = sparsest.step(rows == 1 ? 0 : (int) ((long) row * (n - 1) / (rows - 1)));
      html.open("tr").element("th", Numbers.of(step), "scope", "row");
      for (Series series : filled) {
        html.element("td", valueAt(series, step), "class", "number");
      }
      html.close("tr");
    }
    html.close("tbody").close("table").close("div");
  }

  private static String valueAt(Series series, long step) {
    int found = -1;
    for (int i = 0; i < series.size() && series.step(i) <= step; i++) {
      found = i;
    }
    return found < 0 ? "–" : Numbers.of(series.value(found));
  }

  private String json() {
    return Json.text(json -> {
      json.writeStartArray();
      for (Chart chart : charts) {
        json.writeStartObject();
        json.writeStringField("title", chart.title());
        json.writeStringField("unit", chart.unit());
        json.writeArrayFieldStart("series");
        for (Series series : chart.series()) {
          series(json, series);
        }
        json.writeEndArray();
        json.writeEndObject();
      }
      json.writeEndArray();
    });
  }

  private static void series(JsonGenerator json, Series series) throws IOException {
    int[] kept = Thinning.keep(series, BUCKETS);
    int half = series.role() == Series.Role.TRAIN ? Thinning.halfWindow(series.size()) : 0;
    json.writeStartObject();
    json.writeStringField("name", series.name());
    json.writeStringField("role", series.role().name());
    json.writeArrayFieldStart("steps");
    for (int i : kept) {
      json.writeNumber(series.step(i));
    }
    json.writeEndArray();
    json.writeArrayFieldStart("values");
    for (int i : kept) {
      Json.number(json, series.value(i));
    }
    json.writeEndArray();
    if (half > 0) {
      double[] mean = Thinning.runningMean(series, half);
      json.writeNumberField("window", 2 * half + 1);
      json.writeArrayFieldStart("mean");
      for (int i : kept) {
        Json.number(json, mean[i]);
      }
      json.writeEndArray();
    }
    json.writeEndObject();
  }
}
