package org.pixelwake.training.analysis;

/// Sets of points (points, dimensions), one array a point.
final class Points {
  // Coordinates after which a distance is held against its limit; a multiple of 4.
  private static final int STRETCH = 32;

  private Points() {}

  /// Number of dimensions.
  ///
  /// @throws IllegalArgumentException where there are no points or no dimensions, they have
  ///   different numbers of dimensions or a coordinate is not finite
  static int dimensions(float[][] points) {
    if (points.length == 0 || points[0].length == 0) {
      throw new IllegalArgumentException("no points, or points of no dimensions");
    }
    int dimensions = points[0].length;
    for (int i = 0; i < points.length; i++) {
      if (points[i].length != dimensions) {
        throw new IllegalArgumentException(
            "point " + i + " has " + points[i].length + " dimensions, not " + dimensions);
      }
      for (float value : points[i]) {
        if (!Float.isFinite(value)) {
          throw new IllegalArgumentException("point " + i + " has a coordinate of " + value);
        }
      }
    }
    return dimensions;
  }

  static double squaredDistance(float[] a, float[] b) {
    return squaredDistance(a, b, Double.POSITIVE_INFINITY);
  }

  /// Squared distance of two points, or some number of at least `limit` where it is not below that:
  /// what lies further need not be added up to the end.
  static double squaredDistance(float[] a, float[] b, double limit) {
    // Four sums, which do not wait for each other.
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int k = 0;
    while (k + 3 < a.length) {
      int end = Math.min(a.length, k + STRETCH);
      for (; k + 3 < end; k += 4) {
        double d0 = a[k] - b[k];
        double d1 = a[k + 1] - b[k + 1];
        double d2 = a[k + 2] - b[k + 2];
        double d3 = a[k + 3] - b[k + 3];
        s0 += d0 * d0;
        s1 += d1 * d1;
        s2 += d2 * d2;
        s3 += d3 * d3;
      }
      if (s0 + s1 + (s2 + s3) >= limit) {
        return Double.POSITIVE_INFINITY;
      }
    }
    for (; k < a.length; k++) {
      double d = a[k] - b[k];
      s0 += d * d;
    }
    return s0 + s1 + (s2 + s3);
  }
}
