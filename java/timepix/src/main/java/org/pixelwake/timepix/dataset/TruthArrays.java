package org.pixelwake.timepix.dataset;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.parquet.column.ColumnReader;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Truth;

/// Truths of clusters as columns in memory; any may be missing.
final class TruthArrays {
  /// The columns of the truth in the file.
  static final Set<DatasetSchema> COLUMNS =
      EnumSet.range(DatasetSchema.PARTICLE, DatasetSchema.PARTICLES);

  /// Memory that a cluster takes.
  static final long BYTES_PER_CLUSTER = 45;

  private final boolean[] known;
  private final int[] particle;
  private final long[] number;
  private final int[] particles;

  // The columns from the energy of the particle on, in their order in the file and in Truth.
  private final Map<DatasetSchema, float[]> floats = new EnumMap<>(DatasetSchema.class);

  /// No truth of any of the clusters.
  TruthArrays(int clusters) {
    known = new boolean[clusters];
    particle = new int[clusters];
    number = new long[clusters];
    Arrays.fill(number, Truth.UNKNOWN_NUMBER);
    particles = new int[clusters];
    // Files from before there were pile-ups do not say it.
    Arrays.fill(particles, 1);
    for (DatasetSchema column :
        EnumSet.range(DatasetSchema.PRIMARY_ENERGY, DatasetSchema.COLLECTED)) {
      float[] unknown = new float[clusters];
      Arrays.fill(unknown, Float.NaN);
      floats.put(column, unknown);
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
    float[] v = new float[floats.size()];
    int k = 0;
    for (float[] column : floats.values()) {
      v[k++] = column[cluster];
    }
    return new Truth(
        particle[cluster],
        v[0],
        v[1],
        v[2],
        v[3],
        v[4],
        v[5],
        v[6],
        number[cluster],
        particles[cluster]);
  }

  void set(int cluster, Truth truth) {
    known[cluster] = true;
    particle[cluster] = truth.particle();
    number[cluster] = truth.number();
    particles[cluster] = truth.particles();
    float[] v = {
      truth.energyMeV(),
      truth.thetaDegrees(),
      truth.phiDegrees(),
      truth.xUm(),
      truth.yUm(),
      truth.depositedKeV(),
      truth.collectedKeV()
    };
    int k = 0;
    for (float[] column : floats.values()) {
      column[cluster] = v[k++];
    }
  }

  /// Copies truths of other clusters.
  void put(int row, TruthArrays from, int fromRow, int rows) {
    System.arraycopy(from.known, fromRow, known, row, rows);
    System.arraycopy(from.particle, fromRow, particle, row, rows);
    System.arraycopy(from.number, fromRow, number, row, rows);
    System.arraycopy(from.particles, fromRow, particles, row, rows);
    floats.forEach(
        (column, values) -> System.arraycopy(from.column(column), fromRow, values, row, rows));
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
      case PARTICLES -> {
        particles[cluster] = value.getInteger();
        if (particles[cluster] < 1) {
          throw new IllegalArgumentException("n_particles is " + particles[cluster]);
        }
      }
      default -> column(column)[cluster] = value.getFloat();
    }
  }

  private float[] column(DatasetSchema column) {
    return Objects.requireNonNull(floats.get(column));
  }
}
