package org.pixelwake.timepix.clustering;

import java.util.Arrays;

/// Clusters of the hits of one block: 8-connected pixels (a pixel also neighbours itself), each
/// within a time window of a neighbour. One at work needs no other, so several blocks are clustered
/// at once by several of these.
///
/// Which of the hits before it a hit touches is as good as random, and a branch taken wrongly costs
/// as much as comparing several. So a hit is compared with each of those before it that may be in
/// the window, without branches, in loops that compilers turn into vector instructions; then the
/// few that touch are joined. Where very many hits are in the window, the latest hit of each of the
/// nine pixels is looked up instead.
final class BlockClusterer {
  /// Hits that are compared with equally many before them.
  private static final int RUN = 512;

  /// Numbers of hits before a hit to compare it with, the least that suffices for a run is taken.
  private static final int[] REACHES = {4, 8, 12, 16, 24, 32, 48, 64};

  private static final int MOST_REACH = 64;

  /// Hits before a hit that are compared with it together.
  private static final int GROUP = 2;

  /// A pixel that touches none.
  private static final int NOWHERE = HitBlock.pixel(0x4000, 0x4000);

  /// 1 in the row and in the column of a pixel's number.
  private static final int ONE_EACH = 1 << HitBlock.COLUMN_BITS | 1;

  /// The bits of a row and of a column that numbers from 0 to 3 do not have.
  private static final int BEYOND_THREE = ~(3 * ONE_EACH);

  private final PixelGrid grid;
  private final double window;

  // For each hit of a run, the hits before it whose pixels touch its own: bit k the one k + 1
  // before
  // in the first, k + 33 before in the second.
  private final int[] touching = new int[RUN];
  private final int[] touchingFar = new int[RUN];
  private final int[] pixels = new int[RUN];
  private final int[][] earlier = new int[GROUP][RUN];

  // The latest hit of each pixel, counted over all blocks since the last reset: numbers below
  // `base` are of earlier blocks.
  private final int[] around; // offsets of the nine cells
  private final int[] latest;
  private int base;

  private int[] parent = new int[0];

  BlockClusterer(PixelGrid grid, double window) {
    this.grid = grid;
    this.window = window;
    int row = grid.stride();
    this.around = new int[] {-row - 1, -row, -row + 1, -1, 0, 1, row - 1, row, row + 1};
    this.latest = new int[grid.cells()];
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
    for (int from = 0; from < n; from += RUN) {
      int to = Math.min(n, from + RUN);
      int reach = reach(block, from, to);
      if (reach <= MOST_REACH) {
        compare(block, from, to, reach);
        link(block, from, to, reach);
      } else {
        lookUp(block, from, to);
      }
    }
    base += n;
    return group(block);
  }

  /// How many hits before each of a run suffice to have all in the window among them, of those on
  /// the list; more than the most where they do not.
  private int reach(HitBlock block, int from, int to) {
    for (int reach : REACHES) {
      if (suffices(block.toa, Math.max(from, reach + 1), to, reach + 1)) {
        return reach;
      }
    }
    return MOST_REACH + 1;
  }

  private boolean suffices(double[] toa, int from, int to, int before) {
    for (int i = from; i < to; i++) {
      if (toa[i] - toa[i - before] <= window) {
        return false;
      }
    }
    return true;
  }

  /// Compares the pixel of each hit of a run with those of the hits before it.
  private void compare(HitBlock block, int from, int to, int reach) {
    int n = to - from;
    System.arraycopy(block.pixel, from, pixels, 0, n);
    Arrays.fill(touching, 0, n, 0);
    Arrays.fill(touchingFar, 0, n, 0);
    for (int before = 1; before <= reach; before += GROUP) {
      for (int k = 0; k < GROUP; k++) {
        copyEarlier(block.pixel, from, n, before + k, earlier[k]);
      }
      compare(n, before > Integer.SIZE ? touchingFar : touching, before - 1);
    }
  }

  /// Copies the pixels of earlier hits to the places of those of the run, so that all arrays of the
  /// loop that compares them are at one index, which makes it one of vectors.
  private static void copyEarlier(int[] all, int from, int n, int before, int[] to) {
    int missing = Math.min(n, Math.max(0, before - from));
    Arrays.fill(to, 0, missing, NOWHERE);
    if (missing < n) {
      System.arraycopy(all, from + missing - before, to, missing, n - missing);
    }
  }

  private void compare(int n, int[] touching, int bit) {
    int[] one = pixels;
    int[] first = earlier[0];
    int[] second = earlier[1];
    for (int i = 0; i < n; i++) {
      int pixel = one[i] + ONE_EACH;
      touching[i] |= touch(pixel - first[i]) << bit | touch(pixel - second[i]) << (bit + 1);
    }
  }

  /// 1 where both differences, of rows and of columns, are 0, 1 or 2, else 0.
  private static int touch(int differences) {
    int apart = differences & BEYOND_THREE | differences & differences >>> 1 & ONE_EACH;
    return (apart - 1 & ~apart) >>> (Integer.SIZE - 1);
  }

  /// Makes the parent of each hit of a run an earlier one of its cluster, or itself where it is the
  /// first.
  private void link(HitBlock block, int from, int to, int reach) {
    int[] up = parent;
    double[] toa = block.toa;
    for (int i = from; i < to; i++) {
      up[i] = i;
      int bits = touching[i - from];
      // About as many hits touch one before them as do not, so the first is joined without a
      // branch:
      // where there is none, the hit to itself.
      int other = bits == 0 ? i : i - 1 - Integer.numberOfTrailingZeros(bits);
      int root = root(up, toa[i] - toa[other] <= window ? other : i);
      up[i] = root;
      bits &= bits - 1;
      if (bits != 0) {
        join(up, toa, i, 1, bits);
      }
      if (reach > Integer.SIZE && touchingFar[i - from] != 0) {
        join(up, toa, i, 1 + Integer.SIZE, touchingFar[i - from]);
      }
    }
  }

  /// Joins a hit to those before it whose bits are set, as far as they are in the window.
  private void join(int[] up, double[] toa, int hit, int nearest, int touching) {
    for (int bits = touching; bits != 0; bits &= bits - 1) {
      int other = hit - nearest - Integer.numberOfTrailingZeros(bits);
      if (toa[hit] - toa[other] <= window) {
        join(up, hit, other);
      }
    }
  }

  /// The same as comparing and linking, by the latest hit of each pixel. An earlier one of the same
  /// pixel that is in the window is in its cluster already.
  private void lookUp(HitBlock block, int from, int to) {
    int[] up = parent;
    double[] toa = block.toa;
    int oldest = from;
    while (oldest > 0 && toa[from] - toa[oldest - 1] <= window) {
      oldest--;
    }
    for (int i = oldest; i < from; i++) {
      latest[grid.cell(block.pixel[i])] = base + i;
    }
    for (int i = from; i < to; i++) {
      while (toa[i] - toa[oldest] > window) {
        oldest++;
      }
      int cell = grid.cell(block.pixel[i]);
      up[i] = i;
      for (int bits = hitSince(base + oldest, cell); bits != 0; bits &= bits - 1) {
        int hit = latest[cell + around[Integer.numberOfTrailingZeros(bits)]] - base;
        if (up[hit] != up[i]) {
          join(up, i, hit);
        }
      }
      latest[cell] = base + i;
    }
  }

  /// A bit for each of the nine pixels whose latest hit is the given one or a later one.
  private int hitSince(int first, int cell) {
    int[] last = latest;
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
      int earlierHit = up[i];
      int l = earlierHit == i ? clusters++ : label[earlierHit];
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
