package org.pixelwake.run.study;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.pixelwake.run.evaluation.EvaluationFigures;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.training.metrics.AccuracyBin;
import org.pixelwake.training.metrics.Bootstrap;
import org.pixelwake.training.metrics.Classification;
import org.pixelwake.training.metrics.Estimate;
import org.pixelwake.training.metrics.Predictions;
import org.pixelwake.training.metrics.RocCurve;

/// How well one run of a variation, or a baseline, tells the classes of the test clusters.
///
/// @param classes names
/// @param clusters looked at, as many of each class
/// @param steps that the model was trained for; 0 of a baseline
/// @param figures by name, each with its bootstrap interval: accuracy, balanced, small and large
///   (balanced accuracy of clusters of at most 8 hits, and of more), auc, calibration
/// @param bins accuracy in bins, by quantity
/// @param roc false and true positive rate of the last class
/// @param reliability confidence, accuracy and number of clusters in bins of confidence
/// @param confusion rows are the true classes
public record StudyScores(
    List<String> classes,
    int clusters,
    long steps,
    Map<String, Estimate> figures,
    Map<String, List<AccuracyBin>> bins,
    double[][] roc,
    double[][] reliability,
    long[][] confusion) {
  /// Hits up to which a cluster counts as small: published errors sit there.
  public static final int SMALL = 8;

  private static final int ROC_POINTS = 200;
  private static final double[] ANGLES = {0, 15, 30, 45, 60, 75, 90};
  private static final double[] HITS = {1, 2, 3, 4, 6, 9, 13, 19, 28, 64};
  private static final double[] KEV = {8, 30, 60, 100, 180, 320, 560, 1000, 3000, 10000};

  /// Judges probabilities.
  ///
  /// @param rows of the table, one for each prediction
  public static StudyScores of(
      List<String> classes, Predictions predictions, ClusterTable table, int[] rows, long steps) {
    Classification all = Classification.of(predictions, Bootstrap.DEFAULT);
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
        classes,
        predictions.count(),
        steps,
        figures,
        bins,
        new double[][] {roc.falsePositiveRate(), roc.truePositiveRate()},
        EvaluationFigures.reliability(predictions),
        all.confusion().counts());
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
    figures.put(name, Classification.of(part, Bootstrap.DEFAULT).balancedAccuracy());
  }
}
