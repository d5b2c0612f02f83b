package org.pixelwake.timepix.dataset;

import java.util.Arrays;

/// Number of clusters in each bin of hit count.
public final class SizeHistogram {
  private final ExponentialBins bins;
  private final long[] counts;

  /// Empty histogram.
  public SizeHistogram(ExponentialBins bins) {
    this.bins = bins;
    this.counts = new long[bins.count()];
  }

  /// Histogram of the given hit counts.
  public static SizeHistogram of(ExponentialBins bins, int[] sizes) {
    SizeHistogram histogram = new SizeHistogram(bins);
    for (int size : sizes) {
      histogram.add(size);
    }
    return histogram;
  }

  /// Counts one cluster.
  ///
  /// @throws IllegalArgumentException for fewer than 1 hit
  public void add(int hits) {
    counts[bins.indexOf(hits)]++;
  }

  /// Adds to one bin.
  void addToBin(int bin, long clusters) {
    counts[bin] += clusters;
  }

  /// Adds the counts of another histogram, whose bins go where their smallest hit count does.
  void add(SizeHistogram other) {
    for (int bin = 0; bin < other.usedBins(); bin++) {
      counts[bins.indexOf(other.bins.lower(bin))] += other.counts[bin];
    }
  }

  /// The bins counted in.
  public ExponentialBins bins() {
    return bins;
  }

  /// Clusters in one bin.
  public long count(int bin) {
    return counts[bin];
  }

  /// Bins up to the last that is not empty; 0 where all are empty. What a table or a picture shows.
  public int usedBins() {
    int used = counts.length;
    while (used > 0 && counts[used - 1] == 0) {
      used--;
    }
    return used;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SizeHistogram that
        && bins.equals(that.bins)
        && Arrays.equals(counts, that.counts);
  }

  @Override
  public int hashCode() {
    return 31 * bins.hashCode() + Arrays.hashCode(counts);
  }

  /// One `label:count` a bin, such as `1:20 2-3:5`.
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int bin = 0; bin < usedBins(); bin++) {
      text.append(bin == 0 ? "" : " ").append(bins.label(bin)).append(':').append(counts[bin]);
    }
    return text.toString();
  }
}
