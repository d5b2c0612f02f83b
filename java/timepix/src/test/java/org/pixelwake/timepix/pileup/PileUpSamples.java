package org.pixelwake.timepix.pileup;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.pixelwake.base.Philox;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.ClusterBuilder;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetInfo;

/// Clusters of which every hit tells the frame: its energy is a whole number and as many 256ths.
final class PileUpSamples {
  static final int FRAMES = 60;
  static final int PER_FRAME = 40;

  private PileUpSamples() {}

  static SourceInfo source(String detector, String chip, EnergyUnit unit, boolean timed) {
    return new SourceInfo("a.txt", "xyc", detector, chip, 256, 256, timed, unit, Map.of());
  }

  static DatasetInfo info(boolean timed) {
    return DatasetInfo.of("1", source("Timepix", "A1", EnergyUnit.KEV, timed));
  }

  /// Tracks of 1 to 12 pixels that walk at random, of at least 4 keV a hit.
  static ClusterTable table(boolean timed) {
    List<Cluster> clusters = new ArrayList<>();
    ClusterBuilder builder = new ClusterBuilder();
    for (int i = 0; i < FRAMES * PER_FRAME; i++) {
      int frame = i / PER_FRAME;
      int size = 1 + below(i, 0, 12);
      TreeSet<Integer> pixels = new TreeSet<>();
      int x = 20 + below(i, 1, 200);
      int y = 20 + below(i, 2, 200);
      for (int k = 0; k < size; k++) {
        if (pixels.add(y * 256 + x)) {
          double energy = 4 + below(i, 100 + k, 40) + frame / 256.0;
          builder.add(x, y, (float) energy, timed ? 1000.0 * i + k : 0);
        }
        x += below(i, 200 + k, 3) - 1;
        y += below(i, 300 + k, 3) - 1;
      }
      clusters.add(timed ? builder.build(frame) : builder.build(frame, frame));
    }
    return ClusterTable.of(clusters, 0);
  }

  private static int below(int cluster, int what, int bound) {
    return (int) (bound * Philox.uniform(Philox.bits(7, what, cluster)));
  }

  /// A cluster of hits x, y, energy.
  static Footprint footprint(double[]... hits) {
    ClusterBuilder builder = new ClusterBuilder();
    for (double[] hit : hits) {
      builder.add((int) hit[0], (int) hit[1], (float) hit[2], 0);
    }
    return Footprint.of(ClusterTable.of(List.of(builder.build(0, 0)), 0), 0);
  }
}
