package org.pixelwake.run.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.dataset.ParquetTable.Column;
import org.pixelwake.timepix.dataset.ParquetTable.Kind;

/// Columns that tables with one row per cluster share: what tells a cluster apart, and what is
/// known of its particle.
public final class ClusterColumns {
  private static final List<Column> TRUTH =
      List.of(
          new Column("particle", Kind.INT),
          new Column("particle_number", Kind.LONG),
          new Column("primary_energy_mev", Kind.FLOAT),
          new Column("theta_deg", Kind.FLOAT),
          new Column("phi_deg", Kind.FLOAT),
          new Column("entry_x_um", Kind.FLOAT),
          new Column("entry_y_um", Kind.FLOAT),
          new Column("deposited_kev", Kind.FLOAT),
          new Column("collected_kev", Kind.FLOAT),
          new Column("n_particles", Kind.INT));

  private ClusterColumns() {}

  /// Returns the columns of what is known of a particle, as data sets have them; they are null
  /// where it is not known.
  static List<Column> truth() {
    return TRUTH;
  }

  /// Adds the values of [#truth] to a row.
  static void addTruth(List<@Nullable Object> row, @Nullable Truth truth) {
    if (truth == null) {
      row.addAll(Collections.nCopies(TRUTH.size(), null));
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
    row.add(truth.particles());
  }

  /// Returns the truth that the values of [#truth()] hold, or null where the particle is not known.
  public static @Nullable Truth truth(List<@Nullable Object> values) {
    if (!(values.getFirst() instanceof Integer particle)) {
      return null;
    }
    float[] v = new float[values.size() - 2];
    for (int k = 0; k < v.length; k++) {
      v[k] = values.get(k + 2) instanceof Float value ? value : Float.NaN;
    }
    long number = values.get(1) instanceof Long known ? known : Truth.UNKNOWN_NUMBER;
    return new Truth(particle, v[0], v[1], v[2], v[3], v[4], v[5], v[6], number);
  }

  /// Returns the first columns of a table of what a network makes of clusters: number of the
  /// cluster in the file, its source and frame, unit of the energy, hits, energy, and what is known
  /// of its particle.
  public static List<Column> leading() {
    List<Column> columns = new ArrayList<>();
    columns.add(new Column("row", Kind.LONG));
    columns.add(new Column("source", Kind.TEXT));
    columns.add(new Column("frame", Kind.LONG));
    columns.add(new Column("unit", Kind.TEXT));
    columns.add(new Column("size", Kind.INT));
    columns.add(new Column("energy", Kind.FLOAT));
    columns.addAll(TRUTH);
    return columns;
  }

  /// Returns a row that begins with the values of [#leading].
  ///
  /// @param part the part of the clusters in which the cluster is
  /// @param row number of the cluster in the part
  public static List<@Nullable Object> leading(ClusterBatches.Part part, int row) {
    List<@Nullable Object> values = new ArrayList<>();
    values.add(part.first() + row);
    values.add(part.source(row).file());
    values.add(part.table().frame(row));
    values.add(part.unit().label());
    values.add(part.table().size(row));
    values.add(part.table().energySum(row));
    addTruth(values, part.table().truth(row));
    return values;
  }
}
