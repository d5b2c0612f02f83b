package org.pixelwake.timepix.clustering;

import java.util.Arrays;

/// Sorts many hits that come almost in order: by [org.pixelwake.timepix.HitOrder], through keys of
/// their times that are distributed digit by digit from the last to the first, without a branch
/// that depends on the hits. The first digit is a long one: since hits come almost in order, its
/// places are filled almost in the order of memory. Memory is used again.
final class HitSorter {
  /// Most hits that can be sorted together.
  static final int MOST_HITS = 1 << 25;

  // A key of a time and the number of its hit share a long.
  private static final int NUMBER_BITS = 25;
  private static final int MOST_KEY_BITS = 38;

  /// Length of a key, ns: the finest clock of Timepix3.
  private static final double KEY_NS = 1.5625;

  private static final int FIRST_DIGIT_BITS = 15;
  private static final int DIGIT_BITS = 12;

  private long[] keys = new long[0];
  private long[] sorted = new long[0];
  private boolean exact; // whether hits of one key are of one time
  private final int[] places = new int[1 << FIRST_DIGIT_BITS];

  /// The hits in order, a number of a hit in each element: see [#hit]. Good until the next call.
  long[] sort(HitBlock hits) {
    int n = hits.size;
    if (n > MOST_HITS) {
      throw new IllegalArgumentException(n + " hits");
    }
    if (keys.length < n) {
      keys = new long[hits.toa.length];
      sorted = new long[hits.toa.length];
    }
    if (n > 0) {
      int bits = Long.SIZE - Long.numberOfLeadingZeros(makeKeys(hits.toa, n));
      int done = 0;
      while (bits - done > FIRST_DIGIT_BITS) {
        int digit = Math.min(DIGIT_BITS, bits - done - FIRST_DIGIT_BITS);
        distribute(n, done, digit);
        done += digit;
      }
      if (bits > done) {
        distribute(n, done, bits - done);
      }
      orderEqual(hits);
    }
    return keys;
  }

  /// Number of the hit that an element of the result stands for.
  static int hit(long element) {
    return (int) element & MOST_HITS - 1;
  }

  /// @return the largest time of a key
  private long makeKeys(double[] toa, int n) {
    double first = toa[0];
    double last = toa[0];
    for (int i = 1; i < n; i++) {
      first = Math.min(first, toa[i]);
      last = Math.max(last, toa[i]);
    }
    // Times that span much get coarser keys.
    double length = Math.max(KEY_NS, (last - first + 1) / Math.scalb(1.0, MOST_KEY_BITS));
    long[] made = keys;
    boolean all = true;
    for (int i = 0; i < n; i++) {
      double time = toa[i] - first;
      long key = (long) (time / length + 0.5);
      all &= key * length == time;
      made[i] = key << NUMBER_BITS | i;
    }
    exact = all;
    return (long) ((last - first) / length + 0.5);
  }

  /// Puts the keys in the order of a digit, those of one digit in the order they had.
  private void distribute(int n, int firstBit, int bits) {
    int shift = NUMBER_BITS + firstBit;
    int mask = (1 << bits) - 1;
    long[] from = keys;
    long[] to = sorted;
    int[] place = places;
    Arrays.fill(place, 0, mask + 1, 0);
    for (int i = 0; i < n; i++) {
      place[(int) (from[i] >>> shift) & mask]++;
    }
    int before = 0;
    for (int d = 0; d <= mask; d++) {
      int count = place[d];
      place[d] = before;
      before += count;
    }
    for (int i = 0; i < n; i++) {
      long key = from[i];
      to[place[(int) (key >>> shift) & mask]++] = key;
    }
    keys = to;
    sorted = from;
  }

  /// Puts hits of one key into order.
  private void orderEqual(HitBlock hits) {
    long[] array = keys;
    for (int i = 1; i < hits.size; i++) {
      if ((array[i - 1] ^ array[i]) >>> NUMBER_BITS == 0) {
        int end = i + 1;
        while (end < hits.size && (array[i] ^ array[end]) >>> NUMBER_BITS == 0) {
          end++;
        }
        if (exact) {
          byPixel(hits, i - 1, end);
        } else {
          byComparing(hits, i - 1, end);
        }
        i = end;
      }
    }
  }

  /// Puts hits of one time into order.
  private void byPixel(HitBlock hits, int from, int to) {
    long[] array = keys;
    long time = array[from] >>> NUMBER_BITS << NUMBER_BITS;
    for (int i = from; i < to; i++) {
      int hit = hit(array[i]);
      array[i] = (long) hits.pixel[hit] << NUMBER_BITS | hit;
    }
    Arrays.sort(array, from, to);
    boolean again = false;
    for (int i = from + 1; i < to; i++) {
      again |= (array[i - 1] ^ array[i]) >>> NUMBER_BITS == 0;
    }
    for (int i = from; i < to; i++) {
      array[i] = time | hit(array[i]);
    }
    if (again) {
      byComparing(hits, from, to); // two hits of one pixel at one time
    }
  }

  private void byComparing(HitBlock hits, int from, int to) {
    long[] array = keys;
    for (int i = from + 1; i < to; i++) {
      long key = array[i];
      int j = i - 1;
      while (j >= from && hits.after(hit(array[j]), hit(key))) {
        array[j + 1] = array[j];
        j--;
      }
      array[j + 1] = key;
    }
  }
}
