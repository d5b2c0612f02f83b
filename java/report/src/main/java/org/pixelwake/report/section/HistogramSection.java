package org.pixelwake.report.section;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.Section;
import org.pixelwake.report.plot.Histogram;

/// Histograms before and after balancing, drawn as SVG without script.
public record HistogramSection(List<Histogram> histograms) implements Section {
  private static final double WIDTH = 920;
  private static final double HEIGHT = 340;
  private static final double LEFT = 64;
  private static final double RIGHT = 8;
  private static final double TOP = 12;
  private static final double BOTTOM = 50;

  /// Lower end of the count axis; a bin with one entry must show a bar.
  private static final double FLOOR = 0.5;

  @Override
  public String id() {
    return "data";
  }

  @Override
  public String title() {
    return "Data and balancing";
  }

  @Override
  public void render(Html html) {
    histograms.forEach(histogram -> figure(html, histogram));
  }

  private static void figure(Html html, Histogram histogram) {
    long before = Arrays.stream(histogram.before()).sum();
    long after = Arrays.stream(histogram.after()).sum();
    String fact =
        "%s %s before balancing, %s after."
            .formatted(Numbers.of(before), histogram.item(), Numbers.of(after));
    html.open("figure", "class", "chart wide");
    html.open("div", "class", "chart-head").element("h3", histogram.title());
    html.open("p", "class", "legend");
    html.element("span", "before", "class", "key key-before");
    html.element("span", "after", "class", "key key-after");
    html.close("p").close("div");
    html.open("div", "class", "sides");
    html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Plot");
    drawing(html, histogram, fact);
    html.close("div");
    table(html, histogram);
    html.close("div");
    html.open("figcaption")
        .text(histogram.explanation())
        .element("span", fact + " The count axis is logarithmic.", "class", "fact")
        .close("figcaption");
    html.close("figure");
  }

  private static void drawing(Html html, Histogram histogram, String fact) {
    long[] before = histogram.before();
    long[] after = histogram.after();
    long max =
        Math.max(
            Arrays.stream(before).max().orElse(0),
            Math.max(1, Arrays.stream(after).max().orElse(0)));
    double decades = Math.log10(max * 1.4 / FLOOR);
    html.open(
        "svg",
        "class",
        "histogram",
        "viewBox",
        "0 0 %s %s".formatted(px(WIDTH), px(HEIGHT)),
        "role",
        "img",
        "aria-label",
        histogram.title() + ". " + fact);
    countAxis(html, max, decades);
    int bins = before.length;
    double step = (WIDTH - LEFT - RIGHT) / bins;
    for (int i = 0; i < bins; i++) {
      double x = LEFT + i * step;
      bar(html, histogram, i, before[i], "before", x + 0.10 * step, 0.39 * step, decades);
      bar(html, histogram, i, after[i], "after", x + 0.51 * step, 0.39 * step, decades);
      html.element(
          "text",
          histogram.labels().get(i),
          "class",
          "mid",
          "x",
          px(x + step / 2),
          "y",
          px(HEIGHT - BOTTOM + 18));
    }
    html.element(
        "text",
        histogram.quantity(),
        "class",
        "mid title",
        "x",
        px((LEFT + WIDTH - RIGHT) / 2),
        "y",
        px(HEIGHT - 8));
    html.element(
        "text",
        histogram.item() + " per bin",
        "class",
        "mid title",
        "transform",
        "translate(14 %s) rotate(-90)".formatted(px((TOP + HEIGHT - BOTTOM) / 2)));
    html.close("svg");
  }

  private static void countAxis(Html html, long max, double decades) {
    for (long tick = 1; tick <= max * 1.4; tick *= 10) {
      double y = y(tick, decades);
      html.element(
          "line",
          "",
          "class",
          "grid",
          "x1",
          px(LEFT),
          "x2",
          px(WIDTH - RIGHT),
          "y1",
          px(y),
          "y2",
          px(y));
      html.element(
          "text",
          tick < 10_000 ? Numbers.of(tick) : Numbers.of((double) tick).replace("1 × ", ""),
          "class",
          "end",
          "x",
          px(LEFT - 8),
          "y",
          px(y + 4));
    }
    html.element(
        "line",
        "",
        "class",
        "axis",
        "x1",
        px(LEFT),
        "x2",
        px(WIDTH - RIGHT),
        "y1",
        px(HEIGHT - BOTTOM),
        "y2",
        px(HEIGHT - BOTTOM));
  }

  private static void bar(
      Html html,
      Histogram histogram,
      int bin,
      long count,
      String kind,
      double x,
      double width,
      double decades) {
    if (count == 0) {
      return;
    }
    double y = y(count, decades);
    html.open(
        "rect",
        "class",
        "bar-" + kind,
        "x",
        px(x),
        "y",
        px(y),
        "width",
        px(width),
        "height",
        px(HEIGHT - BOTTOM - y));
    html.element(
        "title",
        "%s %s, %s balancing: %s %s"
            .formatted(
                histogram.labels().get(bin),
                histogram.quantity(),
                kind,
                Numbers.of(count),
                histogram.item()));
    html.close("rect");
  }

  private static double y(long count, double decades) {
    double share = Math.log10(count / FLOOR) / decades;
    return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP);
  }

  private static void table(Html html, Histogram histogram) {
    html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Counts");
    html.open("table").element("caption", histogram.item() + " per bin");
    html.open("thead").open("tr");
    html.element("th", histogram.quantity(), "scope", "col");
    html.element("th", "before", "scope", "col").element("th", "after", "scope", "col");
    html.close("tr").close("thead").open("tbody");
    long[] before = histogram.before();
    long[] after = histogram.after();
    for (int i = 0; i < before.length; i++) {
      html.open("tr")
          .element("th", histogram.labels().get(i), "scope", "row")
          .element("td", Numbers.of(before[i]), "class", "number")
          .element("td", Numbers.of(after[i]), "class", "number")
          .close("tr");
    }
    html.close("tbody").close("table").close("div");
  }

  private static String px(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
