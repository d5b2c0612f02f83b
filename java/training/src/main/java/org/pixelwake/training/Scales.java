package org.pixelwake.training;

import java.util.Arrays;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.op.Rasterize;
import org.pixelwake.timepix.dataset.ClusterTable;

/// Normalisation constants that are taken from the training hits where the configuration does not
/// state them.
final class Scales {
  // Enough for a percentile to three digits, and small enough to sort at once.
  private static final int SAMPLE = 1_000_000;

  private Scales() {}

  /// Replaces every [RunConfig#AUTO] by its number.
  ///
  /// @param hasToa whether the data carry times
  static void resolve(RunConfig config, ClusterTable table, int[] rows, boolean hasToa) {
    if (config.energyScale == RunConfig.AUTO) {
      config.energyScale = Math.max(percentile(table, rows, table.energy(), 0.995), 1e-3f);
    }
    if (config.energyThreshold == RunConfig.AUTO) {
      config.energyThreshold = percentile(table, rows, table.energy(), 0.5);
    }
    if (!hasToa) {
      config.toaScale = 0;
    } else if (config.energies() == Rasterize.Energies.ALL && config.toaScale != 0) {
      throw new InputException(
          "--energy-encoding all",
          "leaves no channel for times of arrival, which these data have",
          "Leave the times out with --toa-scale 0, or show energies as sqrt, log or linear");
    } else if (config.toaScale == RunConfig.AUTO) {
      config.toaScale = Math.max(percentile(table, rows, table.toa(), 0.995), 1);
    }
  }

  private static float percentile(ClusterTable table, int[] rows, float[] column, double part) {
    long hits = Arrays.stream(rows).mapToLong(table::size).sum();
    int stride = (int) Math.max(1, hits / SAMPLE);
    float[] sample = new float[(int) Math.ceilDiv(hits, stride)];
    int seen = 0;
    int taken = 0;
    for (int row : rows) {
      for (int i = table.start(row); i < table.end(row); i++) {
        if (seen++ % stride == 0) {
          sample[taken++] = column[i];
        }
      }
    }
    Arrays.sort(sample, 0, taken);
    return sample[(int) Math.min(taken - 1, Math.round(part * (taken - 1)))];
  }
}
