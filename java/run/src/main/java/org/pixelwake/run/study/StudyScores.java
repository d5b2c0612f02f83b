package org.pixelwake.run.study;

import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pixelwake.run.evaluation.EvaluationFigures;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.training.baseline.TreeTuning;
import org.pixelwake.training.metrics.AccuracyBin;
import org.pixelwake.training.metrics.Bootstrap;
import org.pixelwake.training.metrics.Classification;
import org.pixelwake.training.metrics.Estimate;
import org.pixelwake.training.metrics.Predictions;
import org.pixelwake.training.metrics.RocCurve;

/// How well one run of a variation, or a baseline, tells the classes of the test clusters.
///
/// @param seed of the run
/// @param classes names
/// @param clusters looked at, as many of each class
/// @param steps that the model was trained for; 0 of a baseline
/// @param figures by name, each with its bootstrap interval: accuracy, balanced, small and large
///   (balanced accuracy of clusters of at most 8 hits, and of more), auc, calibration
/// @param bins accuracy in bins, by quantity
/// @param roc false and true positive rate of the last class
/// @param reliability confidence, accuracy and number of clusters in bins of confidence
/// @param confusion rows are the true classes
/// @param outcomes which clusters are told right
/// @param tuning how settings were chosen on the training clusters; null where they were not
public record StudyScores(
    long seed,
    List<String> classes,
    int clusters,
    long steps,
    Map<String, Estimate> figures,
    Map<String, List<AccuracyBin>> bins,
    double[][] roc,
    double[][] reliability,
    long[][] confusion,
    StudyOutcomes outcomes,
    @Nullable Tuning tuning) {
  /// How the settings of boosted trees were chosen.
  ///
  /// @param chosen those with the least loss
  /// @param tried all that were tried
  public record Tuning(Tried chosen, List<Tried> tried) {
    static Tuning of(TreeTuning tuning) {
      List<Tried> tried =
          tuning.trials().stream()
              .map(t -> new Tried(t.depth(), t.learningRate(), t.rounds(), t.loss()))
              .toList();
      Tried least = Collections.min(tried, Comparator.comparingDouble(Tried::loss));
      return new Tuning(least, tried);
    }
  }

  /// Settings of boosted trees with what came of them.
  ///
  /// @param depth largest depth of a tree
  /// @param learningRate share of a tree that is added
  /// @param rounds trees with the least loss
  /// @param loss cross-entropy of the part of the training clusters that was left out
  public record Tried(int depth, double learningRate, int rounds, double loss) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "%d trees of depth %d, learning rate %s", rounds, depth, learningRate);
    }
  }

  /// Hits up to which a cluster counts as small: published errors sit there.
  public static final int SMALL = 8;

  // Ends of an interval are a twentieth of its half width uncertain; the test set is large.
  private static final Bootstrap BOOTSTRAP = new Bootstrap(400, 0.95, 1);

  private static final int ROC_POINTS = 200;
  private static final double[] ANGLES = {0, 15, 30, 45, 60, 75, 90};
  private static final double[] HITS = {1, 2, 3, 4, 6, 9, 13, 19, 28, 64};
  private static final double[] KEV = {8, 30, 60, 100, 180, 320, 560, 1000, 3000, 10000};

  /// Judges probabilities.
  ///
  /// @param rows of the table, one for each prediction
  /// @param tuning how settings were chosen, or null
  public static StudyScores of(
      long seed,
      List<String> classes,
      Predictions predictions,
      ClusterTable table,
      int[] rows,
      long steps,
      @Nullable Tuning tuning) {
    Classification all = Classification.of(predictions, BOOTSTRAP);
    Map<String, Estimate> figures = new LinkedHashMap<>();
    figures.put("accuracy", all.accuracy());
    figures.put("balanced", all.balancedAccuracy());
    put(figures, "small", predictions, table, rows, true);
    put(figures, "large", predictions, table, rows, false);
    figures.put("auc", all.auc());
    figures.put("calibration", all.calibrationError());
    Map<String, List<AccuracyBin>> bins = new LinkedHashMap<>();
    bins.put("hits", bins(predictions, rows, HITS, table::size));
    bins.put("energy", bins(predictions, rows, KEV, table::energySum));
    if (table.hasTruth()) {
      bins.put("theta", bins(predictions, rows, ANGLES, row -> theta(table, row)));
    }
    RocCurve roc = RocCurve.of(predictions, classes.size() - 1).thinned(ROC_POINTS);
    return new StudyScores(
        seed,
        classes,
        predictions.count(),
        steps,
        figures,
        bins,
        new double[][] {roc.falsePositiveRate(), roc.truePositiveRate()},
        EvaluationFigures.reliability(predictions),
        all.confusion().counts(),
        StudyOutcomes.of(predictions, rows),
        tuning);
  }

  /// A figure; NaN where there is none.
  double value(String name) {
    Estimate figure = figures.get(name);
    return figure == null ? Double.NaN : figure.value();
  }

  private static double theta(ClusterTable table, int row) {
    Truth truth = table.truth(row);
    return truth == null ? Double.NaN : truth.thetaDegrees();
  }

  private static List<AccuracyBin> bins(
      Predictions predictions, int[] rows, double[] edges, IntToDoubleFunction quantity) {
    double[] values = Arrays.stream(rows).mapToDouble(quantity).toArray();
    return AccuracyBin.of(predictions, values, edges, Bootstrap.NONE);
  }

  // Balanced accuracy: small clusters are not equally frequent among the classes.
  private static void put(
      Map<String, Estimate> figures,
      String name,
      Predictions all,
      ClusterTable table,
      int[] rows,
      boolean small) {
    int[] chosen =
        IntStream.range(0, rows.length)
            .filter(i -> table.size(rows[i]) <= SMALL == small)
            .toArray();
    int[] labels = Arrays.stream(chosen).map(all::label).toArray();
    if (Arrays.stream(labels).distinct().count() < all.classes()) {
      return;
    }
    float[][] probabilities = new float[chosen.length][all.classes()];
    for (int k = 0; k < chosen.length; k++) {
      for (int c = 0; c < all.classes(); c++) {
        probabilities[k][c] = all.probability(chosen[k], c);
      }
    }
    Predictions part = Predictions.of(labels, probabilities);
    figures.put(name, Classification.balancedAccuracy(part, BOOTSTRAP));
  }
}
