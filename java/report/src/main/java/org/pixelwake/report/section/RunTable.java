package org.pixelwake.report.section;

import java.util.List;
import org.pixelwake.base.Spread;
import org.pixelwake.report.page.Arguments;

/// All variations of a study and the baselines beside them.
///
/// @param explanation one or two sentences: on which data the numbers were measured
/// @param columns the metrics
/// @param rows variations and baselines, in the order in which the report names them everywhere
public record RunTable(String explanation, List<Column> columns, List<Row> rows) {
  /// Copies the lists.
  ///
  /// @throws IllegalArgumentException if a row has not one number for each column
  public RunTable {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
    for (Row row : rows) {
      int count = row.values().size();
      boolean each = count == columns.size();
      Arguments.check(each, "%s: %d numbers for %d columns", row.name(), count, columns.size());
    }
  }

  /// A metric.
  ///
  /// @param name such as "Accuracy"
  /// @param unit empty for a pure number
  /// @param better which side is better
  /// @param figure id of the figure that compares the rows in this metric, and name of its files;
  ///   empty where none is to be drawn
  /// @param explanation one sentence: what the number is
  public record Column(
      String name, String unit, Better better, String figure, String explanation) {}

  /// Which numbers of a metric are good ones.
  public enum Better {
    /// The larger.
    HIGHER,
    /// The smaller.
    LOWER,
    /// Neither.
    NEITHER
  }

  /// A variation or a baseline.
  ///
  /// @param name short, the same as in the figures
  /// @param baseline whether it is not one of the study's own networks
  /// @param description what it is, in a few words
  /// @param values one for each column; [Spread#NONE] where it was not measured
  public record Row(String name, boolean baseline, String description, List<Spread> values) {
    /// Copies the list.
    public Row {
      values = List.copyOf(values);
    }
  }
}
