package org.pixelwake.report.section;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Json;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.Report;
import org.pixelwake.report.page.Section;
import org.pixelwake.report.page.Table;
import org.pixelwake.report.plot.Figure;

/// A finding: its numbers as a table, its figures drawn by script from numbers in the page, with a
/// table behind each.
///
/// @param firstFigure number of its first figure in the page
public record FindingSection(Finding finding, int firstFigure) implements Section {
  /// Adds an overview of findings and a section for each.
  public static void addTo(Report.Builder report, List<Finding> findings) {
    report.section(new OverviewSection(findings));
    int figures = 0;
    for (Finding finding : findings) {
      report.section(new FindingSection(finding, figures));
      figures += finding.figures().size();
    }
  }

  @Override
  public String id() {
    return finding.id();
  }

  @Override
  public String title() {
    return finding.title();
  }

  @Override
  public boolean usesPlots() {
    return true;
  }

  @Override
  public void render(Html html) {
    html.note(finding.text());
    verdicts(html);
    html.open("div", "class", "charts");
    for (int i = 0; i < finding.figures().size(); i++) {
      Figure figure = finding.figures().get(i);
      String plot = "figure-" + (firstFigure + i);
      String label = figure.title() + ", " + figure.y() + " by " + figure.x();
      CurveSection.plot(html, figure, plot, figure.title(), label, "");
      table(figure).render(html, figure.title());
      html.close("details").data("data-figure", plot, json(figure)).close("figure");
    }
    html.close("div");
  }

  static void verdict(Html html, boolean holds) {
    html.element(
        "span", holds ? "✓\u00a0holds" : "✗\u00a0fails", "class", holds ? "met" : "missed");
  }

  private void verdicts(Html html) {
    html.scroll(title()).open("table");
    html.headings(List.of("Quantity", "Value", "Allowed", "Verdict", "Source")).open("tbody");
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

  private static Table table(Figure figure) {
    List<Figure.Line> lines = figure.lines();
    Map<Double, String[]> rows = new TreeMap<>();
    for (int k = 0; k < lines.size(); k++) {
      for (int i = 0; i < lines.get(k).size(); i++) {
        rows.computeIfAbsent(lines.get(k).x(i), key -> Table.dashes(lines.size()))[k] =
            Numbers.of(lines.get(k).y(i));
      }
    }
    Table table = new Table(figure.x(), lines.stream().map(Figure.Line::name).toList());
    rows.forEach((x, row) -> table.row(Numbers.of(x), row));
    return table;
  }

  private static String json(Figure figure) {
    return Json.text(
        Json.object(
            "x", figure.x(),
            "y", figure.y(),
            "logX", figure.logX(),
            "lines", figure.lines().stream().map(FindingSection::line).toList()));
  }

  private static Map<String, Object> line(Figure.Line line) {
    return Json.object(
        "name", line.name(), "style", line.style().name(), "x", line.x(), "y", line.y());
  }
}
