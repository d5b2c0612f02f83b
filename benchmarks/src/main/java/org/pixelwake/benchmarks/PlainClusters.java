package org.pixelwake.benchmarks;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/// Clusters as a textbook makes them, beside which ours are measured and checked: hits sorted by
/// time, each joined by union-find to all earlier ones in the window whose pixels touch its own.
final class PlainClusters {
  private PlainClusters() {}

  /// @return the number of clusters of each size
  static int[] sizes(HitStream hits, double windowNs) {
    int n = hits.hits();
    int[] order = byTime(hits);
    int[] parent = IntStream.range(0, n).toArray();
    int first = 0;
    for (int k = 0; k < n; k++) {
      int hit = order[k];
      while (hits.toa[hit] - hits.toa[order[first]] > windowNs) {
        first++;
      }
      for (int j = first; j < k; j++) {
        int other = order[j];
        if (Math.abs(hits.x[hit] - hits.x[other]) <= 1
            && Math.abs(hits.y[hit] - hits.y[other]) <= 1) {
          parent[root(parent, hit)] = root(parent, other);
        }
      }
    }
    int[] size = new int[n];
    for (int i = 0; i < n; i++) {
      size[root(parent, i)]++;
    }
    int[] counts = new int[Arrays.stream(size).max().orElse(0) + 1];
    for (int s : size) {
      counts[s]++;
    }
    counts[0] = 0;
    return counts;
  }

  /// The numbers of the hits in the order of their times.
  static int[] byTime(HitStream hits) {
    return IntStream.range(0, hits.hits())
        .boxed()
        .sorted(Comparator.comparingDouble(i -> hits.toa[i]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static int root(int[] parent, int i) {
    int at = i;
    while (parent[at] != at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  }
}
