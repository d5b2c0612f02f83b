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
  private MadeUpClusters() {}

  /// Writes it.
  static Path write(Path file, int count) {
    SourceInfo source =
        new SourceInfo("made up", "test", "Timepix3", "", 256, 256, true, EnergyUnit.KEV, Map.of());
    try (DatasetWriter writer = DatasetWriter.create(file, DatasetInfo.of("test", source))) {
      for (int i = 0; i < count; i++) {
        writer.append(cluster(i), 0);
      }
      writer.finish();
    }
    return file;
  }

  // A staircase of a length that depends on i.
  private static Cluster cluster(int i) {
    int hits = 1 + i % 12;
    short[] x = new short[hits];
    short[] y = new short[hits];
    float[] energy = new float[hits];
    float[] toa = new float[hits];
    for (int k = 0; k < hits; k++) {
      x[k] = (short) (20 + (k + 1) / 2);
      y[k] = (short) (30 + k / 2);
      energy[k] = (float) (5 + 50 * Philox.uniform(Philox.bits(3, i, k)));
      toa[k] = k;
    }
    return new Cluster(0, i, x, y, energy, toa);
  }
}
