package org.pixelwake.timepix.clustering;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.pixelwake.timepix.io.HitBlock;

/// Clusters of the hits of one block: 8-connected pixels (a pixel also neighbours itself), each
/// within a time window of a neighbour. One at work needs no other, so several blocks are clustered
/// at once by several of these.
///
/// A hit is compared with the latest hit of each of the nine pixels: an earlier one of the same
/// pixel that is in the window is in its cluster already. Which of the nine were hit lately is as
/// good as random, and a branch taken wrongly costs more than all nine looked at, so that is worked
/// out without branches, three pixels of a row at a time. Most hits then need to be joined to one
/// of them at most (see [Ring]) and take over its label; the labels that the others join are few,
/// and are united afterwards.
public final class BlockClusterer {
  /// Most hits of a block: their numbers, from 1, fill 15 bits.
  public static final int MOST_HITS = Short.MAX_VALUE;

  private static final VarHandle FOUR_CELLS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle CELL =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int CELL_BYTES = Short.BYTES;
  private static final long EACH = 0x0001_0001_0001_0001L;
  private static final long TOP = EACH << 15;
  private static final long TOP_OF_THREE = TOP >>> 16;

  // Places in `around`, which goes column by column.
  private static final int CENTRE = 4;
  private static final int NONE = 9;
  private static final int ALL = (1 << NONE) - 1;

  private static final int[] EMPTY = new int[0];

  private final PixelGrid grid;
  private final double window;

  // Offsets of the bytes of the nine cells; then 0, where a hit has no neighbour but itself.
  private final int[] around;

  // Number of the latest hit of each cell's pixel, from 1; 0 where there is none.
  private final byte[] latest;

  // Of each hit: the earlier one whose label it takes over, or itself.
  private int[] like = EMPTY;

  // Pairs of hits whose labels are of one cluster, two elements each.
  private int[] pairs = EMPTY;
  private int pairElements;

  private int[] label = EMPTY;

  // Of each label: an earlier one of the same cluster, or itself; then its cluster.
  private int[] parent = EMPTY;

  BlockClusterer(PixelGrid grid, double window) {
    this.grid = grid;
    this.window = window;
    int row = CELL_BYTES * grid.stride();
    int column = CELL_BYTES;
    this.around =
        new int[] {
          -row - column, -column, row - column, -row, 0, row, -row + column, column, row + column, 0
        };
    this.latest = new byte[CELL_BYTES * grid.cells() + Long.BYTES];
  }

  /// Finds the clusters of a block that is filled.
  void cluster(BlockClusters found) {
    HitBlock block = found.block;
    int n = block.size;
    if (n > MOST_HITS) {
      throw new IllegalArgumentException(n + " hits");
    }
    if (like.length < n) {
      like = new int[n];
      label = new int[n];
      parent = new int[n];
      pairs = new int[2 * Ring.MOST_GROUPS * n];
    }
    Arrays.fill(latest, (byte) 0);
    link(block);
    group(found);
  }

  /// Finds which earlier hits each hit is joined to.
  private void link(HitBlock block) {
    int n = block.size;
    int[] to = like;
    int[] more = pairs;
    byte[] last = latest;
    double[] toa = block.toa;
    int row = CELL_BYTES * grid.stride();
    int found = 0;
    int oldest = 0; // of the hits in the window
    for (int i = 0; i < n; i++) {
      while (toa[i] - toa[oldest] > window) {
        oldest++;
      }
      int cell = CELL_BYTES * grid.cell(block.pixel[i]);
      int before = cell - CELL_BYTES;
      long first = (oldest + 1) * EACH;
      long near =
          since(last, before - row, first) >>> 15
              | since(last, before, first) >>> 14
              | since(last, before + row, first) >>> 13;
      int groups = Ring.groups((int) (near | near >>> 13 | near >>> 26) & ALL);
      int old = (short) CELL.get(last, cell);
      CELL.set(last, cell, (short) (i + 1));
      // Where there is no neighbour, the hit is like itself: a fifth of them, too many for a
      // branch.
      int which = Integer.numberOfTrailingZeros(groups | 1 << NONE);
      int other = (short) CELL.get(last, cell + around[which]);
      int ifCentre = (which ^ CENTRE) - 1 >> 31;
      to[i] = (other ^ (other ^ old) & ifCentre) - 1;
      for (int rest = groups & groups - 1; rest != 0; rest &= rest - 1) {
        int another = cell + around[Integer.numberOfTrailingZeros(rest)];
        more[found] = i;
        more[found + 1] = (short) CELL.get(last, another) - 1;
        found += 2;
      }
    }
    pairElements = found;
  }

  /// The top bit of each of the three cells from a byte on whose latest hit is the given one or a
  /// later one: no number reaches into the next cell's bits when it is taken from one with its top
  /// bit set.
  private static long since(byte[] last, int at, long first) {
    return ((long) FOUR_CELLS.get(last, at) | TOP) - first & TOP_OF_THREE;
  }

  /// Unites hits that are joined, and gathers those of each cluster.
  private void group(BlockClusters found) {
    int n = found.block.size;
    int[] to = like;
    int[] of = label;
    int labels = 0;
    for (int i = 0; i < n; i++) {
      of[i] = labels;
      of[i] = of[to[i]];
      labels += to[i] == i ? 1 : 0;
    }
    int clusters = unite(of, labels);
    found.fill(clusters, of, parent);
  }

  /// Unites the labels of pairs, and makes the parent of each label its cluster.
  ///
  /// @return number of clusters
  private int unite(int[] of, int labels) {
    int[] up = parent;
    for (int l = 0; l < labels; l++) {
      up[l] = l;
    }
    for (int p = 0; p < pairElements; p += 2) {
      int one = root(up, of[pairs[p]]);
      int other = root(up, of[pairs[p + 1]]);
      up[Math.max(one, other)] = Math.min(one, other);
    }
    int clusters = 0;
    for (int l = 0; l < labels; l++) {
      int earlier = up[l];
      up[l] = earlier == l ? clusters++ : up[earlier];
    }
    return clusters;
  }

  /// The first element of a set, of which each element names an earlier one, or itself.
  static int root(int[] up, int label) {
    int at = label;
    while (up[at] != at) {
      up[at] = up[up[at]];
      at = up[at];
    }
    return at;
  }
}
