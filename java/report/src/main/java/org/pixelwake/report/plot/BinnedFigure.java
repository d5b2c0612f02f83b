package org.pixelwake.report.plot;

import java.util.List;
import org.pixelwake.report.page.Ids;

/// A metric in bins of a quantity, such as accuracy over the number of hits, with intervals.
///
/// @param id anchor in the page and name of the files
/// @param title heading
/// @param quantity what the bins divide, with its unit, such as "hits per cluster"
/// @param logarithmic whether the bins lie on a logarithmic axis
/// @param y what the vertical axis is, with its unit
/// @param intervals what the bars are, such as "95 % Wilson interval"
/// @param explanation one or two sentences: what is shown and how to read it
/// @param edges of the bins, ascending, one more than there are bins
/// @param counts clusters in each bin
/// @param lines what is drawn
public record BinnedFigure(
    String id,
    String title,
    String quantity,
    boolean logarithmic,
    String y,
    String intervals,
    String explanation,
    double[] edges,
    long[] counts,
    List<Line> lines) {
  /// Copies lists and arrays.
  ///
  /// @throws IllegalArgumentException if lengths differ or edges do not ascend
  public BinnedFigure {
    Ids.check(id);
    edges = edges.clone();
    counts = counts.clone();
    lines = List.copyOf(lines);
    if (edges.length != counts.length + 1) {
      throw new IllegalArgumentException(
          id + ": " + edges.length + " edges of " + counts.length + " bins");
    }
    for (int i = 1; i < edges.length; i++) {
      if (!(edges[i] > edges[i - 1])) {
        throw new IllegalArgumentException(id + ": edge " + edges[i] + " after " + edges[i - 1]);
      }
    }
    if (logarithmic && !(edges[0] > 0)) {
      throw new IllegalArgumentException(id + ": logarithmic bins from " + edges[0]);
    }
    for (Line line : lines) {
      if (line.value.length != counts.length) {
        throw new IllegalArgumentException(
            id + ", " + line.name + ": " + line.value.length + " of " + counts.length + " bins");
      }
    }
  }

  /// The values of a variation.
  ///
  /// @param name name in the legend, the same for a variation in every figure
  /// @param value one for each bin; NaN where the bin is empty
  /// @param low lower end of the interval
  /// @param high upper end of the interval
  public record Line(String name, double[] value, double[] low, double[] high) {
    /// Copies the arrays.
    public Line {
      value = value.clone();
      low = low.clone();
      high = high.clone();
      if (value.length != low.length || value.length != high.length) {
        throw new IllegalArgumentException(
            "%s: %d values, %d and %d ends of intervals"
                .formatted(name, value.length, low.length, high.length));
      }
    }
  }
}
