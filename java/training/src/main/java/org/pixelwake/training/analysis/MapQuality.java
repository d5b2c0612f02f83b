package org.pixelwake.training.analysis;

/// How far a map keeps neighbours together (J. Venna, S. Kaski, "Neighborhood preservation in
/// nonlinear projection methods: an experimental study", ICANN 2001).
///
/// @param trustworthiness 1 where all neighbours on the map are neighbours in space; about 0.5 for
///   a map by chance
/// @param continuity 1 where all neighbours in space are neighbours on the map
public record MapQuality(double trustworthiness, double continuity) {
  /// Compares a map with its points.
  ///
  /// @param points (points, dimensions)
  /// @param map (points, dimensions of the map)
  /// @param neighbours of each point that are looked at, below half the number of points
  public static MapQuality of(float[][] points, float[][] map, int neighbours) {
    Points.dimensions(points);
    Points.dimensions(map);
    if (points.length != map.length) {
      throw new IllegalArgumentException(
          "a map of " + map.length + " points, not " + points.length);
    }
    if (neighbours < 1 || 2 * neighbours >= points.length) {
      throw new IllegalArgumentException(
          neighbours + " neighbours of " + points.length + " points");
    }
    return new MapQuality(kept(points, map, neighbours), kept(map, points, neighbours));
  }

  // 1 less a penalty for the neighbours in `seen` that are none in `real`: how far down they are
  // in the order of distances there.
  private static double kept(float[][] real, float[][] seen, int count) {
    int n = real.length;
    int[][] near = Neighbours.of(seen, count).index();
    double[] distance = new double[n];
    double penalty = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        distance[j] = Points.squaredDistance(real[i], real[j]);
      }
      for (int j : near[i]) {
        int rank = 1;
        for (int k = 0; k < n; k++) {
          boolean before = distance[k] < distance[j] || (distance[k] == distance[j] && k < j);
          rank += before && k != i ? 1 : 0;
        }
        penalty += Math.max(0, rank - count);
      }
    }
    return 1 - 2 * penalty / ((double) n * count * (2.0 * n - 3 * count - 1));
  }
}
