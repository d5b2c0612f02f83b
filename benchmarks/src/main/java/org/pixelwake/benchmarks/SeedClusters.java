package org.pixelwake.benchmarks;

import java.util.Arrays;

/// Clusters by the algorithm of tpx3awkward (`cluster_df` there): the first hit of all that are
/// left is a seed, and takes all hits of the next 0.9 us that lie within a circle of 3 pixels
/// around it. It finds flashes of an image intensifier, not tracks: a track longer than the circle
/// is several clusters, so only its time is compared.
final class SeedClusters {
  private static final double WINDOW_NS = 900;
  private static final int RADIUS = 3;

  private SeedClusters() {}

  /// @return the number of clusters
  static int count(HitStream hits) {
    int n = hits.hits();
    int[] order = PlainClusters.byTime(hits);
    double[] toa = new double[n];
    int[] x = new int[n];
    int[] y = new int[n];
    for (int i = 0; i < n; i++) {
      toa[i] = hits.toa[order[i]];
      x[i] = hits.x[order[i]];
      y[i] = hits.y[order[i]];
    }
    int[] label = new int[n];
    Arrays.fill(label, -1);
    int clusters = 0;
    for (int i = 0; i < n; i++) {
      if (label[i] >= 0) {
        continue;
      }
      label[i] = clusters;
      for (int j = i + 1; j < n && toa[j] - toa[i] <= WINDOW_NS; j++) {
        int dx = x[i] - x[j];
        int dy = y[i] - y[j];
        if (label[j] < 0 && dx * dx + dy * dy <= RADIUS * RADIUS) {
          label[j] = clusters;
        }
      }
      clusters++;
    }
    return clusters;
  }
}
