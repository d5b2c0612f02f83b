package org.pixelwake.report.section;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.pixelwake.report.log.MetricsTail;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.plot.Figure;
import org.pixelwake.report.plot.Palette;
import org.pixelwake.report.plot.Svg;

/// The curves of runs that are watched, one figure for each thing they measure: held-out values
/// share the figure of the training's.
///
/// @param names of all runs, in the order of their colours
public record LiveCurves(List<String> names) {
  private static final String HELD_OUT = "^(heldout|held_out|validation|val|test)_";
  private static final String SUFFIX = ", held out";

  /// Lines told of below a figure.
  private static final int TOLD = 6;

  /// Values that span more than this start on a logarithmic axis.
  private static final double WIDE = 30;

  /// Draws the runs.
  ///
  /// @param shown metrics of those that are drawn, by their names
  /// @param state token that names what was read
  /// @return HTML of one element, which holds the figures
  public String html(Map<String, MetricsTail> shown, String state) {
    Map<String, List<Figure.Line>> topics = topics(shown);
    long latest =
        topics.values().stream()
            .flatMap(List::stream)
            .mapToLong(line -> (long) line.x()[line.size() - 1])
            .max()
            .orElse(0);
    String step = Numbers.of(latest);
    String bad = Long.toString(shown.values().stream().mapToLong(MetricsTail::damaged).sum());
    Html html = new Html();
    String[] told = {"data-state", state, "data-step", step, "data-damaged", bad};
    html.open("div", Svg.join(new String[] {"class", "charts"}, told));
    int number = 0;
    Palette palette = new Palette(name -> name.replaceFirst(SUFFIX + "$", ""));
    if (names.size() > 1) {
      names.forEach(palette::number);
    }
    for (Map.Entry<String, List<Figure.Line>> topic : topics.entrySet()) {
      List<Figure.Line> lines = topic.getValue();
      String title = topic.getKey().replace('_', ' ');
      Figure figure = new Figure(title, "step", "", false, wide(lines), "", lines);
      DiagramSection.switched(html, figure.named("live-" + number++), palette, latest(lines));
    }
    return html.close("div").finish();
  }

  private Map<String, List<Figure.Line>> topics(Map<String, MetricsTail> shown) {
    Map<String, List<Figure.Line>> topics = new LinkedHashMap<>();
    shown.forEach((run, tail) -> {
      for (String column : tail.columns()) {
        MetricsTail.Curve curve = tail.curve(column);
        String topic = column.replaceFirst(HELD_OUT, "");
        boolean held = !topic.equals(column);
        String name =
            names.size() > 1 ? run + (held ? SUFFIX : "") : held ? "held out" : "training";
        double[] steps = Arrays.stream(curve.steps()).asDoubleStream().toArray();
        if (steps.length > 0) {
          Figure.Style style = held ? Figure.Style.HELD_OUT : Figure.Style.OTHER;
          topics
              .computeIfAbsent(topic, key -> new ArrayList<>())
              .add(new Figure.Line(name, style, steps, curve.values()));
        }
      }
    });
    return topics;
  }

  private static boolean wide(List<Figure.Line> lines) {
    var range =
        lines.stream()
            .map(Figure.Line::y)
            .flatMapToDouble(Arrays::stream)
            .filter(Double::isFinite)
            .summaryStatistics();
    return range.getMin() > 0 && range.getMax() / range.getMin() > WIDE;
  }

  private static String latest(List<Figure.Line> lines) {
    return lines.stream()
            .limit(TOLD)
            .map(line -> {
              double last = line.y()[line.size() - 1];
              String step = Numbers.of((long) line.x()[line.size() - 1]);
              return line.name() + ": " + Numbers.of(last, last, last) + " at step " + step;
            })
            .collect(Collectors.joining("; "))
        + (lines.size() > TOLD ? "; …" : "");
  }
}
