package org.pixelwake.timepix.io.hit;

import java.util.Arrays;
import org.pixelwake.timepix.io.HitBlock;

/// Sorts many hits that come almost in order: by [org.pixelwake.timepix.HitOrder], through keys
/// that are distributed digit by digit from the last to the first, without a branch that depends on
/// the hits. Memory is used again.
///
/// A key is the time, followed by the pixel where both fit. Many hits of a Timepix3 share the tick
/// of their time with others, and comparing those one by one would cost a wrongly predicted branch
/// or two a hit, more than two further digits.
public final class HitSorter {
  /// Most hits that can be sorted together.
  public static final int MOST_HITS = 1 << 25;

  // A key and the number of its hit share a long, its sign left out.
  private static final int SHARED_BITS = Long.SIZE - 1;

  /// Length of a key of time, ns: the finest clock of Timepix3.
  private static final double KEY_NS = 1.5625;

  private static final int DIGIT_BITS = 13;

  private long[] keys = new long[0];
  private long[] sorted = new long[0];
  private int numberBits;
  private int pixelBits; // 0: the pixel is not in the keys
  private boolean exact; // whether hits of one key are of one time
  private final int[] places = new int[1 << DIGIT_BITS];

  // Of the hits being sorted.
  private double first;
  private double last;
  private int columnBits;
  private int rowBits;

  /// Sorts hits.
  ///
  /// @return the hits in order, a number of a hit in each element: see [#hit]. Good until the next
  ///   call
  public long[] sort(HitBlock hits) {
    int n = hits.size;
    if (n > MOST_HITS) {
      throw new IllegalArgumentException(n + " hits");
    }
    if (keys.length < n) {
      keys = new long[hits.toa.length];
      sorted = new long[hits.toa.length];
    }
    if (n > 0) {
      int bits = makeKeys(hits);
      int digits = Math.ceilDiv(bits, DIGIT_BITS);
      int done = 0;
      for (int d = 0; d < digits; d++) {
        int digit = Math.ceilDiv(bits - done, digits - d);
        distribute(n, done, digit);
        done += digit;
      }
      orderEqual(hits);
    }
    return keys;
  }

  /// Number of the hit that an element of the last result stands for.
  public int hit(long element) {
    return (int) element & (1 << numberBits) - 1;
  }

  /// Adds hits of the block that was sorted to another one, in order.
  ///
  /// @param order the last result, of which hits from `begin` to before `end` are added
  public void append(HitBlock from, long[] order, int begin, int end, HitBlock to) {
    int at = to.size - begin;
    for (int k = begin; k < end; k++) {
      int hit = hit(order[k]);
      to.pixel[at + k] = from.pixel[hit];
      to.energy[at + k] = from.energy[hit];
      to.toa[at + k] = from.toa[hit];
    }
    to.size = at + end;
  }

  /// @return bits of a key
  private int makeKeys(HitBlock hits) {
    measure(hits);
    int n = hits.size;
    numberBits = bits(n - 1);
    int timeBits = bits(ticks(last - first));
    pixelBits = columnBits + rowBits;
    if (numberBits + timeBits + pixelBits <= SHARED_BITS) {
      makeKeys(hits, KEY_NS);
      if (exact) {
        return timeBits + pixelBits;
      }
    }
    pixelBits = 0;
    // Times that span much get coarser keys.
    int most = SHARED_BITS - 1 - numberBits;
    double length = Math.max(KEY_NS, (last - first + 1) / Math.scalb(1.0, most));
    makeKeys(hits, length);
    return bits((long) ((last - first) / length + 0.5));
  }

  private void measure(HitBlock hits) {
    double[] toa = hits.toa;
    int[] pixel = hits.pixel;
    double from = toa[0];
    double to = from;
    int pixels = 0;
    for (int i = 0; i < hits.size; i++) {
      double time = toa[i];
      if (time < from) {
        from = time;
      }
      if (time > to) {
        to = time;
      }
      pixels |= pixel[i];
    }
    first = from;
    last = to;
    columnBits = bits(pixels & (1 << HitBlock.COLUMN_BITS) - 1);
    rowBits = bits(pixels >>> HitBlock.COLUMN_BITS);
  }

  private static long ticks(double time) {
    return (long) (time * (1 / KEY_NS) + 0.5);
  }

  private static int bits(long value) {
    return Long.SIZE - Long.numberOfLeadingZeros(value);
  }

  /// @param length of a key of time, ns
  private void makeKeys(HitBlock hits, double length) {
    int n = hits.size;
    double[] toa = hits.toa;
    int[] pixel = hits.pixel;
    long[] made = keys;
    double from = first;
    double inverse = 1 / length;
    int mask = pixelBits == 0 ? 0 : (1 << HitBlock.COLUMN_BITS) - 1;
    boolean all = true;
    for (int i = 0; i < n; i++) {
      double time = toa[i] - from;
      long key = (long) (time * inverse + 0.5);
      all &= key * length == time;
      int row = pixel[i] >>> HitBlock.COLUMN_BITS & mask;
      int place = row << columnBits | pixel[i] & mask;
      made[i] = (key << pixelBits | place) << numberBits | i;
    }
    exact = all;
  }

  /// Puts the keys in the order of a digit, those of one digit in the order they had.
  private void distribute(int n, int firstBit, int bits) {
    int shift = numberBits + firstBit;
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
    int bits = numberBits;
    boolean timesOnly = exact && pixelBits == 0;
    for (int i = 1; i < hits.size; i++) {
      if ((array[i - 1] ^ array[i]) >>> bits == 0) {
        int end = i + 1;
        while (end < hits.size && (array[i] ^ array[end]) >>> bits == 0) {
          end++;
        }
        if (timesOnly) {
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
    long time = array[from] >>> numberBits << numberBits;
    for (int i = from; i < to; i++) {
      int hit = hit(array[i]);
      array[i] = (long) hits.pixel[hit] << numberBits | hit;
    }
    Arrays.sort(array, from, to);
    boolean again = false;
    for (int i = from + 1; i < to; i++) {
      again |= (array[i - 1] ^ array[i]) >>> numberBits == 0;
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
