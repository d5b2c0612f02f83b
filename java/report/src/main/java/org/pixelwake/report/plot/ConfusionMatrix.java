package org.pixelwake.report.plot;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.pixelwake.report.page.Arguments;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.Table;

/// Counts of clusters by their true class and the class they were taken for.
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

  /// Copies the list.
  ///
  /// @throws IllegalArgumentException unless the matrix is square with a row for each class and no
  ///   negative count
  public ConfusionMatrix {
    Arguments.checkId(id);
    classes = List.copyOf(classes);
    boolean whole = !classes.isEmpty() && counts.length == classes.size();
    for (long[] row : counts) {
      whole &= row.length == classes.size() && Arrays.stream(row).allMatch(count -> count >= 0);
    }
    Arguments.check(whole, "%s: the matrix has no row and column for each of %s", id, classes);
  }

  /// Share of a true class that was taken for another; NaN where there is none of it.
  public double share(int row, int column) {
    return (double) counts[row][column] / Arrays.stream(counts[row]).sum();
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
    double left = Svg.widest(classes.stream(), 50, LONGEST_NAME) + 40;
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
    String matrix = "class=matrix;fill=#00588f;fill-opacity=%.3f;rx=3";
    svg.rect(x + 1, y + 1, width - 2, height - 2, Svg.look(matrix, 0.05 + 0.95 * depth));
    String ink = depth > HALF ? "class=bright;fill=#ffffff" : "class=title;fill=#1c2127";
    boolean both = height >= 40;
    String digits = share < 0.0995 ? "%.1f %%" : "%.0f %%";
    String percent = none ? "–" : String.format(Locale.ROOT, digits, 100 * share);
    double centre = x + width / 2;
    double middle = y + height / 2;
    double line = middle + (both ? -1 : 4);
    svg.text(centre, line, percent, "middle", Svg.look(ink + ";font-size=13"));
    if (both) {
      String count = Numbers.of(counts[row][column]);
      svg.text(centre, middle + 15, count, "middle", Svg.look(ink + ";font-size=10.5"));
    }
  }
}
