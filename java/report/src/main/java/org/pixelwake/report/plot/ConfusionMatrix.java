package org.pixelwake.report.plot;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.pixelwake.report.page.Ids;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.Table;

/// What clusters of each class were taken for.
///
/// @param id anchor in the page and name of the files
/// @param title heading, with the variation
/// @param explanation one or two sentences, such as how many seeds were added up
/// @param classes names
/// @param counts rows are the true class, columns the predicted one
public record ConfusionMatrix(
    String id, String title, String explanation, List<String> classes, long[][] counts)
    implements Diagram {
  private static final double WIDTH = 600;
  private static final double TOP = 58;
  private static final double TALLEST = 58;

  private static final double HALF = 0.5;
  private static final double LONGEST_NAME = 130;

  /// Copies list and array.
  ///
  /// @throws IllegalArgumentException unless the matrix is square with a row for each class and no
  ///   negative count
  public ConfusionMatrix {
    Ids.check(id);
    classes = List.copyOf(classes);
    counts = counts.clone();
    boolean whole = !classes.isEmpty() && counts.length == classes.size();
    for (int i = 0; i < counts.length; i++) {
      counts[i] = counts[i].clone();
      whole &= counts[i].length == classes.size();
      for (long count : counts[i]) {
        whole &= count >= 0;
      }
    }
    if (!whole) {
      throw new IllegalArgumentException(
          id + ": the matrix has no row and column for each of " + classes);
    }
  }

  /// Clusters of a true class.
  long total(int row) {
    long sum = 0;
    for (long count : counts[row]) {
      sum += count;
    }
    return sum;
  }

  /// Share of a true class that was taken for another; NaN where there is none of it.
  public double share(int row, int column) {
    long total = total(row);
    return total == 0 ? Double.NaN : (double) counts[row][column] / total;
  }

  @Override
  public String caption() {
    return explanation
        + " Each cell: share of its row, the true class, and the number of clusters.";
  }

  @Override
  public Table table() {
    Table table = new Table("true class, taken for:", classes);
    for (int row = 0; row < counts.length; row++) {
      table.row(classes.get(row), Arrays.stream(counts[row]).mapToObj(Numbers::of).toList());
    }
    return table;
  }

  @Override
  public String svg(Palette palette) {
    int n = classes.size();
    double name = 50;
    for (String text : classes) {
      name = Math.max(name, Math.min(LONGEST_NAME, Svg.width(text, 12)));
    }
    double left = name + 40;
    double cell = (WIDTH - left - 12) / n;
    double tall = Math.min(TALLEST, Math.max(30, 360.0 / n));
    Svg svg = new Svg(WIDTH, TOP + tall * n + 12, title);
    svg.text(left + cell * n / 2, 18, "taken for", "middle", Svg.title());
    svg.upright(16, TOP + tall * n / 2, "true class");
    for (int row = 0; row < n; row++) {
      String text = classes.get(row);
      svg.text(left + cell * (row + 0.5), TOP - 12, Svg.cut(text, cell), "middle", Svg.title());
      double y = TOP + tall * row;
      svg.text(left - 10, y + tall / 2 + 4, Svg.cut(text, LONGEST_NAME), "end", Svg.title());
      for (int column = 0; column < n; column++) {
        cell(svg, row, column, left + cell * column, y, cell, tall);
      }
    }
    return svg.finish();
  }

  private void cell(Svg svg, int row, int column, double x, double y, double width, double height) {
    double share = share(row, column);
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
          Numbers.of(counts[row][column]),
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
