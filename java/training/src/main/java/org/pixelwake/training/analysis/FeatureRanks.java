package org.pixelwake.training.analysis;

import java.util.Arrays;
import java.util.stream.IntStream;

/// Features by their rank among those of given points: from -1 for one below all of them to 1 for
/// one above all, 0 in their middle.
///
/// Pooled features have long tails: a single cluster of extreme energy lies a hundred standard
/// deviations from the others, and would decide every axis of a map and every line through the
/// points. Ranks have no tails and keep the order, which is what a feature tells.
public final class FeatureRanks {
  private final float[][] sorted; // by feature

  private FeatureRanks(float[][] sorted) {
    this.sorted = sorted;
  }

  /// Ranks among some of the points.
  ///
  /// @param points (points, features)
  /// @param rows numbers of the points, at least one
  public static FeatureRanks among(float[][] points, int[] rows) {
    float[][] sorted = new float[Points.dimensions(points)][rows.length];
    for (int k = 0; k < sorted.length; k++) {
      for (int i = 0; i < rows.length; i++) {
        sorted[k][i] = points[rows[i]][k];
      }
      Arrays.sort(sorted[k]);
    }
    return new FeatureRanks(sorted);
  }

  /// The ranks of all points among themselves (points, features).
  public static float[][] of(float[][] points) {
    FeatureRanks ranks = among(points, IntStream.range(0, points.length).toArray());
    return Arrays.stream(points).map(ranks::of).toArray(float[][]::new);
  }

  /// The ranks of a point's features; equal values have their mean rank.
  public float[] of(float[] point) {
    float[] ranks = new float[sorted.length];
    for (int k = 0; k < ranks.length; k++) {
      float[] values = sorted[k];
      int below = below(values, point[k]);
      int notAbove = below(values, Math.nextUp(point[k]));
      ranks[k] = (float) ((double) (below + notAbove) / values.length - 1);
    }
    return ranks;
  }

  private static int below(float[] values, float value) {
    int from = 0;
    int to = values.length;
    while (from < to) {
      int middle = from + to >>> 1;
      if (values[middle] < value) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  }
}
