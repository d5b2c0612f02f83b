package org.pixelwake.report.plot;

import java.util.Locale;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.section.ConfusionMatrix;

/// Draws a confusion matrix: cells the darker, the larger the share of the row.
public final class MatrixDrawing {
  private static final double WIDTH = 600;
  private static final double TOP = 58;
  private static final double TALLEST = 58;

  private static final double HALF = 0.5;
  private static final double LONGEST_NAME = 130;

  private MatrixDrawing() {}

  public static String draw(ConfusionMatrix matrix) {
    int n = matrix.classes().size();
    double name = 50;
    for (String text : matrix.classes()) {
      name = Math.max(name, Math.min(LONGEST_NAME, Svg.width(text, 12)));
    }
    double left = name + 40;
    double cell = (WIDTH - left - 12) / n;
    double tall = Math.min(TALLEST, Math.max(30, 360.0 / n));
    Svg svg = new Svg(WIDTH, TOP + tall * n + 12, matrix.title());
    svg.text(left + cell * n / 2, 18, "taken for", "middle", Svg.title());
    svg.upright(16, TOP + tall * n / 2, "true class");
    for (int row = 0; row < n; row++) {
      String text = matrix.classes().get(row);
      svg.text(left + cell * (row + 0.5), TOP - 12, fit(text, cell), "middle", Svg.title());
      double y = TOP + tall * row;
      svg.text(left - 10, y + tall / 2 + 4, fit(text, LONGEST_NAME), "end", Svg.title());
      for (int column = 0; column < n; column++) {
        cell(svg, matrix, row, column, left + cell * column, y, cell, tall);
      }
    }
    return svg.finish();
  }

  private static String fit(String text, double width) {
    int longest = Math.max(3, (int) (width / Svg.width("m", 12)));
    return text.length() > longest ? text.substring(0, longest - 1) + "…" : text;
  }

  private static void cell(
      Svg svg,
      ConfusionMatrix matrix,
      int row,
      int column,
      double x,
      double y,
      double width,
      double height) {
    double share = matrix.share(row, column);
    boolean none = Double.isNaN(share);
    // A root, so that rare confusions can be seen.
    double depth = none ? 0 : Math.sqrt(share);
    svg.rect(
        x + 1,
        y + 1,
        width - 2,
        height - 2,
        "class",
        "matrix",
        "fill",
        "#00588f",
        "fill-opacity",
        String.format(Locale.ROOT, "%.3f", 0.05 + 0.95 * depth),
        "rx",
        "3");
    String ink = depth > HALF ? "#ffffff" : "#1c2127";
    String kind = depth > HALF ? "bright" : "title";
    boolean both = height >= 40;
    String percent =
        none
            ? "–"
            : String.format(Locale.ROOT, share < 0.0995 ? "%.1f %%" : "%.0f %%", 100 * share);
    double middle = y + height / 2;
    svg.text(
        x + width / 2,
        middle + (both ? -1 : 4),
        percent,
        "middle",
        "class",
        kind,
        "fill",
        ink,
        "font-size",
        "13");
    if (both) {
      svg.text(
          x + width / 2,
          middle + 15,
          Numbers.of(matrix.counts()[row][column]),
          "middle",
          "class",
          kind,
          "fill",
          ink,
          "font-size",
          "10.5");
    }
  }
}
