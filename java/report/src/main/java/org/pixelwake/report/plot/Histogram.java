package org.pixelwake.report.plot;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.pixelwake.report.page.Arguments;

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
    int bins = labels.size();
    Arguments.check(
        bins > 0 && before.length == bins && after.length == bins,
        "%s: %d labels, %d and %d counts",
        title,
        bins,
        before.length,
        after.length);
    LongStream counts = LongStream.concat(Arrays.stream(before), Arrays.stream(after));
    Arguments.check(counts.allMatch(count -> count >= 0), "%s: a negative count", title);
  }
}
