package org.pixelwake.training;

import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import org.pixelwake.base.Philox;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.dataset.DatasetInfo;
import org.pixelwake.timepix.dataset.DatasetWriter;

/// A data set of staircases.
final class MadeUpClusters {
  private static final int RADIUS = 5;

  private MadeUpClusters() {}

  /// Writes it.
  static Path write(Path file, int count) {
    return write(file, count, Integer.MAX_VALUE);
  }

  /// Writes it with a disc of high energies in the place of every `rare`-th cluster.
  static Path write(Path file, int count, int rare) {
    SourceInfo source =
        new SourceInfo("made up", "test", "Timepix3", "", 256, 256, true, EnergyUnit.KEV, Map.of());
    try (DatasetWriter writer = DatasetWriter.create(file, DatasetInfo.of("test", source))) {
      for (int i = 0; i < count; i++) {
        writer.append(i % rare == rare - 1 ? disc(i) : cluster(i), 0);
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

  private static Cluster disc(int i) {
    double radius = RADIUS * (0.5 + 0.5 * Philox.uniform(Philox.bits(4, i, 0)));
    int side = 2 * RADIUS + 1;
    int[] pixels =
        IntStream.range(0, side * side)
            .filter(p -> Math.hypot(p % side - RADIUS, p / side - RADIUS) <= radius)
            .toArray();
    int hits = pixels.length;
    short[] x = new short[hits];
    short[] y = new short[hits];
    float[] energy = new float[hits];
    for (int k = 0; k < hits; k++) {
      x[k] = (short) (20 + pixels[k] % side);
      y[k] = (short) (30 + pixels[k] / side);
      energy[k] = (float) (200 + 2000 * Philox.uniform(Philox.bits(5, i, k)));
    }
    return new Cluster(0, i, x, y, energy, new float[hits]);
  }
}
