package org.pixelwake.timepix.clustering;

import java.util.Arrays;

/// Counts of positive values in bins of equal width in the logarithm.
///
/// @param first lower edge of the first bin
/// @param perDecade bins a factor of ten
/// @param counts values in each bin, `[first * 10^(i/perDecade), first * 10^((i+1)/perDecade))`;
///   empty bins at the end are left out
/// @param below values under the first bin, 0 and less included
/// @param unit unit of the values
public record LogHistogram(double first, int perDecade, long[] counts, long below, String unit) {

  /// Lower edge of a bin.
  public double edge(int bin) {
    return first * Math.pow(10, (double) bin / perDecade);
  }

  /// Values in all, those below included.
  public long total() {
    return below + Arrays.stream(counts).sum();
  }

  /// Collects a histogram.
  static final class Builder {
    private static final int MAX_BINS = 400;

    private final double first;
    private final int perDecade;
    private final long[] counts = new long[MAX_BINS];
    private long below;

    Builder(double first, int perDecade) {
      this.first = first;
      this.perDecade = perDecade;
    }

    void add(double value) {
      if (!(value >= first)) {
        below++;
        return;
      }
      int bin = (int) Math.floor(perDecade * Math.log10(value / first));
      counts[Math.clamp(bin, 0, MAX_BINS - 1)]++;
    }

    LogHistogram build(String unit) {
      return new LogHistogram(first, perDecade, trimmed(counts), below, unit);
    }
  }

  /// Counts without the empty bins at their end.
  static long[] trimmed(long[] counts) {
    int used = counts.length;
    while (used > 0 && counts[used - 1] == 0) {
      used--;
    }
    return Arrays.copyOf(counts, used);
  }
}
