package org.pixelwake.report.section;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.Section;
import org.pixelwake.report.page.Table;
import org.pixelwake.report.plot.AxisScale;
import org.pixelwake.report.plot.Histogram;
import org.pixelwake.report.plot.Svg;

/// Histograms before and after balancing, drawn as SVG without script.
public final class HistogramSection extends Section {
  private final List<Histogram> histograms;

  public HistogramSection(List<Histogram> histograms) {
    super("data", "Data and balancing", histograms.isEmpty());
    this.histograms = histograms;
  }

  private static final double WIDTH = 920;
  private static final double HEIGHT = 340;
  private static final double LEFT = 64;
  private static final double RIGHT = 8;
  private static final double TOP = 12;
  private static final double BOTTOM = 50;

  /// Lower end of the count axis; a bin with one entry must show a bar.
  private static final double FLOOR = 0.5;

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
    html.open("p", "class", "legend").element("span", "before", "class", "key key-before");
    html.element("span", "after", "class", "key key-after");
    html.close("p").close("div");
    html.open("div", "class", "sides");
    html.scroll("Plot").trusted(drawing(histogram, fact)).close("div");
    table(histogram).render(html, "Counts");
    html.close("div");
    html.open("figcaption")
        .text(histogram.explanation())
        .element("span", fact + " The count axis is logarithmic.", "class", "fact")
        .close("figcaption");
    html.close("figure");
  }

  private static String drawing(Histogram histogram, String fact) {
    long[] before = histogram.before();
    long[] after = histogram.after();
    long most = LongStream.concat(Arrays.stream(before), Arrays.stream(after)).max().orElse(1);
    double bottom = HEIGHT - BOTTOM;
    AxisScale y = new AxisScale(FLOOR, Math.max(1, most) * 1.4, true, bottom, TOP);
    Svg svg = Svg.inPage("histogram", WIDTH, HEIGHT, histogram.title() + ". " + fact);
    for (long tick = 1; tick <= y.high(); tick *= 10) {
      double at = y.at((double) tick);
      svg.line(LEFT, at, WIDTH - RIGHT, at, "class", "grid");
      String label = tick < 10_000 ? Numbers.of(tick) : AxisScale.label((double) tick);
      svg.text(LEFT - 8, at + 4, label, "end", "class", "end");
    }
    svg.line(LEFT, bottom, WIDTH - RIGHT, bottom, "class", "axis");
    double step = (WIDTH - LEFT - RIGHT) / before.length;
    for (int i = 0; i < before.length; i++) {
      double x = LEFT + i * step;
      String label = histogram.labels().get(i);
      for (String kind : List.of("before", "after")) {
        long count = kind.equals("before") ? before[i] : after[i];
        double left = x + (kind.equals("before") ? 0.10 : 0.51) * step;
        if (count > 0) {
          String text =
              "%s %s, %s balancing: %s %s"
                  .formatted(
                      label, histogram.quantity(), kind, Numbers.of(count), histogram.item());
          double top = y.at((double) count);
          svg.titled(text, left, top, 0.39 * step, bottom - top, "class", "bar-" + kind);
        }
      }
      svg.text(x + step / 2, bottom + 18, label, "middle", "class", "mid");
    }
    double middle = (LEFT + WIDTH - RIGHT) / 2;
    svg.text(middle, HEIGHT - 8, histogram.quantity(), "middle", "class", "mid title");
    svg.upright(14, (TOP + bottom) / 2, histogram.item() + " per bin");
    return svg.finish();
  }

  private static Table table(Histogram histogram) {
    Table table =
        new Table(List.of(histogram.quantity(), "before", "after"))
            .caption(histogram.item() + " per bin");
    for (int i = 0; i < histogram.before().length; i++) {
      String before = Numbers.of(histogram.before()[i]);
      table.row(histogram.labels().get(i), before, Numbers.of(histogram.after()[i]));
    }
    return table;
  }
}
