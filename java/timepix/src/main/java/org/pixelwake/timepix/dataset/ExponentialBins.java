package org.pixelwake.timepix.dataset;

import java.util.Arrays;
import java.util.stream.IntStream;

/// Bins of hit count whose width grows exponentially: bin k holds n with base^k <= n < base^(k+1).
///
/// Where the base is below 2 the first intervals hold no integer; these are left out, so bins are
/// numbered without gaps. All counts from 1 to [Integer#MAX_VALUE] have a bin.
public final class ExponentialBins {
  /// Bins [2^k, 2^(k+1)).
  public static final ExponentialBins POWERS_OF_TWO = new ExponentialBins(2);

  /// One bin of all counts.
  public static final ExponentialBins ONE = new ExponentialBins();

  private static final double SMALLEST_BASE = 1.05;
  private static final double LARGEST_BASE = 1024;

  private final double base;
  private final int[] lower;

  /// @param base ratio of neighbouring edges, from 1.05 to 1024
  /// @throws IllegalArgumentException for a base outside that range
  public ExponentialBins(double base) {
    if (!(base >= SMALLEST_BASE && base <= LARGEST_BASE)) {
      throw new IllegalArgumentException(
          "base of exponential bins is " + base + ", not from 1.05 to 1024");
    }
    this.base = base;
    this.lower =
        IntStream.iterate(0, k -> k + 1)
            .mapToDouble(k -> Math.ceil(Math.pow(base, k)))
            .takeWhile(edge -> edge <= Integer.MAX_VALUE)
            .mapToInt(edge -> (int) edge)
            .distinct()
            .toArray();
  }

  private ExponentialBins() {
    this.base = Double.POSITIVE_INFINITY;
    this.lower = new int[] {1};
  }

  /// Ratio of neighbouring edges; infinite where there is one bin.
  public double base() {
    return base;
  }

  /// Number of bins up to [Integer#MAX_VALUE] hits.
  public int count() {
    return lower.length;
  }

  /// Bin of a hit count.
  ///
  /// @throws IllegalArgumentException for a count below 1
  public int indexOf(int hits) {
    if (hits < 1) {
      throw new IllegalArgumentException("a cluster of " + hits + " hits has no bin");
    }
    int found = Arrays.binarySearch(lower, hits);
    return found >= 0 ? found : -found - 2;
  }

  /// Smallest hit count of a bin.
  public int lower(int bin) {
    return lower[bin];
  }

  /// Largest hit count of a bin.
  public int upper(int bin) {
    return bin + 1 < lower.length ? lower[bin + 1] - 1 : Integer.MAX_VALUE;
  }

  /// Name for people, such as `1`, `4-7`.
  public String label(int bin) {
    return lower(bin) == upper(bin) ? Integer.toString(lower(bin)) : lower(bin) + "-" + upper(bin);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ExponentialBins that && base == that.base;
  }

  @Override
  public int hashCode() {
    return Double.hashCode(base);
  }
}
