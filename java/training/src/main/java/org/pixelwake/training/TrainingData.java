package org.pixelwake.training;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
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
    try (DatasetReader reader = DatasetReader.open(file)) {
      return of(file, reader.info(), reader.loadAll(progress), config);
    }
  }

  private static TrainingData of(
      Path file, DatasetInfo info, ClusterTable table, PretrainConfig config) {
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
      after =
          SizeHistogram.of(
              ExponentialBins.POWERS_OF_TWO, Arrays.stream(rows).map(row -> sizes[row]).toArray());
    }
    Split.Parts parts = new Split(config.heldOut, Split.Unit.CLUSTER, config.seed).of(table, rows);
    Scales.resolve(config, table, parts.train(), info.hasToa());
    config.resolveWeights();
    return new TrainingData(
        file,
        info,
        table,
        parts.train(),
        parts.heldOut(),
        before,
        after,
        (int) Arrays.stream(rows).filter(row -> extent(table, row) > config.side).count());
  }

  private static int[] within(int[] sizes, PretrainConfig config) {
    return IntStream.range(0, sizes.length)
        .filter(i -> sizes[i] >= config.minHits && sizes[i] <= config.maxHits)
        .toArray();
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
    int[] order =
        Arrays.stream(heldOut)
            .boxed()
            .sorted(Comparator.comparingInt((Integer row) -> -table.size(row)))
            .mapToInt(Integer::intValue)
            .toArray();
    return TaskData.sample(order, count);
  }
}
