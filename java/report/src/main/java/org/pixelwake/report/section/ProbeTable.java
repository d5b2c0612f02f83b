package org.pixelwake.report.section;

import java.util.List;
import org.pixelwake.base.Spread;
import org.pixelwake.report.page.Ids;

/// Physical quantities read from the features by a linear probe.
///
/// @param id anchor in the page and name of the files
/// @param title such as "R² by quantity"
/// @param explanation one or two sentences: how the probe was fitted and on what it was measured
/// @param stages which features, such as "before" and "after"
/// @param rows the quantities
public record ProbeTable(
    String id, String title, String explanation, List<String> stages, List<Row> rows) {
  /// Copies the lists.
  ///
  /// @throws IllegalArgumentException if a row has not one number for each stage
  public ProbeTable {
    Ids.check(id);
    stages = List.copyOf(stages);
    rows = List.copyOf(rows);
    for (Row row : rows) {
      if (row.r2.size() != stages.size()) {
        throw new IllegalArgumentException(
            row.quantity + ": " + row.r2.size() + " numbers for stages " + stages);
      }
    }
  }

  /// A quantity.
  ///
  /// @param quantity its name
  /// @param r2 coefficient of determination on held-out clusters, one for each stage
  public record Row(String quantity, List<Spread> r2) {
    /// Copies the list.
    public Row {
      r2 = List.copyOf(r2);
    }
  }
}
