package org.pixelwake.training.analysis;

import java.util.stream.IntStream;

/// The nearest points of each of some points, exact, by comparing each with each; the same with any
/// number of threads.
///
/// @param index (points, count): nearest first; of points at the same distance the first
/// @param distance (points, count)
record Neighbours(int[][] index, double[][] distance) {
  /// The nearest other points of each point.
  static Neighbours of(float[][] points, int count) {
    return of(points, IntStream.range(0, points.length).toArray(), count);
  }

  /// The nearest other points of each of some of the points.
  static Neighbours of(float[][] points, int[] rows, int count) {
    int[][] index = new int[rows.length][count];
    double[][] distance = new double[rows.length][count];
    IntStream.range(0, rows.length)
        .parallel()
        .forEach(i -> find(points, points[rows[i]], rows[i], index[i], distance[i]));
    return new Neighbours(index, distance);
  }

  /// The nearest known points of each point.
  static Neighbours among(float[][] known, float[][] points, int count) {
    int[][] index = new int[points.length][count];
    double[][] distance = new double[points.length][count];
    IntStream.range(0, points.length)
        .parallel()
        .forEach(i -> find(known, points[i], -1, index[i], distance[i]));
    return new Neighbours(index, distance);
  }

  private static void find(
      float[][] points, float[] point, int itself, int[] index, double[] distance) {
    int count = index.length;
    int found = 0;
    for (int j = 0; j < points.length; j++) {
      if (j == itself) {
        continue;
      }
      double furthest = found < count ? Double.POSITIVE_INFINITY : distance[count - 1];
      double d = Points.squaredDistance(point, points[j], furthest);
      if (found == count && d >= furthest) {
        continue;
      }
      int at = found < count ? found++ : count - 1;
      while (at > 0 && distance[at - 1] > d) {
        distance[at] = distance[at - 1];
        index[at] = index[at - 1];
        at--;
      }
      distance[at] = d;
      index[at] = j;
    }
    for (int k = 0; k < count; k++) {
      distance[k] = Math.sqrt(distance[k]);
    }
  }
}
