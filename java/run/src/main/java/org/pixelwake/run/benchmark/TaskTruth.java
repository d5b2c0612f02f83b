package org.pixelwake.run.benchmark;

import java.util.Arrays;
import java.util.List;
import org.pixelwake.run.benchmark.BenchmarkPlan.Task;
import org.pixelwake.training.target.RegressionTarget;

/// What is true of the test clusters of a task.
///
/// @param labels classes, from 0; empty for a regression
/// @param values of each target one a cluster, in its unit; none for classes
record TaskTruth(int[] labels, List<float[]> values) {
  static TaskTruth of(Task task, BenchmarkData.Clusters clusters) {
    int[] labels = task.classified() ? clusters.labels(task.classes()) : new int[0];
    List<float[]> values =
        task.targets().stream()
            .map(name -> values(RegressionTarget.named(name), clusters))
            .toList();
    return new TaskTruth(labels, values);
  }

  private static float[] values(RegressionTarget target, BenchmarkData.Clusters clusters) {
    float[] values = new float[clusters.table().count()];
    for (int row = 0; row < values.length; row++) {
      values[row] = target.of(clusters.table(), row);
    }
    return values;
  }

  /// Returns the same of which each cluster has that of another.
  ///
  /// @param rows a permutation
  TaskTruth dealt(int[] rows) {
    int[] other = labels.length == 0 ? labels : Arrays.stream(rows).map(r -> labels[r]).toArray();
    return new TaskTruth(other, values.stream().map(v -> dealt(v, rows)).toList());
  }

  private static float[] dealt(float[] values, int[] rows) {
    float[] other = new float[rows.length];
    for (int i = 0; i < rows.length; i++) {
      other[i] = values[rows[i]];
    }
    return other;
  }
}
