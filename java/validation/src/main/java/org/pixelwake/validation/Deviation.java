package org.pixelwake.validation;

import java.util.Arrays;

/// Simulated values over published ones, point by point.
///
/// @param ratio simulated over published
record Deviation(double[] ratio) {

  static Deviation of(double[] simulated, double[] published) {
    double[] ratio = new double[published.length];
    for (int i = 0; i < ratio.length; i++) {
      ratio[i] = simulated[i] / published[i];
    }
    return new Deviation(ratio);
  }

  /// The points from one on.
  Deviation from(int first) {
    return new Deviation(Arrays.copyOfRange(ratio, first, ratio.length));
  }

  /// The points before one.
  Deviation until(int end) {
    return new Deviation(Arrays.copyOf(ratio, end));
  }

  /// The greatest deviation, per cent, with its sign; NaN where a ratio is.
  double worst() {
    double worst = 0;
    for (double r : ratio) {
      double perCent = 100 * (r - 1);
      // NaN is not less than anything, and so is kept.
      if (!(Math.abs(perCent) <= Math.abs(worst))) {
        worst = perCent;
      }
    }
    return worst;
  }
}
