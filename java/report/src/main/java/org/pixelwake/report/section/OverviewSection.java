package org.pixelwake.report.section;

import java.util.List;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Section;

/// One tile a finding: how many of its numbers hold.
public record OverviewSection(List<Finding> findings) implements Section {
  @Override
  public String id() {
    return "overview";
  }

  @Override
  public String title() {
    return "Overview";
  }

  @Override
  public void render(Html html) {
    html.open("ul", "class", "tiles");
    for (Finding finding : findings) {
      long held = finding.verdicts().stream().filter(Finding.Verdict::holds).count();
      html.open("li");
      html.element("a", finding.title(), "class", "name", "href", "#" + finding.id());
      html.element("span", held + " of " + finding.verdicts().size(), "class", "value");
      html.open("span", "class", "goal");
      FindingSection.verdict(html, finding.holds());
      html.close("span").close("li");
    }
    html.close("ul");
  }
}
