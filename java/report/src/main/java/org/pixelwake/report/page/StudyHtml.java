package org.pixelwake.report.page;

import java.util.List;
import java.util.function.Consumer;
import org.pixelwake.base.Spread;

/// What sections of a study have in common.
public final class StudyHtml {
  private static final int TABLE_ROWS = 30;

  private StudyHtml() {}

  /// A figure with its text and its values as a table.
  ///
  /// @param style more classes of the figure
  /// @param json numbers for script; empty where the drawing needs none
  /// @param table writes the table
  public static void figure(
      Html html,
      Drawing drawing,
      String style,
      String title,
      String explanation,
      String json,
      Consumer<Html> table) {
    String id = drawing.id();
    html.open(
        "figure", "class", ("chart " + style).strip(), "id", id, "aria-labelledby", id + "-h");
    html.open("div", "class", "chart-head").element("h3", title, "id", id + "-h").close("div");
    html.open("div", "class", "drawn");
    html.trusted(drawing.svg());
    html.close("div");
    html.element("figcaption", explanation);
    html.open("details").element("summary", "Values as a table");
    html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", title);
    table.accept(html);
    html.close("div").close("details");
    if (!json.isEmpty()) {
      data(html, "data-drawn", id, json);
    }
    html.close("figure").trusted("\n");
  }

  /// Numbers for script.
  public static void data(Html html, String attribute, String value, String json) {
    // A "<" can occur inside strings alone, where its escape means the same but ends no element.
    html.open("script", "type", "application/json", attribute, value)
        .trusted(json.replace("<", "\\u003c"))
        .close("script");
  }

  public static void head(Html html, List<String> names) {
    html.open("thead").open("tr");
    names.forEach(name -> html.element("th", name, "scope", "col"));
    html.close("tr").close("thead");
  }

  /// Rows that a table shows of `count`, evenly spaced, the first and the last among them.
  public static int[] rows(int count) {
    int shown = Math.min(count, TABLE_ROWS);
    int[] rows = new int[shown];
    for (int i = 0; i < shown; i++) {
      rows[i] = shown == 1 ? 0 : (int) ((long) i * (count - 1) / (shown - 1));
    }
    return rows;
  }

  /// Mean ± standard deviation, and the interval where there is one.
  public static String text(Spread measure, String unit) {
    if (!measure.measured()) {
      return "–";
    }
    String text = Numbers.withSpread(measure.mean(), measure.deviation());
    if (measure.hasInterval()) {
      text += "\u00a0[" + Numbers.of(measure.low()) + ", " + Numbers.of(measure.high()) + "]";
    }
    return unit.isEmpty() ? text : text + "\u00a0" + unit;
  }

  /// A value with the ends of its band.
  public static String text(double value, double low, double high) {
    if (!Double.isFinite(value)) {
      return "–";
    }
    boolean band = Double.isFinite(low) && Double.isFinite(high) && low != high;
    return Numbers.of(value)
        + (band ? "\u00a0[" + Numbers.of(low) + ", " + Numbers.of(high) + "]" : "");
  }
}
