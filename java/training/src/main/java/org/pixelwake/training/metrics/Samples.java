package org.pixelwake.training.metrics;

/// Checks and sums that several figures need.
final class Samples {
  private Samples() {}

  static void checkPairs(double[] truth, double[] estimate) {
    if (truth.length != estimate.length || truth.length == 0) {
      throw new IllegalArgumentException(
          truth.length + " true values and " + estimate.length + " estimates");
    }
    checkFinite(truth);
    checkFinite(estimate);
  }

  static void checkFinite(double[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Double.isFinite(values[i])) {
        throw new IllegalArgumentException("value " + i + " is " + values[i]);
      }
    }
  }

  static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }
}
