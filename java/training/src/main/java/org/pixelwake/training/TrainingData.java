package org.pixelwake.training;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.dataset.Balancer;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetInfo;
import org.pixelwake.timepix.dataset.DatasetReader;
import org.pixelwake.timepix.dataset.ExponentialBins;
import org.pixelwake.timepix.dataset.SizeHistogram;
import org.pixelwake.timepix.dataset.Split;

/// A data set made ready for training: in memory, balanced, divided.
///
/// @param file the Parquet file
/// @param info what it says of itself
/// @param table all clusters
/// @param train rows to train on
/// @param heldOut rows never trained on, not balanced beyond what the training rows are
/// @param before hit counts of all clusters
/// @param after hit counts of the clusters chosen
/// @param oversized clusters chosen whose extent exceeds the image at factor 1, which rasterize
///   then shrinks
public record TrainingData(
    Path file,
    DatasetInfo info,
    ClusterTable table,
    int[] train,
    int[] heldOut,
    SizeHistogram before,
    SizeHistogram after,
    int oversized)
    implements TaskData {

  /// Loads a data set and divides it by a configuration, whose open scales are filled in from the
  /// training hits.
  public static TrainingData load(Path file, PretrainConfig config, Progress progress) {
    DatasetInfo info;
    ClusterTable table;
    try (DatasetReader reader = DatasetReader.open(file)) {
      info = reader.info();
      table = reader.loadAll(progress);
    }
    int[] sizes = table.sizes();
    Balancer balancer =
        new Balancer(
            ExponentialBins.POWERS_OF_TWO,
            config.minHits,
            config.maxHits,
            config.balance ? config.minBin : 1,
            config.balance ? Balancer.SmallBins.DROP : Balancer.SmallBins.KEEP,
            Integer.MAX_VALUE,
            config.seed);
    int[] rows;
    SizeHistogram before;
    SizeHistogram after;
    if (config.balance) {
      Balancer.Selection selection = balancer.select(sizes);
      rows = selection.rows();
      before = selection.before();
      after = selection.after();
    } else {
      rows = within(sizes, config);
      before = SizeHistogram.of(ExponentialBins.POWERS_OF_TWO, sizes);
      after = SizeHistogram.of(ExponentialBins.POWERS_OF_TWO, chosen(sizes, rows));
    }
    Split.Parts parts = new Split(config.heldOut, Split.Unit.CLUSTER, config.seed).of(table, rows);
    Scales.resolve(config, table, parts.train(), info.hasToa());
    return new TrainingData(
        file,
        info,
        table,
        parts.train(),
        parts.heldOut(),
        before,
        after,
        oversized(table, rows, config.side));
  }

  private static int[] within(int[] sizes, PretrainConfig config) {
    int[] rows = new int[sizes.length];
    int count = 0;
    for (int i = 0; i < sizes.length; i++) {
      if (sizes[i] >= config.minHits && sizes[i] <= config.maxHits) {
        rows[count++] = i;
      }
    }
    return Arrays.copyOf(rows, count);
  }

  private static int[] chosen(int[] sizes, int[] rows) {
    return Arrays.stream(rows).map(row -> sizes[row]).toArray();
  }

  private static int oversized(ClusterTable table, int[] rows, int side) {
    int count = 0;
    for (int row : rows) {
      if (extent(table, row) > side) {
        count++;
      }
    }
    return count;
  }

  /// Longer side of a cluster's bounding box, in pixels.
  static int extent(ClusterTable table, int row) {
    short[] x = table.x();
    short[] y = table.y();
    int start = table.start(row);
    int left = x[start];
    int right = left;
    int bottom = y[start];
    int top = bottom;
    for (int i = start; i < table.end(row); i++) {
      left = Math.min(left, x[i]);
      right = Math.max(right, x[i]);
      bottom = Math.min(bottom, y[i]);
      top = Math.max(top, y[i]);
    }
    return Math.max(right - left, top - bottom) + 1;
  }

  /// Held-out rows for pictures: of different sizes, the large ones first.
  public int[] pictured(int count) {
    Integer[] order = new Integer[heldOut.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = heldOut[i];
    }
    Arrays.sort(order, Comparator.comparingInt((Integer row) -> -table.size(row)));
    int[] rows = new int[Math.min(count, order.length)];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = order[(int) ((long) i * order.length / rows.length)];
    }
    return rows;
  }
}
