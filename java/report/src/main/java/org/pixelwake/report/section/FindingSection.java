package org.pixelwake.report.section;

import java.util.List;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.Report;
import org.pixelwake.report.page.Section;
import org.pixelwake.report.plot.Figure;
import org.pixelwake.report.plot.Palette;

/// A finding: its numbers as a table, and its figures, each with its values as a table.
public final class FindingSection extends Section {
  private final Finding finding;
  private final int firstFigure;

  private FindingSection(Finding finding, int firstFigure) {
    super(finding.id(), finding.title(), false);
    this.finding = finding;
    this.firstFigure = firstFigure;
  }

  /// Adds an overview of findings and a section for each.
  public static void addTo(Report.Builder report, List<Finding> findings) {
    report.section(new Overview(findings));
    int figures = 0;
    for (Finding finding : findings) {
      report.section(new FindingSection(finding, figures));
      figures += finding.figures().size();
    }
  }

  /// A section of one finding without figures.
  public static Section of(Finding finding) {
    return new FindingSection(finding, 0);
  }

  @Override
  public void render(Html html) {
    html.note(finding.text());
    verdicts(html);
    html.open("div", "class", "charts");
    for (int i = 0; i < finding.figures().size(); i++) {
      Figure figure = finding.figures().get(i);
      // Published and simulated of one thing share a colour: its name is before the last comma.
      Palette palette =
          figure.lines().size() < 4
              ? new Palette()
              : new Palette(name -> name.replaceFirst(",[^,]*$", ""));
      DiagramSection.switched(html, figure.named("figure-" + (firstFigure + i)), palette, "");
    }
    html.close("div");
  }

  private void verdicts(Html html) {
    html.scroll(title()).open("table");
    html.headings(List.of("Quantity", "Value", "Allowed", "Verdict", "Source")).open("tbody");
    for (Finding.Verdict verdict : finding.verdicts()) {
      html.open("tr")
          .element("th", verdict.name(), "scope", "row")
          .element("td", number(verdict.value(), verdict.unit()), "class", "number")
          .element("td", allowed(verdict), "class", "number");
      html.open("td").verdict(verdict.holds(), "holds", "fails").close("td");
      html.element("td", verdict.source(), "class", "prose").close("tr");
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

  private static String number(double value, String unit) {
    return Numbers.exact(value) + (unit.isEmpty() ? "" : "\u00a0" + unit);
  }

  /// One tile a finding: how many of its numbers hold.
  private static final class Overview extends Section {
    private final List<Finding> findings;

    private Overview(List<Finding> findings) {
      super("overview", "Overview", false);
      this.findings = findings;
    }

    @Override
    public void render(Html html) {
      html.open("ul", "class", "tiles");
      for (Finding finding : findings) {
        long held = finding.verdicts().stream().filter(Finding.Verdict::holds).count();
        html.open("li");
        html.element("a", finding.title(), "class", "name", "href", "#" + finding.id());
        html.element("span", held + " of " + finding.verdicts().size(), "class", "value");
        html.open("span", "class", "goal").verdict(finding.holds(), "holds", "fails");
        html.close("span").close("li");
      }
      html.close("ul");
    }
  }
}
