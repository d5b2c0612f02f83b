package org.pixelwake.training.metrics;

/// Student's distribution of a mean over its standard error (W. S. Gosset, "The probable error of a
/// mean", Biometrika 6 (1908) 1).
final class StudentT {
  private static final int STEPS = 2000;

  private StudentT() {}

  /// Returns the value between whose negative and which `level` of the distribution lies, to 1e-6
  /// of it: 12.706, 4.303, 3.182 for 0.95 and 1, 2, 3 degrees of freedom.
  ///
  /// With t = sqrt(n) tan(a) the density is cos(a)^(n - 1), which Simpson's rule adds up, and the
  /// angle is bisected.
  ///
  /// @param freedom degrees of freedom, at least 1
  /// @param level more than 0 and below 1
  static double halfWidth(int freedom, double level) {
    if (freedom < 1 || !(level > 0 && level < 1)) {
      throw new IllegalArgumentException(freedom + " degrees of freedom, level " + level);
    }
    double wanted = level * share(Math.PI / 2, freedom - 1);
    double low = 0;
    double high = Math.PI / 2;
    for (int k = 0; k < 60; k++) {
      double middle = (low + high) / 2;
      if (share(middle, freedom - 1) < wanted) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return Math.sqrt(freedom) * Math.tan((low + high) / 2);
  }

  private static double share(double angle, int power) {
    double h = angle / STEPS;
    double sum = 1 + Math.pow(Math.cos(angle), power);
    for (int i = 1; i < STEPS; i++) {
      sum += (i % 2 == 0 ? 2 : 4) * Math.pow(Math.cos(i * h), power);
    }
    return sum * h / 3;
  }
}
