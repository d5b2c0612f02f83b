package org.pixelwake.training.metrics;

import java.util.Arrays;
import java.util.stream.IntStream;

/// Receiver operating characteristic: what share of the clusters of a class is found at what share
/// of others taken for it (T. Fawcett, "An introduction to ROC analysis", Pattern Recogn. Lett. 27
/// (2006) 861).
///
/// @param falsePositiveRate of the points, rising from 0 to 1
/// @param truePositiveRate of the points, rising from 0 to 1
/// @param threshold least probability at which a cluster is taken for the class; infinite at the
///   first point
public record RocCurve(double[] falsePositiveRate, double[] truePositiveRate, double[] threshold) {
  /// The curve of one class against all others.
  ///
  /// @throws IllegalArgumentException where all clusters are of the class or none is
  public static RocCurve of(Predictions predictions, int label) {
    long positives =
        IntStream.range(0, predictions.count()).filter(i -> predictions.label(i) == label).count();
    if (positives == 0 || positives == predictions.count()) {
      throw new IllegalArgumentException(
          positives + " of " + predictions.count() + " clusters are of class " + label);
    }
    return new ScoreOrder(predictions, label).curve();
  }

  /// Area under the curve, by trapezia.
  public double area() {
    double area = 0;
    for (int i = 1; i < threshold.length; i++) {
      area +=
          (falsePositiveRate[i] - falsePositiveRate[i - 1])
              * (truePositiveRate[i] + truePositiveRate[i - 1])
              / 2;
    }
    return area;
  }

  /// The curve with fewer points, for drawing: at most `most`, evenly spaced along it, with both
  /// ends.
  ///
  /// @param most at least 2
  public RocCurve thinned(int most) {
    if (most < 2) {
      throw new IllegalArgumentException("a curve of " + most + " points");
    }
    int n = threshold.length;
    if (n <= most) {
      return this;
    }
    // Length along the axes, which runs from 0 to 2.
    int[] kept = new int[most];
    int count = 0;
    for (int i = 0; i < n; i++) {
      double along = (falsePositiveRate[i] + truePositiveRate[i]) / 2;
      if (i == n - 1 || (along >= (double) count / (most - 1) && count < most - 1)) {
        kept[count++] = i;
      }
    }
    int[] points = Arrays.copyOf(kept, count);
    return new RocCurve(
        pick(falsePositiveRate, points), pick(truePositiveRate, points), pick(threshold, points));
  }

  private static double[] pick(double[] values, int[] points) {
    return Arrays.stream(points).mapToDouble(i -> values[i]).toArray();
  }
}
