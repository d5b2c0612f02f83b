package org.pixelwake.training.analysis;

import java.util.stream.IntStream;

/// Shifts and scales features to mean 0 and standard deviation 1 over the points that are learned
/// from. Features that are the same for all of these tell nothing and are left out.
final class Standardiser {
  /// Range of a feature, as a share of its largest size, up to which it counts as constant: a few
  /// roundings of single precision.
  private static final double ROUNDING = 1e-6;

  private final int given;
  private final int[] kept;
  private final double[] mean;
  private final double[] scale;

  /// Measures the features of points.
  ///
  /// @param points (points, features), finite
  Standardiser(float[][] points) {
    given = Points.dimensions(points);
    double[] means = new double[given];
    double[] deviations = new double[given];
    kept = IntStream.range(0, given).filter(k -> measure(points, k, means, deviations)).toArray();
    mean = IntStream.of(kept).mapToDouble(k -> means[k]).toArray();
    scale = IntStream.of(kept).mapToDouble(k -> 1 / deviations[k]).toArray();
  }

  // Returns whether the feature varies.
  private static boolean measure(float[][] points, int k, double[] means, double[] deviations) {
    float least = Float.POSITIVE_INFINITY;
    float largest = Float.NEGATIVE_INFINITY;
    double sum = 0;
    for (float[] point : points) {
      least = Math.min(least, point[k]);
      largest = Math.max(largest, point[k]);
      sum += point[k];
    }
    means[k] = sum / points.length;
    double squares = 0;
    for (float[] point : points) {
      double d = point[k] - means[k];
      squares += d * d;
    }
    deviations[k] = Math.sqrt(squares / points.length);
    double size = Math.max(Math.abs(least), Math.abs(largest));
    return (double) largest - least > ROUNDING * size && deviations[k] > 0;
  }

  /// Number of features that vary.
  int count() {
    return kept.length;
  }

  /// Returns the standardised features of a point that vary.
  ///
  /// @throws IllegalArgumentException where it has another number of features
  float[] of(float[] point) {
    if (point.length != given) {
      throw new IllegalArgumentException(
          "a point of " + point.length + " features for a probe of " + given);
    }
    float[] values = new float[kept.length];
    for (int k = 0; k < values.length; k++) {
      values[k] = (float) ((point[kept[k]] - mean[k]) * scale[k]);
    }
    return values;
  }

  /// Returns the same of many points.
  float[][] of(float[][] points) {
    float[][] values = new float[points.length][];
    for (int i = 0; i < values.length; i++) {
      values[i] = of(points[i]);
    }
    return values;
  }
}
