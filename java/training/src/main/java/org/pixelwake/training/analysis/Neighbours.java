package org.pixelwake.training.analysis;

/// The nearest other points of each point, exact, by comparing each with each.
///
/// @param index (points, count): nearest first; of points at the same distance the first
/// @param distance (points, count)
record Neighbours(int[][] index, double[][] distance) {
  static Neighbours of(float[][] points, int count) {
    int n = points.length;
    int[][] index = new int[n][count];
    double[][] distance = new double[n][count];
    for (int i = 0; i < n; i++) {
      int found = 0;
      for (int j = 0; j < n; j++) {
        if (j == i) {
          continue;
        }
        double d = Points.squaredDistance(points[i], points[j]);
        if (found == count && d >= distance[i][count - 1]) {
          continue;
        }
        int at = found < count ? found++ : count - 1;
        while (at > 0 && distance[i][at - 1] > d) {
          distance[i][at] = distance[i][at - 1];
          index[i][at] = index[i][at - 1];
          at--;
        }
        distance[i][at] = d;
        index[i][at] = j;
      }
      for (int k = 0; k < count; k++) {
        distance[i][k] = Math.sqrt(distance[i][k]);
      }
    }
    return new Neighbours(index, distance);
  }
}
