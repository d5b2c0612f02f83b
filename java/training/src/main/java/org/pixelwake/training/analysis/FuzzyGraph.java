package org.pixelwake.training.analysis;

import java.util.Arrays;

/// Weighted graph of neighbouring points as UMAP defines it (McInnes, Healy & Melville, section
/// 4.1): the weight is how likely two points are joined, each seen with a measure of distance of
/// its own.
///
/// @param from one end of each edge, smaller than the other
/// @param to the other end
/// @param weight above 0 to 1
record FuzzyGraph(int[] from, int[] to, double[] weight) {
  private static final int BISECTIONS = 64;
  private static final double TOLERANCE = 1e-5;

  /// Least scale of a point's distances, as a share of their mean, where all neighbours are alike.
  private static final double LEAST_SCALE = 1e-3;

  static FuzzyGraph of(Neighbours neighbours) {
    int n = neighbours.index().length;
    int count = neighbours.index()[0].length;
    // Sorted by ends, an edge that both ends see stands twice.
    long[][] keyed = new long[n * count][];
    double mean = mean(neighbours.distance());
    int at = 0;
    for (int i = 0; i < n; i++) {
      double[] weights = weights(neighbours.distance()[i], mean);
      for (int k = 0; k < count; k++) {
        int j = neighbours.index()[i][k];
        long key = (long) Math.min(i, j) << 32 | Math.max(i, j);
        keyed[at++] = new long[] {key, Double.doubleToLongBits(weights[k])};
      }
    }
    Arrays.sort(keyed, (a, b) -> Long.compare(a[0], b[0]));
    int[] from = new int[at];
    int[] to = new int[at];
    double[] weight = new double[at];
    int edges = 0;
    for (int e = 0; e < at; e++) {
      double a = Double.longBitsToDouble(keyed[e][1]);
      double b = 0;
      if (e + 1 < at && keyed[e + 1][0] == keyed[e][0]) {
        b = Double.longBitsToDouble(keyed[++e][1]);
      }
      from[edges] = (int) (keyed[e][0] >>> 32);
      to[edges] = (int) keyed[e][0];
      // Joined where either says so: the probabilistic sum.
      weight[edges++] = a + b - a * b;
    }
    return new FuzzyGraph(
        Arrays.copyOf(from, edges), Arrays.copyOf(to, edges), Arrays.copyOf(weight, edges));
  }

  private static double mean(double[][] distances) {
    double sum = 0;
    for (double[] row : distances) {
      sum += Arrays.stream(row).sum();
    }
    return sum / distances.length / distances[0].length;
  }

  /// Weights of a point's neighbours, exp(-(d - rho) / sigma): rho is the distance of the nearest
  /// other point that differs, and sigma makes them add up to log2 of their number (algorithm 3).
  static double[] weights(double[] distances, double meanOfAll) {
    double rho = 0;
    for (double d : distances) {
      if (d > 0) {
        rho = d;
        break;
      }
    }
    double wanted = Math.log(distances.length) / Math.log(2);
    double low = 0;
    double high = Double.POSITIVE_INFINITY;
    double sigma = 1;
    for (int i = 0; i < BISECTIONS; i++) {
      double sum = 0;
      for (double d : distances) {
        sum += Math.exp(-Math.max(0, d - rho) / sigma);
      }
      if (Math.abs(sum - wanted) < TOLERANCE) {
        break;
      }
      if (sum > wanted) {
        high = sigma;
      } else {
        low = sigma;
      }
      sigma = high == Double.POSITIVE_INFINITY ? 2 * sigma : (low + high) / 2;
    }
    double mean = rho > 0 ? Arrays.stream(distances).average().orElse(0) : meanOfAll;
    double scale = Math.max(sigma, LEAST_SCALE * mean);
    double nearest = rho;
    return Arrays.stream(distances).map(d -> Math.exp(-Math.max(0, d - nearest) / scale)).toArray();
  }
}
