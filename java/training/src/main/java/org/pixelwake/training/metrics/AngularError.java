package org.pixelwake.training.metrics;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/// How far estimated angles are from true ones, degrees, with intervals.
///
/// @param count number of clusters
/// @param mean mean of the differences
/// @param median their median
/// @param containment the difference below which 68.3 % of them lie, as telescopes state their
///   angular resolution
/// @param rootMeanSquare root of their mean square
public record AngularError(
    int count, Estimate mean, Estimate median, Estimate containment, Estimate rootMeanSquare) {
  private static final double CONTAINMENT = 0.683;

  /// Figures of differences that are found already, such as by [#difference] or [#between].
  ///
  /// @param differences degrees, at least 0
  public static AngularError of(double[] differences, Bootstrap bootstrap) {
    Samples.checkPairs(differences, differences);
    int n = differences.length;
    int[] order =
        IntStream.range(0, n)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> differences[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    Estimate[] all =
        bootstrap.estimates(
            n,
            4,
            (weights, out) -> {
              double sum = 0;
              double squares = 0;
              long count = 0;
              for (int i = 0; i < n; i++) {
                sum += weights[i] * differences[i];
                squares += weights[i] * differences[i] * differences[i];
                count += weights[i];
              }
              out[0] = sum / count;
              out[1] = quantile(differences, order, weights, 0.5 * count);
              out[2] = quantile(differences, order, weights, CONTAINMENT * count);
              out[3] = Math.sqrt(squares / count);
            });
    return new AngularError(n, all[0], all[1], all[2], all[3]);
  }

  // The least value up to which the given weight lies.
  private static double quantile(double[] values, int[] order, int[] weights, double wanted) {
    double below = 0;
    for (int i : order) {
      below += weights[i];
      if (below >= wanted) {
        return values[i];
      }
    }
    return values[order[order.length - 1]];
  }

  /// Differences of angles that repeat, each from 0 to `period` / 2.
  ///
  /// @param period 360 for directions, 180 for axes, whose two ends are alike: the azimuth of a
  ///   track
  public static double[] difference(double[] truth, double[] estimate, double period) {
    Samples.checkPairs(truth, estimate);
    double[] differences = new double[truth.length];
    Arrays.setAll(differences, i -> Math.abs(Math.IEEEremainder(estimate[i] - truth[i], period)));
    return differences;
  }

  /// Angle between two axes in space, each given by its angle from the normal of the sensor and its
  /// azimuth, degrees; from 0 to 90, since a track looks alike from either end.
  public static double between(double theta, double phi, double otherTheta, double otherPhi) {
    double t = Math.toRadians(theta);
    double o = Math.toRadians(otherTheta);
    double p = Math.toRadians(otherPhi - phi);
    // From the vectors' cross and dot products: exact for small angles, where an arc cosine is not.
    double x = Math.sin(o) * Math.sin(p);
    double y = Math.sin(t) * Math.cos(o) - Math.cos(t) * Math.sin(o) * Math.cos(p);
    double along = Math.cos(t) * Math.cos(o) + Math.sin(t) * Math.sin(o) * Math.cos(p);
    return Math.toDegrees(Math.atan2(Math.hypot(x, y), Math.abs(along)));
  }
}
