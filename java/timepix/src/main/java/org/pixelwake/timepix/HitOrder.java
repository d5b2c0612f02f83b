package org.pixelwake.timepix;

import java.util.Arrays;

/// The one order of hits used throughout: by time of arrival, then row, then column, then energy.
///
/// Equal hits are interchangeable, so what is computed from hits in this order does not depend on
/// the order they came in.
public final class HitOrder {
  private static final int SMALL = 24;
  private static final int LARGE = 256;

  // A key of a time and the index of its hit share a long; digits are sorted from the last.
  private static final int INDEX_BITS = 25;
  private static final int DIGIT_BITS = 11;
  // Of a nanosecond, which tells apart the finest clock of Timepix3 (1.5625 ns).
  private static final double KEYS_PER_NS = 16;
  private static final double MOST_KEYS = 0x1p38;

  private HitOrder() {}

  /// Sorts the first `n` hits without moving them.
  ///
  /// @return the indices of the hits in order
  public static int[] sorted(int n, double[] toa, short[] y, short[] x, float[] energy) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    if (n <= SMALL) {
      insertion(order, toa, y, x, energy);
      return order;
    }
    return n >= LARGE && n < 1 << INDEX_BITS && distributed(order, toa, y, x, energy)
        ? order
        : merged(order, toa, y, x, energy);
  }

  /// Sorts by times rounded to keys, digit by digit, then hits of one key by comparing them. Hits
  /// of a detector come out of order by its readout, in runs too short for merging.
  ///
  /// @return false, with nothing done, where the times span too much for a key
  private static boolean distributed(
      int[] order, double[] toa, short[] y, short[] x, float[] energy) {
    int n = order.length;
    double first = toa[0];
    double last = toa[0];
    for (int i = 1; i < n; i++) {
      first = Math.min(first, toa[i]);
      last = Math.max(last, toa[i]);
    }
    // NaN fails the comparison too.
    if (!((last - first) * KEYS_PER_NS < MOST_KEYS)) {
      return false;
    }
    long[] keys = new long[n];
    for (int i = 0; i < n; i++) {
      keys[i] = (long) ((toa[i] - first) * KEYS_PER_NS) << INDEX_BITS | i;
    }
    long[] sorted =
        byDigits(keys, 64 - Long.numberOfLeadingZeros((long) ((last - first) * KEYS_PER_NS)));
    for (int i = 0; i < n; i++) {
      order[i] = (int) sorted[i] & (1 << INDEX_BITS) - 1;
      int hit = order[i];
      int j = i - 1;
      while (j >= 0
          && sorted[j] >>> INDEX_BITS == sorted[i] >>> INDEX_BITS
          && after(order[j], hit, toa, y, x, energy)) {
        order[j + 1] = order[j];
        j--;
      }
      order[j + 1] = hit;
    }
    return true;
  }

  private static long[] byDigits(long[] keys, int bits) {
    int n = keys.length;
    long[] from = keys;
    long[] to = new long[n];
    int[] places = new int[1 << DIGIT_BITS];
    for (int shift = INDEX_BITS; shift < INDEX_BITS + bits; shift += DIGIT_BITS) {
      Arrays.fill(places, 0);
      for (int i = 0; i < n; i++) {
        places[digit(from[i], shift)]++;
      }
      int place = 0;
      for (int d = 0; d < places.length; d++) {
        int count = places[d];
        places[d] = place;
        place += count;
      }
      for (int i = 0; i < n; i++) {
        to[places[digit(from[i], shift)]++] = from[i];
      }
      long[] swap = from;
      from = to;
      to = swap;
    }
    return from;
  }

  private static int digit(long key, int shift) {
    return (int) (key >>> shift) & (1 << DIGIT_BITS) - 1;
  }

  /// Whether the first `n` hits are in order as they are.
  static boolean holds(int n, double[] toa, short[] y, short[] x, float[] energy) {
    for (int i = 1; i < n; i++) {
      if (after(i - 1, i, toa, y, x, energy)) {
        return false;
      }
    }
    return true;
  }

  private static boolean after(int a, int b, double[] toa, short[] y, short[] x, float[] energy) {
    if (toa[a] != toa[b]) {
      return toa[a] > toa[b];
    }
    if (y[a] != y[b]) {
      return y[a] > y[b];
    }
    return x[a] != x[b] ? x[a] > x[b] : energy[a] > energy[b];
  }

  private static void insertion(int[] order, double[] toa, short[] y, short[] x, float[] energy) {
    for (int i = 1; i < order.length; i++) {
      int hit = order[i];
      int j = i - 1;
      while (j >= 0 && after(order[j], hit, toa, y, x, energy)) {
        order[j + 1] = order[j];
        j--;
      }
      order[j + 1] = hit;
    }
  }

  /// Natural merge sort: hits come almost in order, so the runs are long and few.
  private static int[] merged(int[] order, double[] toa, short[] y, short[] x, float[] energy) {
    int n = order.length;
    int[] ends = new int[n];
    int runs = 0;
    for (int i = 1; i <= n; i++) {
      if (i == n || after(order[i - 1], order[i], toa, y, x, energy)) {
        ends[runs++] = i;
      }
    }
    int[] from = order;
    int[] to = new int[n];
    while (runs > 1) {
      int kept = 0;
      int start = 0;
      for (int r = 0; r < runs; r += 2) {
        int middle = ends[r];
        int end = r + 1 < runs ? ends[r + 1] : middle;
        int a = start;
        int b = middle;
        for (int k = start; k < end; k++) {
          boolean second = a == middle || (b < end && after(from[a], from[b], toa, y, x, energy));
          to[k] = second ? from[b++] : from[a++];
        }
        ends[kept++] = end;
        start = end;
      }
      runs = kept;
      int[] swap = from;
      from = to;
      to = swap;
    }
    return from;
  }
}
