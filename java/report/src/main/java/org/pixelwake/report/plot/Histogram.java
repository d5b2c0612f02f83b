package org.pixelwake.report.plot;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/// Counts in labelled bins before and after balancing.
///
/// @param title heading, such as "Hits per cluster"
/// @param quantity what the bins divide, such as "hits per cluster"
/// @param item plural of what is counted, such as "clusters"
/// @param explanation one sentence: what is shown and how to read it
/// @param labels of the bins, such as "4–7"
/// @param before counts before balancing, one for each bin
/// @param after counts after it
public record Histogram(
    String title,
    String quantity,
    String item,
    String explanation,
    List<String> labels,
    long[] before,
    long[] after) {
  /// Copies the labels.
  ///
  /// @throws IllegalArgumentException if the lengths differ, there is no bin, or a count is
  ///   negative
  public Histogram {
    labels = List.copyOf(labels);
    if (labels.isEmpty() || before.length != labels.size() || after.length != labels.size()) {
      throw new IllegalArgumentException(
          "%s: %d labels, %d and %d counts"
              .formatted(title, labels.size(), before.length, after.length));
    }
    if (LongStream.concat(Arrays.stream(before), Arrays.stream(after)).anyMatch(n -> n < 0)) {
      throw new IllegalArgumentException(title + ": a negative count");
    }
  }

  /// Label of the exponential bin `[2^k, 2^(k+1))` of a whole number: "1", "2–3", "4–7", …
  public static String exponentialLabel(int k) {
    long low = 1L << k;
    return k == 0 ? "1" : low + "–" + (2 * low - 1);
  }
}
