package org.pixelwake.training;

import java.nio.file.Path;
import java.util.Map;
import org.pixelwake.base.Philox;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.dataset.DatasetInfo;
import org.pixelwake.timepix.dataset.DatasetWriter;

/// A data set of staircases.
final class MadeUpClusters {
  private static final float RARE_FACTOR = 100;

  private MadeUpClusters() {}

  /// Writes it.
  static Path write(Path file, int count) {
    return write(file, count, Integer.MAX_VALUE);
  }

  /// Writes it with every `rare`-th cluster far more energetic than the others.
  static Path write(Path file, int count, int rare) {
    SourceInfo source =
        new SourceInfo("made up", "test", "Timepix3", "", 256, 256, true, EnergyUnit.KEV, Map.of());
    try (DatasetWriter writer = DatasetWriter.create(file, DatasetInfo.of("test", source))) {
      for (int i = 0; i < count; i++) {
        writer.append(cluster(i, i % rare == rare - 1 ? RARE_FACTOR : 1), 0);
      }
      writer.finish();
    }
    return file;
  }

  // A staircase of a length that depends on i.
  private static Cluster cluster(int i, float factor) {
    int hits = 1 + i % 12;
    short[] x = new short[hits];
    short[] y = new short[hits];
    float[] energy = new float[hits];
    float[] toa = new float[hits];
    for (int k = 0; k < hits; k++) {
      x[k] = (short) (20 + (k + 1) / 2);
      y[k] = (short) (30 + k / 2);
      energy[k] = factor * (float) (5 + 50 * Philox.uniform(Philox.bits(3, i, k)));
      toa[k] = k;
    }
    return new Cluster(0, i, x, y, energy, toa);
  }
}
