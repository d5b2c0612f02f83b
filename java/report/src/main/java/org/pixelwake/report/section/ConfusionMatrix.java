package org.pixelwake.report.section;

import java.util.List;
import org.pixelwake.report.page.Ids;

/// What clusters of each class were taken for.
///
/// @param id anchor in the page and name of the files
/// @param title heading, with the variation
/// @param explanation one or two sentences, such as how many seeds were added up
/// @param classes names
/// @param counts rows are the true class, columns the predicted one
public record ConfusionMatrix(
    String id, String title, String explanation, List<String> classes, long[][] counts) {
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
}
