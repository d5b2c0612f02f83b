package org.pixelwake.training;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.Philox;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.dataset.DatasetInfo;
import org.pixelwake.timepix.dataset.DatasetWriter;

/// Data sets of two kinds of tracks that anybody can tell apart: long lines of muons, whose azimuth
/// their rising energies show, and round blobs of alphas.
final class MadeUpTracks {
  static final int MUON = 13;
  static final int ALPHA = 1000020040;

  private MadeUpTracks() {}

  /// Every `rare`-th cluster is a blob.
  static Path write(Path file, int count, int rare) {
    SourceInfo source =
        new SourceInfo("made up", "test", "Timepix3", "", 256, 256, true, EnergyUnit.KEV, Map.of());
    try (DatasetWriter writer = DatasetWriter.create(file, DatasetInfo.of("test", source))) {
      for (int i = 0; i < count; i++) {
        writer.append(i % rare == rare - 1 ? blob(i) : line(i), 0);
      }
      writer.finish();
    }
    return file;
  }

  private static double draw(int i, int k) {
    return Philox.uniform(Philox.bits(3, i, k));
  }

  private static Cluster line(int i) {
    double phi = 2 * Math.PI * draw(i, 1);
    int hits = 8 + (int) (8 * draw(i, 2));
    List<int[]> pixels = new ArrayList<>();
    for (int k = 0; k < hits; k++) {
      pixels.add(
          new int[] {
            (int) Math.round(100 + k * Math.cos(phi)), (int) Math.round(100 + k * Math.sin(phi))
          });
    }
    return cluster(i, pixels, 4, truth(MUON, i, phi));
  }

  private static Cluster blob(int i) {
    double radius = 1.5 + 2 * draw(i, 1);
    List<int[]> pixels = new ArrayList<>();
    for (int y = -4; y <= 4; y++) {
      for (int x = -4; x <= 4; x++) {
        if (x * x + y * y <= radius * radius) {
          pixels.add(new int[] {50 + x, 60 + y});
        }
      }
    }
    return cluster(i, pixels, 40, truth(ALPHA, i, Math.PI * draw(i, 3)));
  }

  private static Truth truth(int particle, int i, double phi) {
    float nan = Float.NaN;
    float energy = (float) Math.pow(10, 2 * draw(i, 4));
    return new Truth(
        particle,
        energy,
        (float) (80 * draw(i, 5)),
        (float) Math.toDegrees(phi),
        nan,
        nan,
        i % 5 == 0 ? nan : 100 * energy,
        nan,
        i);
  }

  private static Cluster cluster(int i, List<int[]> pixels, double energy, @Nullable Truth truth) {
    int hits = pixels.size();
    short[] x = new short[hits];
    short[] y = new short[hits];
    float[] energies = new float[hits];
    float[] toa = new float[hits];
    for (int k = 0; k < hits; k++) {
      x[k] = (short) pixels.get(k)[0];
      y[k] = (short) pixels.get(k)[1];
      energies[k] = (float) (energy * (1 + k + draw(i, 10 + k)));
      toa[k] = k;
    }
    return new Cluster(0, i, x, y, energies, toa, truth);
  }
}
