package org.pixelwake.report.section;

import java.util.List;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.Section;

/// Final numbers: those with a target as tiles, all of them as a table.
public final class MetricSection extends Section {
  private final List<Metric> metrics;

  public MetricSection(List<Metric> metrics) {
    super("results", "Results on held-out clusters", metrics.isEmpty());
    this.metrics = metrics;
  }

  @Override
  public void render(Html html) {
    List<Metric> judged = metrics.stream().filter(m -> m.target() != null).toList();
    if (!judged.isEmpty()) {
      html.open("ul", "class", "tiles");
      judged.forEach(metric -> tile(html, metric));
      html.close("ul");
    }
    html.scroll("Results").open("table");
    html.element(
        "caption", "Measured after the last iteration on clusters that the training never saw.");
    html.headings(List.of("Quantity", "Value", "Target", "Verdict", "Meaning")).open("tbody");
    for (Metric metric : metrics) {
      html.open("tr")
          .element("th", metric.name(), "scope", "row")
          .element("td", Numbers.withUnit(metric.value(), metric.unit()), "class", "number")
          .element("td", target(metric), "class", "number");
      html.open("td");
      verdict(html, metric);
      html.close("td").element("td", metric.explanation(), "class", "prose").close("tr");
    }
    html.close("tbody").close("table").close("div");
  }

  private static void tile(Html html, Metric metric) {
    html.open("li").element("span", metric.name(), "class", "name");
    html.element("span", Numbers.withUnit(metric.value(), metric.unit()), "class", "value");
    html.open("span", "class", "goal");
    verdict(html, metric);
    html.text(" target " + target(metric)).close("span").close("li");
  }

  private static String target(Metric metric) {
    Metric.Target target = metric.target();
    if (target == null) {
      return "–";
    }
    String sign = target.least() ? "≥\u00a0" : "≤\u00a0";
    return sign + Numbers.withUnit(target.threshold(), metric.unit());
  }

  private static void verdict(Html html, Metric metric) {
    Metric.Target target = metric.target();
    if (target == null) {
      html.text("–");
    } else {
      html.verdict(target.met(metric.value()), "met", "missed");
    }
  }
}
