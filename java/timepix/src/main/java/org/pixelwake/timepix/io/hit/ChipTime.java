package org.pixelwake.timepix.io.hit;

import java.util.Arrays;

/// Extends the 30-bit time of raw pixels (25 ns, period 26.8435456 s) to a continuous one, for
/// packets in any order.
///
/// A time is placed in the period that brings it nearest to the last time that was seen, so
/// disorder of up to 13.4 s does no harm. Global-time packets (48 bit, 25 ns) carry the time over
/// longer pauses. The first period of the file is period 0: its times are the raw ones.
final class ChipTime {
  private static final int PERIOD_BITS = 30;

  /// Ticks of 25 ns after which the 30-bit counter starts again.
  static final long PERIOD = 1L << PERIOD_BITS;

  private static final long HALF = PERIOD / 2;
  private static final int CHIPS = 256;

  private final long[] low = new long[CHIPS];
  private boolean known;
  private long reference;
  private boolean globalKnown;
  private long globalShift;
  private boolean jumpPending;
  private long jump;

  ChipTime() {
    Arrays.fill(low, -1);
  }

  /// Continuous ticks of a pixel's 30-bit ticks.
  long pixel(long ticks) {
    long time = known ? nearest(reference, ticks) : ticks;
    known = true;
    reference = time;
    return time;
  }

  /// Extends many raw times in their order, see [#pixel]: from times of 30 bits in ticks of 25 ns
  /// to continuous ones, in place.
  void pixels(long[] ticks, int n) {
    int from = 0;
    if (!known && n > 0) {
      pixel(ticks[0]);
      from = 1;
    }
    long last = reference;
    for (int i = from; i < n; i++) {
      last = nearest(last, ticks[i]);
      ticks[i] = last;
    }
    reference = last;
  }

  /// Takes the low 32 bits of the global time of a chip.
  void globalLow(int chip, long bits) {
    low[chip] = bits;
  }

  /// Takes the high 16 bits, which follow the low ones; false where they did not or where the time
  /// contradicts the others.
  boolean globalHigh(int chip, long bits) {
    if (low[chip] < 0) {
      return false;
    }
    long global = bits << 32 | low[chip];
    low[chip] = -1;
    if (!globalKnown) {
      globalKnown = true;
      long raw = global & (PERIOD - 1);
      long time = known ? nearest(reference, raw) : raw;
      globalShift = global - time;
      known = true;
      reference = time;
      return true;
    }
    long time = global - globalShift;
    // One packet far off may be damaged; a second one that agrees is a pause. Time never goes back
    // by more than half a period.
    boolean pause = jumpPending && Math.abs(time - jump) <= HALF && time > reference;
    if (pause || Math.abs(time - reference) <= HALF) {
      jumpPending = false;
      reference = time;
      return true;
    }
    jumpPending = true;
    jump = time;
    return time > reference;
  }

  private static long nearest(long reference, long ticks) {
    return ticks + ((reference - ticks + HALF) >> PERIOD_BITS << PERIOD_BITS);
  }
}
