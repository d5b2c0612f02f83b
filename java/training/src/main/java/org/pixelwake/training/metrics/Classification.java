package org.pixelwake.training.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// How well clusters are classified, with intervals.
///
/// The calibration error of a resample is on average larger than that of the clusters themselves,
/// since it adds up absolute values, so that its interval lies a little high.
///
/// @param count number of clusters
/// @param confusion how often each class is taken for each
/// @param accuracy share of the clusters that are right
/// @param balancedAccuracy mean recall of the classes that occur
/// @param auc area under the ROC curve: of class 1 where there are two classes, else the mean over
///   the classes of one against the rest, all classes alike (F. Provost, P. Domingos, "Tree
///   induction for probability-based ranking", Mach. Learn. 52 (2003) 199, without their weights)
/// @param calibrationError expected calibration error in 15 bins ([Calibration])
/// @param brier mean over clusters of the sum over classes of (probability - truth)^2, from 0 to 2
///   (G. W. Brier, Mon. Weather Rev. 78 (1950) 1): for two classes twice the squared error of one
/// @param logLoss mean of -ln of the probability of the true class, which counts as at least 1e-7
/// @param perClass figures of the classes, in order
public record Classification(
    int count,
    ConfusionCounts confusion,
    Estimate accuracy,
    Estimate balancedAccuracy,
    Estimate auc,
    Estimate calibrationError,
    Estimate brier,
    Estimate logLoss,
    List<ClassScores> perClass) {
  private static final double LEAST_PROBABILITY = 1e-7;

  private static final int COMMON = 6;
  private static final int PER_CLASS = 3;

  public Classification {
    perClass = List.copyOf(perClass);
  }

  /// Figures of one class.
  ///
  /// @param label the class
  /// @param count its clusters
  /// @param recall share of them that are found; NaN for none
  /// @param precision share of the clusters taken for the class that are of it; NaN for none
  /// @param auc area under the ROC curve of the class against all others; NaN where either is
  ///   missing
  public record ClassScores(
      int label, long count, Estimate recall, Estimate precision, Estimate auc) {}

  /// All figures.
  public static Classification of(Predictions predictions, Bootstrap bootstrap) {
    Sample sample = new Sample(predictions);
    int classes = predictions.classes();
    Estimate[] all =
        bootstrap.estimates(predictions.count(), COMMON + PER_CLASS * classes, sample::write);
    ConfusionCounts confusion = ConfusionCounts.of(predictions);
    List<ClassScores> perClass = new ArrayList<>();
    for (int c = 0; c < classes; c++) {
      int at = COMMON + PER_CLASS * c;
      perClass.add(new ClassScores(c, confusion.count(c), all[at], all[at + 1], all[at + 2]));
    }
    return new Classification(
        predictions.count(), confusion, all[0], all[1], all[2], all[3], all[4], all[5], perClass);
  }

  /// Returns the balanced accuracy alone, with the same interval as that of [#of], in a fraction of
  /// the time.
  public static Estimate balancedAccuracy(Predictions predictions, Bootstrap bootstrap) {
    int classes = predictions.classes();
    int[] cell = new int[predictions.count()];
    Arrays.setAll(cell, i -> predictions.label(i) * classes + predictions.predicted(i));
    return bootstrap.estimate(
        cell.length,
        weights -> {
          long[][] counts = new long[classes][classes];
          for (int i = 0; i < cell.length; i++) {
            counts[cell[i] / classes][cell[i] % classes] += weights[i];
          }
          return new ConfusionCounts(counts).balancedAccuracy();
        });
  }

  /// What is the same for all resamples.
  private static final class Sample {
    private final int classes;
    private final int[] cell;
    private final double[] brier;
    private final double[] logLoss;
    private final Calibration.Bins bins;
    private final ScoreOrder[] orders;

    Sample(Predictions predictions) {
      int n = predictions.count();
      classes = predictions.classes();
      cell = new int[n];
      brier = new double[n];
      logLoss = new double[n];
      for (int i = 0; i < n; i++) {
        int label = predictions.label(i);
        cell[i] = label * classes + predictions.predicted(i);
        for (int c = 0; c < classes; c++) {
          double difference = predictions.probability(i, c) - (c == label ? 1 : 0);
          brier[i] += difference * difference;
        }
        logLoss[i] = -Math.log(Math.max(LEAST_PROBABILITY, predictions.probability(i, label)));
      }
      bins = new Calibration.Bins(predictions, Calibration.BINS);
      orders = new ScoreOrder[classes];
      for (int c = 0; c < classes; c++) {
        orders[c] = new ScoreOrder(predictions, c);
      }
    }

    void write(int[] weights, double[] out) {
      long[][] counts = new long[classes][classes];
      long all = 0;
      double brierSum = 0;
      double logSum = 0;
      for (int i = 0; i < weights.length; i++) {
        int weight = weights[i];
        counts[cell[i] / classes][cell[i] % classes] += weight;
        brierSum += weight * brier[i];
        logSum += weight * logLoss[i];
        all += weight;
      }
      ConfusionCounts confusion = new ConfusionCounts(counts);
      out[0] = confusion.accuracy();
      out[1] = confusion.balancedAccuracy();
      out[3] = bins.error(weights);
      out[4] = brierSum / all;
      out[5] = logSum / all;
      double areas = 0;
      int defined = 0;
      for (int c = 0; c < classes; c++) {
        int at = COMMON + PER_CLASS * c;
        out[at] = confusion.recall(c);
        out[at + 1] = confusion.precision(c);
        out[at + 2] = orders[c].area(weights);
        if (!Double.isNaN(out[at + 2])) {
          areas += out[at + 2];
          defined++;
        }
      }
      boolean two = classes == 2;
      out[2] = two ? out[COMMON + PER_CLASS + 2] : defined == 0 ? Double.NaN : areas / defined;
    }
  }
}
