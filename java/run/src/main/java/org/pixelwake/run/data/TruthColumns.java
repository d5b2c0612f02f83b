package org.pixelwake.run.data;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.dataset.ParquetTable.Column;
import org.pixelwake.timepix.dataset.ParquetTable.Kind;

/// The columns of what is known of a particle, as data sets have them; null where it is not known.
public final class TruthColumns {
  private static final List<Column> COLUMNS = columns();

  private TruthColumns() {}

  private static List<Column> columns() {
    List<Column> columns = new ArrayList<>();
    columns.add(new Column("particle", Kind.INT));
    columns.add(new Column("particle_number", Kind.LONG));
    for (String name :
        List.of(
            "primary_energy_mev",
            "theta_deg",
            "phi_deg",
            "entry_x_um",
            "entry_y_um",
            "deposited_kev",
            "collected_kev")) {
      columns.add(new Column(name, Kind.FLOAT));
    }
    return List.copyOf(columns);
  }

  public static List<Column> all() {
    return COLUMNS;
  }

  /// Adds the values of a cluster to its row.
  public static void add(List<@Nullable Object> row, @Nullable Truth truth) {
    if (truth == null) {
      for (int i = 0; i < COLUMNS.size(); i++) {
        row.add(null);
      }
      return;
    }
    row.add(truth.particle());
    row.add(truth.number() == Truth.UNKNOWN_NUMBER ? null : truth.number());
    for (float value :
        new float[] {
          truth.energyMeV(),
          truth.thetaDegrees(),
          truth.phiDegrees(),
          truth.xUm(),
          truth.yUm(),
          truth.depositedKeV(),
          truth.collectedKeV()
        }) {
      row.add(Float.isNaN(value) ? null : value);
    }
  }
}
