package org.pixelwake.timepix.clustering;

import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Cluster;

/// The clusters of a block of hits, in the order of their first hits, as they are without the
/// blocks before and after.
final class BlockClusters {
  private final HitBlock block;
  private final int[] label;
  private final int[] ends;
  private final int[] members;
  private final @Nullable Cluster[] built;

  /// @param count number of clusters
  /// @param label cluster of each hit
  /// @param ends where the hits of each cluster end in `members`
  /// @param members numbers of the hits, cluster by cluster, those of a cluster in their order
  BlockClusters(HitBlock block, int count, int[] label, int[] ends, int[] members) {
    this.block = block;
    this.label = label;
    this.ends = ends;
    this.members = members;
    this.built = new @Nullable Cluster[count];
  }

  HitBlock block() {
    return block;
  }

  /// Number of clusters.
  int count() {
    return built.length;
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
    for (int c = 0; c < built.length; c++) {
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
