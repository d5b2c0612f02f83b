package org.pixelwake.run.benchmark;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.pixelwake.run.benchmark.BenchmarkPlan.Task;
import org.pixelwake.training.metrics.Bootstrap;
import org.pixelwake.training.metrics.Classification;
import org.pixelwake.training.metrics.Predictions;
import org.pixelwake.training.target.RegressionTarget;
import org.pixelwake.training.target.TargetScale;

/// What an entry finds in the control of a task, where what is known of the clusters was dealt out
/// anew among them, in the set to learn from and in the test set: chance is 0.5. An entry that
/// finds more reads something else than the hits.
///
/// Of classes it is the area under the ROC curve, the mean over the classes where there are more
/// than two. Of quantities it is the share of pairs of clusters that are in the right order, of the
/// pairs (0, 1), (2, 3) and so on, the mean over the quantities.
///
/// @param task its name
/// @param entry its name
/// @param clusters looked at
/// @param value found, the mean over the sets that were learned from
/// @param tolerance of the difference from 0.5: four standard deviations of what chance gives
public record ControlScore(
    String task, String entry, int clusters, double value, double tolerance) {
  /// The figure that chance gives.
  public static final double CHANCE = 0.5;

  private static final double DEVIATIONS = 4;

  /// Returns whether the value is that of chance.
  @JsonProperty(value = "holds", access = JsonProperty.Access.READ_ONLY)
  public boolean holds() {
    return Math.abs(value - CHANCE) <= tolerance;
  }

  /// Judges predictions.
  ///
  /// @param truth dealt out anew
  /// @param draws of each set learned from (clusters, columns)
  static ControlScore of(
      Task task, String name, String entry, TaskTruth truth, List<float[][]> draws) {
    double value =
        draws.stream()
            .mapToDouble(d -> task.classified() ? area(truth, d) : order(task, truth, d))
            .average()
            .orElseThrow();
    int clusters = draws.getFirst().length;
    double tolerance =
        DEVIATIONS * (task.classified() ? areaDeviation(task, truth) : orderDeviation(clusters));
    return new ControlScore(name, entry, clusters, value, tolerance);
  }

  private static double area(TaskTruth truth, float[][] probabilities) {
    return Classification.of(Predictions.of(truth.labels(), probabilities), Bootstrap.NONE)
        .auc()
        .value();
  }

  // That of Mann and Whitney's statistic without ties, of the rarest class.
  private static double areaDeviation(Task task, TaskTruth truth) {
    double n = truth.labels().length;
    double largest = 0;
    for (int c = 0; c < task.classes().size(); c++) {
      double of = 0;
      for (int label : truth.labels()) {
        of += label == c ? 1 : 0;
      }
      largest = Math.max(largest, Math.sqrt((n + 1) / (12 * of * (n - of))));
    }
    return largest;
  }

  private static double order(Task task, TaskTruth truth, float[][] predicted) {
    double sum = 0;
    for (int t = 0; t < task.targets().size(); t++) {
      TargetScale scale = TargetScale.of(RegressionTarget.named(task.targets().get(t)));
      float[] values = truth.values().get(t);
      double right = 0;
      for (int i = 0; i + 1 < values.length; i += 2) {
        double wanted = scale.error(values[i + 1], values[i]);
        double found = scale.error(predicted[i + 1][t], predicted[i][t]);
        right += wanted * found > 0 ? 1 : wanted * found == 0 ? CHANCE : 0;
      }
      int pairs = values.length / 2;
      sum += right / pairs;
    }
    return sum / task.targets().size();
  }

  private static double orderDeviation(int clusters) {
    int pairs = clusters / 2;
    return CHANCE / Math.sqrt(pairs);
  }
}
