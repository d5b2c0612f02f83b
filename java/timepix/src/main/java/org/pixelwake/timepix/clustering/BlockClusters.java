package org.pixelwake.timepix.clustering;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.io.HitBlock;

/// The clusters of a block of hits, in the order of their first hits, as they are without the
/// blocks before and after. Filled again and again.
final class BlockClusters {
  /// The hits, in their order.
  final HitBlock block;

  /// Number of clusters.
  int count;

  private final int[] label; // cluster of each hit
  private final int[] ends; // where the hits of each cluster end in `members`
  private final int[] members; // numbers of the hits, by cluster, those of a cluster in their order
  private final @Nullable Cluster[] built;

  /// @param most hits of a block
  BlockClusters(int most) {
    block = new HitBlock(most);
    label = new int[most];
    ends = new int[most];
    members = new int[most];
    built = new @Nullable Cluster[most];
  }

  /// Gathers the hits of each cluster.
  ///
  /// @param clusters how many
  /// @param labels of each hit
  /// @param of each label: its cluster
  void fill(int clusters, int[] labels, int[] of) {
    count = clusters;
    int n = block.size;
    int[] next = ends;
    Arrays.fill(next, 0, clusters, 0);
    for (int i = 0; i < n; i++) {
      int cluster = of[labels[i]];
      label[i] = cluster;
      next[cluster]++;
    }
    int begin = 0;
    for (int c = 0; c < clusters; c++) {
      int size = next[c];
      next[c] = begin;
      begin += size;
    }
    // `next[c]` goes from the begin of cluster c to its end.
    for (int i = 0; i < n; i++) {
      members[next[label[i]]++] = i;
    }
  }

  /// Lets go of hits and records.
  void clear() {
    Arrays.fill(built, 0, count, null);
    block.size = 0;
    count = 0;
  }

  /// Cluster that a hit belongs to.
  int of(int hit) {
    return label[hit];
  }

  /// Number of the hit that a cluster begins with.
  int first(int cluster) {
    return members[begin(cluster)];
  }

  /// Number of the last hit of a cluster.
  int last(int cluster) {
    return members[ends[cluster] - 1];
  }

  /// Makes the records of all clusters that touch neither end of the block's time, which no other
  /// block can add to. Left to the merging of blocks, it would be done by one thread.
  void buildInner(double window) {
    double from = block.first();
    double to = block.last();
    for (int c = 0; c < count; c++) {
      if (block.toa[first(c)] - from > window && to - block.toa[last(c)] > window) {
        built[c] = build(c);
      }
    }
  }

  /// The record of a cluster.
  Cluster get(int cluster) {
    Cluster made = built[cluster];
    return made == null ? build(cluster) : made;
  }

  /// Number of hits of a cluster.
  int size(int cluster) {
    return ends[cluster] - begin(cluster);
  }

  /// Adds the hits of a cluster to others, which have room for them.
  void appendTo(HitBlock hits, int cluster) {
    for (int k = begin(cluster); k < ends[cluster]; k++) {
      int hit = members[k];
      hits.add(block.pixel[hit], block.energy[hit], block.toa[hit]);
    }
  }

  private int begin(int cluster) {
    return cluster == 0 ? 0 : ends[cluster - 1];
  }

  private Cluster build(int cluster) {
    int begin = begin(cluster);
    int n = ends[cluster] - begin;
    short[] x = new short[n];
    short[] y = new short[n];
    float[] energy = new float[n];
    float[] toa = new float[n];
    double first = block.toa[members[begin]];
    for (int k = 0; k < n; k++) {
      int hit = members[begin + k];
      x[k] = block.x(hit);
      y[k] = block.y(hit);
      energy[k] = block.energy[hit];
      toa[k] = (float) (block.toa[hit] - first);
    }
    return new Cluster(0, first, x, y, energy, toa);
  }
}
