package org.pixelwake.training;

import java.nio.file.Path;
import java.util.Arrays;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetInfo;

/// A data set made ready for a task: in memory, divided into clusters to train on and clusters that
/// are held out.
public sealed interface TaskData permits TrainingData, FinetuneData {
  /// Returns the Parquet file.
  Path file();

  /// Returns what the file says of itself.
  DatasetInfo info();

  /// Returns all clusters.
  ClusterTable table();

  /// Returns the rows to train on.
  int[] train();

  /// Returns the rows that are never trained on.
  int[] heldOut();

  /// Returns at most `count` held-out rows, evenly spaced.
  default int[] heldOutSample(int count) {
    return sample(heldOut(), count);
  }

  /// Returns at most `count` of the rows, evenly spaced, in their order.
  static int[] sample(int[] rows, int count) {
    int[] sample = new int[Math.min(count, rows.length)];
    Arrays.setAll(sample, i -> rows[(int) ((long) i * rows.length / sample.length)]);
    return sample;
  }
}
