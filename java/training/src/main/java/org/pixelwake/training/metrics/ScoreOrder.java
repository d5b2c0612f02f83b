package org.pixelwake.training.metrics;

import java.util.Arrays;

/// Clusters in the order of their probability of one class, for ROC curves and areas under them.
final class ScoreOrder {
  private final int[] order;
  private final boolean[] positive;
  private final boolean[] last;
  private final float[] scores;

  /// @param label the class that counts as positive; all others are negative
  ScoreOrder(Predictions predictions, int label) {
    int n = predictions.count();
    long[] keys = new long[n];
    for (int i = 0; i < n; i++) {
      // Bits of floats that are not negative are in the order of the floats; + 0 makes -0 a 0.
      keys[i] = (long) Float.floatToIntBits(predictions.probability(i, label) + 0f) << 32 | i;
    }
    Arrays.sort(keys);
    order = new int[n];
    positive = new boolean[n];
    last = new boolean[n];
    scores = new float[n];
    for (int k = 0; k < n; k++) {
      order[k] = (int) keys[k];
      positive[k] = predictions.label(order[k]) == label;
      scores[k] = predictions.probability(order[k], label);
      last[k] = k == n - 1 || keys[k] >>> 32 != keys[k + 1] >>> 32;
    }
  }

  /// Area under the ROC curve of weighted clusters: the probability that a positive cluster scores
  /// higher than a negative one, half of it where they score the same (J. A. Hanley, B. J. McNeil,
  /// Radiology 143 (1982) 29). NaN where either has no weight.
  double area(int[] weights) {
    long below = 0;
    long positives = 0;
    long tiedPositives = 0;
    long tiedNegatives = 0;
    // Twice the number of pairs in order, which is whole.
    long pairs = 0;
    for (int k = 0; k < order.length; k++) {
      int weight = weights[order[k]];
      if (positive[k]) {
        tiedPositives += weight;
      } else {
        tiedNegatives += weight;
      }
      if (last[k]) {
        pairs += tiedPositives * (2 * below + tiedNegatives);
        positives += tiedPositives;
        below += tiedNegatives;
        tiedPositives = 0;
        tiedNegatives = 0;
      }
    }
    return positives == 0 || below == 0 ? Double.NaN : pairs / (2.0 * positives * below);
  }

  RocCurve curve() {
    int points = 1;
    for (boolean end : last) {
      points += end ? 1 : 0;
    }
    double[] falsePositives = new double[points];
    double[] truePositives = new double[points];
    double[] thresholds = new double[points];
    thresholds[0] = Double.POSITIVE_INFINITY;
    int point = 1;
    int truths = 0;
    int falses = 0;
    for (int k = order.length - 1; k >= 0; k--) {
      truths += positive[k] ? 1 : 0;
      falses += positive[k] ? 0 : 1;
      if (k == 0 || last[k - 1]) {
        falsePositives[point] = falses;
        truePositives[point] = truths;
        thresholds[point++] = scores[k];
      }
    }
    for (int i = 0; i < points; i++) {
      falsePositives[i] /= falses;
      truePositives[i] /= truths;
    }
    return new RocCurve(falsePositives, truePositives, thresholds);
  }
}
