package org.pixelwake.timepix.dataset;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.apache.parquet.column.ColumnReader;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Truth;

/// Truths of clusters as columns in memory; any may be missing.
final class TruthArrays {
  /// The columns of the truth in the file.
  static final Set<DatasetSchema> COLUMNS =
      EnumSet.range(DatasetSchema.PARTICLE, DatasetSchema.COLLECTED);

  /// Memory that a cluster takes.
  static final long BYTES_PER_CLUSTER = 41;

  private static final Set<DatasetSchema> FLOATS =
      EnumSet.range(DatasetSchema.PRIMARY_ENERGY, DatasetSchema.COLLECTED);

  private final boolean[] known;
  private final int[] particle;
  private final long[] number;
  private final Map<DatasetSchema, float[]> floats = new EnumMap<>(DatasetSchema.class);

  /// No truth of any of the clusters.
  TruthArrays(int clusters) {
    known = new boolean[clusters];
    particle = new int[clusters];
    number = new long[clusters];
    Arrays.fill(number, Truth.UNKNOWN_NUMBER);
    for (DatasetSchema column : FLOATS) {
      float[] values = new float[clusters];
      Arrays.fill(values, Float.NaN);
      floats.put(column, values);
    }
  }

  /// Whether there is any truth.
  boolean any() {
    for (boolean one : known) {
      if (one) {
        return true;
      }
    }
    return false;
  }

  /// The truth of a cluster, or null where it is not known.
  @Nullable Truth get(int cluster) {
    if (!known[cluster]) {
      return null;
    }
    return new Truth(
        particle[cluster],
        floats(DatasetSchema.PRIMARY_ENERGY)[cluster],
        floats(DatasetSchema.THETA)[cluster],
        floats(DatasetSchema.PHI)[cluster],
        floats(DatasetSchema.ENTRY_X)[cluster],
        floats(DatasetSchema.ENTRY_Y)[cluster],
        floats(DatasetSchema.DEPOSITED)[cluster],
        floats(DatasetSchema.COLLECTED)[cluster],
        number[cluster]);
  }

  void set(int cluster, Truth truth) {
    known[cluster] = true;
    particle[cluster] = truth.particle();
    number[cluster] = truth.number();
    floats.forEach((column, values) -> values[cluster] = value(column, truth));
  }

  /// Copies truths of other clusters.
  void put(int row, TruthArrays from, int fromRow, int rows) {
    System.arraycopy(from.known, fromRow, known, row, rows);
    System.arraycopy(from.particle, fromRow, particle, row, rows);
    System.arraycopy(from.number, fromRow, number, row, rows);
    floats.forEach(
        (column, values) -> System.arraycopy(from.floats(column), fromRow, values, row, rows));
  }

  /// Takes a value, which is not null, from a file. A cluster has a truth where its particle is not
  /// null.
  ///
  /// @throws IllegalArgumentException where it is none of a truth
  void take(DatasetSchema column, int cluster, ColumnReader value) {
    switch (column) {
      case PARTICLE -> {
        known[cluster] = true;
        particle[cluster] = value.getInteger();
      }
      case PARTICLE_NUMBER -> {
        number[cluster] = value.getLong();
        if (number[cluster] < 0) {
          throw new IllegalArgumentException("particle_number is " + number[cluster]);
        }
      }
      default -> floats(column)[cluster] = value.getFloat();
    }
  }

  private float[] floats(DatasetSchema column) {
    float[] values = floats.get(column);
    if (values == null) {
      throw new IllegalArgumentException(column + " is no float of the truth");
    }
    return values;
  }

  /// A value of the truth that is a float.
  static float value(DatasetSchema column, Truth truth) {
    return switch (column) {
      case PRIMARY_ENERGY -> truth.energyMeV();
      case THETA -> truth.thetaDegrees();
      case PHI -> truth.phiDegrees();
      case ENTRY_X -> truth.xUm();
      case ENTRY_Y -> truth.yUm();
      case DEPOSITED -> truth.depositedKeV();
      case COLLECTED -> truth.collectedKeV();
      default -> throw new IllegalArgumentException(column + " is no float of the truth");
    };
  }
}
