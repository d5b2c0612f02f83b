package org.pixelwake.report.section;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.Section;
import org.pixelwake.report.plot.Figure;
import org.pixelwake.report.plot.Palette;

/// Curves over the training, each with its values as a table.
public final class CurveSection extends Section {
  private final List<Figure> charts;

  public CurveSection(List<Figure> charts) {
    super("curves", "Learning curves", charts.isEmpty());
    this.charts = charts;
  }

  @Override
  public void render(Html html) {
    html.note(
        "Training values are drawn faint, their running mean bold; held-out values have a point"
            + " for each evaluation. Point at a curve, or focus it and use the arrow keys, to read"
            + " values at the same iteration in every plot; drag across a plot to enlarge a part,"
            + " double-click to see all again. A name of the legend hides and shows its line.");
    Palette palette = new Palette();
    html.open("div", "class", "charts");
    for (int i = 0; i < charts.size(); i++) {
      Figure chart = charts.get(i);
      DiagramSection.switched(html, chart.named("curve-" + i), palette, summary(chart));
    }
    html.close("div");
  }

  private static String summary(Figure chart) {
    return chart.lines().stream().map(CurveSection::summary).collect(Collectors.joining(" "));
  }

  private static String summary(Figure.Line line) {
    if (line.size() == 0) {
      return line.name() + ": no values.";
    }
    int last = line.size() - 1;
    int lowest = lowest(line);
    boolean told = line.style() == Figure.Style.HELD_OUT && lowest >= 0 && lowest != last;
    String text = line.name() + ": " + at(line, 0) + ", " + at(line, last);
    return text + (told ? ", lowest " + at(line, lowest) : "") + ".";
  }

  private static String at(Figure.Line line, int i) {
    return Numbers.of(line.y()[i]) + " at iteration " + Numbers.of((long) line.x()[i]);
  }

  /// Index of the least finite value; -1 where there is none.
  private static int lowest(Figure.Line line) {
    return IntStream.range(0, line.size())
        .filter(i -> Double.isFinite(line.y()[i]))
        .boxed()
        .min(Comparator.comparingDouble(i -> line.y()[i]))
        .orElse(-1);
  }
}
