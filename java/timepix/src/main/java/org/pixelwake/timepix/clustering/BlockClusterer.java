package org.pixelwake.timepix.clustering;

import java.util.Arrays;

/// Clusters of the hits of one block: 8-connected pixels (a pixel also neighbours itself), each
/// within a time window of a neighbour. One at work needs no other, so several blocks are clustered
/// at once by several of these.
///
/// A hit is compared with the latest hit of each of the nine pixels: an earlier one of the same
/// pixel that is in the window is in its cluster already. Which of the nine were hit lately is as
/// good as random, and a branch taken wrongly costs more than all nine looked at, so that is worked
/// out without branches. Most hits then need to be joined to one of them at most: see [Ring].
final class BlockClusterer {
  private final PixelGrid grid;
  private final double window;
  private final int[] around; // offsets of the nine cells

  // The latest hit of each pixel, counted over all blocks since the last reset: numbers below
  // `base` are of earlier blocks. One cell more stands for no pixel: it has the hit itself.
  private final int[] latest;
  private int base;

  private int[] parent = new int[0];

  BlockClusterer(PixelGrid grid, double window) {
    this.grid = grid;
    this.window = window;
    int row = grid.stride();
    this.around = new int[] {-row - 1, -row, -row + 1, -1, 0, 1, row - 1, row, row + 1, 0};
    this.latest = new int[grid.cells() + 1];
    Arrays.fill(latest, -1);
  }

  /// Finds the clusters of a block.
  BlockClusters cluster(HitBlock block) {
    int n = block.size;
    if (parent.length < n) {
      parent = new int[n];
    }
    if (base > Integer.MAX_VALUE - 2 * n) {
      Arrays.fill(latest, -1);
      base = 0;
    }
    link(block);
    base += n;
    return group(block);
  }

  /// Makes the parent of each hit an earlier one of its cluster, or itself where it is the first.
  private void link(HitBlock block) {
    int n = block.size;
    int[] up = parent;
    int[] last = latest;
    double[] toa = block.toa;
    int none = last.length - 1;
    int oldest = 0; // of the hits in the window
    for (int i = 0; i < n; i++) {
      while (toa[i] - toa[oldest] > window) {
        oldest++;
      }
      int cell = grid.cell(block.pixel[i]);
      int groups = Ring.groups(hitSince(last, base + oldest, cell));
      up[i] = i;
      last[none] = base + i;
      // Where there is none, the hit is joined to itself: a fifth of them, too many for a branch.
      int near = groups == 0 ? none : cell + around[Integer.numberOfTrailingZeros(groups)];
      up[i] = root(up, last[near] - base);
      for (int more = groups & groups - 1; more != 0; more &= more - 1) {
        join(up, i, last[cell + around[Integer.numberOfTrailingZeros(more)]] - base);
      }
      last[cell] = base + i;
    }
  }

  /// A bit for each of the nine pixels whose latest hit is the given one or a later one.
  private int hitSince(int[] last, int first, int cell) {
    int below = cell - grid.stride();
    int above = cell + grid.stride();
    int before = first - 1;
    return since(before, last[below - 1])
        | since(before, last[below]) << 1
        | since(before, last[below + 1]) << 2
        | since(before, last[cell - 1]) << 3
        | since(before, last[cell]) << 4
        | since(before, last[cell + 1]) << 5
        | since(before, last[above - 1]) << 6
        | since(before, last[above]) << 7
        | since(before, last[above + 1]) << 8;
  }

  /// 1 where a number is above another one, else 0.
  private static int since(int before, int number) {
    return before - number >>> Integer.SIZE - 1;
  }

  /// Makes one cluster of those of a new hit, whose parent is the first of its cluster, and of an
  /// earlier one.
  private static void join(int[] up, int hit, int earlier) {
    int mine = up[hit];
    int other = root(up, earlier);
    int first = Math.min(mine, other);
    up[Math.max(mine, other)] = first;
    up[hit] = first;
  }

  /// The first hit of the cluster of a hit.
  private static int root(int[] up, int hit) {
    int at = up[hit]; // mostly it
    while (up[at] != at) {
      up[at] = up[up[at]];
      at = up[at];
    }
    return at;
  }

  /// Gathers the hits of each cluster, in their order; clusters in the order of their first hits.
  private BlockClusters group(HitBlock block) {
    int n = block.size;
    int[] up = parent;
    int[] label = new int[n];
    int[] ends = new int[n + 1];
    int clusters = 0;
    for (int i = 0; i < n; i++) {
      int earlier = up[i];
      int l = earlier == i ? clusters++ : label[earlier];
      label[i] = l;
      ends[l + 1]++;
    }
    for (int l = 0; l < clusters; l++) {
      ends[l + 1] += ends[l];
    }
    // `ends[l]` goes from the begin of cluster l to its end, which is the begin of the next.
    int[] members = new int[n];
    for (int i = 0; i < n; i++) {
      members[ends[label[i]]++] = i;
    }
    return new BlockClusters(block, clusters, label, ends, members);
  }
}
