package org.pixelwake.run.benchmark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.pixelwake.run.benchmark.BenchmarkPlan.Task;
import org.pixelwake.training.metrics.Bootstrap;
import org.pixelwake.training.metrics.Classification;
import org.pixelwake.training.metrics.ConfusionCounts;
import org.pixelwake.training.metrics.Estimate;
import org.pixelwake.training.metrics.Predictions;
import org.pixelwake.training.target.RegressionTarget;
import org.pixelwake.training.target.TargetScale;

/// How good predictions of a task are.
///
/// @param benchmark name and version
/// @param task its name
/// @param entry whose predictions they are
/// @param clusters looked at
/// @param draws sets that were learned from anew; figures are means over them
/// @param primary name of the figure that entries are compared by, the larger the better
/// @param figures by name, with intervals of 95 % by bootstrap over the test clusters where there
///   are any
public record TaskScores(
    String benchmark,
    String task,
    String entry,
    int clusters,
    int draws,
    String primary,
    Map<String, Estimate> figures) {
  /// Figure that classifiers are compared by.
  static final String BALANCED = "balanced_accuracy";

  /// Figure that regressions are compared by.
  static final String R2 = "r2";

  private static final String ACCURACY = "accuracy";

  /// Judges predictions.
  ///
  /// @param truth of the test clusters
  /// @param draws of each set learned from (clusters, columns)
  static TaskScores of(
      BenchmarkPlan plan, String name, String entry, TaskTruth truth, List<float[][]> draws) {
    Task task = plan.task(name);
    Map<String, Estimate> figures =
        task.classified()
            ? classes(truth, draws, Bootstrap.DEFAULT)
            : values(task, truth, draws, Bootstrap.DEFAULT);
    return new TaskScores(
        plan.title(),
        name,
        entry,
        draws.getFirst().length,
        draws.size(),
        task.classified() ? BALANCED : R2,
        figures);
  }

  /// Returns the figure that entries are compared by.
  public Estimate first() {
    Estimate first = figures.get(primary);
    if (first == null) {
      throw new IllegalStateException(primary + " is none of " + figures.keySet());
    }
    return first;
  }

  private static Map<String, Estimate> classes(
      TaskTruth truth, List<float[][]> draws, Bootstrap bootstrap) {
    List<Predictions> all = draws.stream().map(d -> Predictions.of(truth.labels(), d)).toList();
    boolean one = all.size() == 1;
    List<Classification> found =
        all.stream().map(p -> Classification.of(p, one ? bootstrap : Bootstrap.NONE)).toList();
    Map<String, Estimate> figures = new LinkedHashMap<>();
    figures.put(BALANCED, mean(found, Classification::balancedAccuracy));
    figures.put(ACCURACY, mean(found, Classification::accuracy));
    figures.put("auc", mean(found, Classification::auc));
    figures.put("log_loss", mean(found, Classification::logLoss));
    figures.put("brier", mean(found, Classification::brier));
    figures.put("calibration_error", mean(found, Classification::calibrationError));
    if (!one) {
      // The draws share the test clusters, which are therefore resampled for all of them together.
      Estimate[] joint =
          bootstrap.estimates(
              truth.labels().length, 2, (weights, out) -> accuracies(all, weights, out));
      figures.put(BALANCED, joint[0]);
      figures.put(ACCURACY, joint[1]);
    }
    return figures;
  }

  private static Estimate mean(
      List<Classification> found, Function<Classification, Estimate> figure) {
    return found.size() == 1
        ? figure.apply(found.getFirst())
        : Estimate.exact(
            found.stream().mapToDouble(c -> figure.apply(c).value()).average().orElse(Double.NaN));
  }

  private static void accuracies(List<Predictions> all, int[] weights, double[] out) {
    Arrays.fill(out, 0);
    for (Predictions predictions : all) {
      long[][] counts = new long[predictions.classes()][predictions.classes()];
      for (int i = 0; i < weights.length; i++) {
        counts[predictions.label(i)][predictions.predicted(i)] += weights[i];
      }
      ConfusionCounts confusion = new ConfusionCounts(counts);
      out[0] += confusion.balancedAccuracy() / all.size();
      out[1] += confusion.accuracy() / all.size();
    }
  }

  // Truth and errors of a target on the scale on which it is judged.
  private record Judged(double[] truth, double[] error) {
    static Judged of(TargetScale scale, float[] truth, float[][] predicted, int column) {
      double[] truths = new double[truth.length];
      double[] errors = new double[truth.length];
      for (int i = 0; i < truths.length; i++) {
        truths[i] = scale.comparable(truth[i]);
        errors[i] = scale.error(predicted[i][column], truth[i]);
      }
      return new Judged(truths, errors);
    }

    // Mean absolute error, root mean square error, bias, R2.
    double[] figures(int[] weights) {
      double count = 0;
      double absolute = 0;
      double squares = 0;
      double sum = 0;
      double mean = 0;
      for (int i = 0; i < weights.length; i++) {
        count += weights[i];
        absolute += weights[i] * Math.abs(error[i]);
        squares += weights[i] * error[i] * error[i];
        sum += weights[i] * error[i];
        mean += weights[i] * truth[i];
      }
      mean /= count;
      double spread = 0;
      for (int i = 0; i < weights.length; i++) {
        spread += weights[i] * (truth[i] - mean) * (truth[i] - mean);
      }
      return new double[] {
        absolute / count, Math.sqrt(squares / count), sum / count, 1 - squares / spread
      };
    }
  }

  private static Map<String, Estimate> values(
      Task task, TaskTruth truth, List<float[][]> draws, Bootstrap bootstrap) {
    int targets = task.targets().size();
    List<List<Judged>> judged = new ArrayList<>();
    for (int t = 0; t < targets; t++) {
      int target = t;
      TargetScale scale = TargetScale.of(RegressionTarget.named(task.targets().get(t)));
      float[] truths = truth.values().get(t);
      judged.add(draws.stream().map(d -> Judged.of(scale, truths, d, target)).toList());
    }
    String[] names = {"mean_absolute_error", "root_mean_square_error", "bias", R2};
    int each = names.length;
    Estimate[] all =
        bootstrap.estimates(
            draws.getFirst().length,
            1 + each * targets,
            (weights, out) -> {
              Arrays.fill(out, 0);
              for (int t = 0; t < targets; t++) {
                for (Judged one : judged.get(t)) {
                  double[] found = one.figures(weights);
                  for (int f = 0; f < each; f++) {
                    out[1 + t * each + f] += found[f] / draws.size();
                  }
                }
                out[0] += out[t * each + each] / targets;
              }
            });
    Map<String, Estimate> figures = new LinkedHashMap<>();
    figures.put(R2, all[0]);
    for (int t = 0; t < targets; t++) {
      for (int f = 0; f < each; f++) {
        figures.put(task.targets().get(t) + "_" + names[f], all[1 + t * each + f]);
      }
    }
    return figures;
  }
}
