package org.pixelwake.report.section;

import java.util.List;
import java.util.TreeMap;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Json;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.Section;
import org.pixelwake.report.plot.Figure;

/// A finding: its numbers as a table, its figures drawn by script from numbers in the page, with a
/// table behind each.
///
/// @param firstFigure number of its first figure in the page
public record FindingSection(Finding finding, int firstFigure) implements Section {
  @Override
  public String id() {
    return finding.id();
  }

  @Override
  public String title() {
    return finding.title();
  }

  @Override
  public void render(Html html) {
    html.element("p", finding.text(), "class", "note");
    verdicts(html);
    html.open("div", "class", "charts");
    for (int i = 0; i < finding.figures().size(); i++) {
      figure(html, finding.figures().get(i), firstFigure + i);
    }
    html.close("div");
  }

  static void verdict(Html html, boolean holds) {
    html.element(
        "span", holds ? "✓\u00a0holds" : "✗\u00a0fails", "class", holds ? "met" : "missed");
  }

  private void verdicts(Html html) {
    html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", title());
    html.open("table").open("thead").open("tr");
    for (String heading : List.of("Quantity", "Value", "Allowed", "Verdict", "Source")) {
      html.element("th", heading, "scope", "col");
    }
    html.close("tr").close("thead").open("tbody");
    for (Finding.Verdict verdict : finding.verdicts()) {
      html.open("tr")
          .element("th", verdict.name(), "scope", "row")
          .element("td", number(verdict.value(), verdict.unit()), "class", "number")
          .element("td", allowed(verdict), "class", "number");
      html.open("td");
      verdict(html, verdict.holds());
      html.close("td").element("td", verdict.source(), "class", "prose").close("tr");
    }
    html.close("tbody").close("table").close("div");
  }

  private static String allowed(Finding.Verdict verdict) {
    if (verdict.least() == verdict.greatest()) {
      return number(verdict.least(), verdict.unit());
    }
    if (verdict.least() == -verdict.greatest()) {
      return "±\u00a0" + number(verdict.greatest(), verdict.unit());
    }
    return number(verdict.least(), "") + " to " + number(verdict.greatest(), verdict.unit());
  }

  /// Counts with all their digits, other numbers rounded.
  private static String number(double value, String unit) {
    if (value == Math.rint(value) && Math.abs(value) < 1e9) {
      return Numbers.of((long) value) + (unit.isEmpty() ? "" : "\u00a0" + unit);
    }
    return Numbers.withUnit(value, unit);
  }

  private static void figure(Html html, Figure figure, int number) {
    String plot = "figure-" + number;
    html.open("figure", "class", "chart");
    html.open("div", "class", "chart-head").element("h3", figure.title());
    html.open("label", "class", "switch");
    if (figure.logY()) {
      html.empty("input", "type", "checkbox", "data-log", plot, "checked", "");
    } else {
      html.empty("input", "type", "checkbox", "data-log", plot);
    }
    html.text(" logarithmic").close("label").close("div");
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
        figure.title() + ", " + figure.y() + " by " + figure.x());
    html.element("figcaption", figure.explanation());
    html.open("details").element("summary", "Values as a table");
    table(html, figure);
    html.close("details");
    // A "<" can occur inside strings alone, where its escape means the same but ends no element.
    html.open("script", "type", "application/json", "data-figure", plot)
        .trusted(json(figure).replace("<", "\\u003c"))
        .close("script");
    html.close("figure");
  }

  private static void table(Html html, Figure figure) {
    List<Figure.Line> lines = figure.lines();
    TreeMap<Double, String[]> rows = new TreeMap<>();
    for (int k = 0; k < lines.size(); k++) {
      double[] x = lines.get(k).x();
      double[] y = lines.get(k).y();
      for (int i = 0; i < x.length; i++) {
        String[] row = rows.computeIfAbsent(x[i], key -> new String[lines.size()]);
        row[k] = Numbers.of(y[i]);
      }
    }
    html.open(
        "div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", figure.title());
    html.open("table").open("thead").open("tr").element("th", figure.x(), "scope", "col");
    lines.forEach(line -> html.element("th", line.name(), "scope", "col"));
    html.close("tr").close("thead").open("tbody");
    rows.forEach((x, row) -> {
      html.open("tr").element("th", Numbers.of(x), "scope", "row");
      for (String value : row) {
        html.element("td", value == null ? "–" : value, "class", "number");
      }
      html.close("tr");
    });
    html.close("tbody").close("table").close("div");
  }

  private static String json(Figure figure) {
    return Json.text(json -> {
      json.writeStartObject();
      json.writeStringField("x", figure.x());
      json.writeStringField("y", figure.y());
      json.writeBooleanField("logX", figure.logX());
      json.writeArrayFieldStart("lines");
      for (Figure.Line line : figure.lines()) {
        json.writeStartObject();
        json.writeStringField("name", line.name());
        json.writeStringField("style", line.style().name());
        Json.numbers(json, "x", line.x());
        Json.numbers(json, "y", line.y());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    });
  }
}
