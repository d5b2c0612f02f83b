package org.pixelwake.training.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Accuracy of the clusters whose hit count, energy, angle or the like lies in a bin.
///
/// @param lower least value of the bin
/// @param upper end of the bin, which belongs to the next one, but for the last bin
/// @param count clusters in it
/// @param accuracy share of them that are right, with a bootstrap interval; NaN for none
/// @param score the same with Wilson's interval, which has a width even where all are right
public record AccuracyBin(
    double lower, double upper, long count, Estimate accuracy, Estimate score) {
  /// Accuracy in bins with the given edges. Clusters outside of all bins, or whose value is NaN,
  /// are in none.
  ///
  /// @param values of the clusters, in their order
  /// @param edges rising, one more than bins
  public static List<AccuracyBin> of(
      Predictions predictions, double[] values, double[] edges, Bootstrap bootstrap) {
    if (values.length != predictions.count()) {
      throw new IllegalArgumentException(
          values.length + " values of " + predictions.count() + " clusters");
    }
    check(edges);
    int bins = edges.length - 1;
    int[] bin = Arrays.stream(values).mapToInt(value -> indexOf(edges, value)).toArray();
    long[] counts = new long[bins];
    long[] right = new long[bins];
    Estimate[] accuracy =
        bootstrap.estimates(
            bin.length,
            bins,
            (weights, out) -> {
              tally(predictions, bin, weights, counts, right);
              Arrays.setAll(out, b -> counts[b] == 0 ? Double.NaN : (double) right[b] / counts[b]);
            });
    int[] once = new int[bin.length];
    Arrays.fill(once, 1);
    tally(predictions, bin, once, counts, right);
    double z = bootstrap.halfWidth();
    return IntStream.range(0, bins)
        .mapToObj(b -> {
          Estimate score = Estimate.wilson(right[b], counts[b], z);
          return new AccuracyBin(edges[b], edges[b + 1], counts[b], accuracy[b], score);
        })
        .toList();
  }

  private static void tally(
      Predictions predictions, int[] bin, int[] weights, long[] counts, long[] right) {
    Arrays.fill(counts, 0);
    Arrays.fill(right, 0);
    for (int i = 0; i < bin.length; i++) {
      if (bin[i] >= 0) {
        counts[bin[i]] += weights[i];
        right[bin[i]] += predictions.correct(i) ? weights[i] : 0;
      }
    }
  }

  /// Edges of bins whose width grows exponentially, base^k to base^(k+1), from the one with the
  /// least value to the one with the greatest. Values that are not above 0 are left out.
  ///
  /// @param base ratio of neighbouring edges, above 1
  /// @throws IllegalArgumentException where no value is above 0
  public static double[] exponentialEdges(double[] values, double base) {
    if (!(base > 1)) {
      throw new IllegalArgumentException("base of exponential bins is " + base + ", not above 1");
    }
    double least = Double.POSITIVE_INFINITY;
    double most = 0;
    for (double value : values) {
      if (value > 0 && value < Double.POSITIVE_INFINITY) {
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
    }
    if (most == 0) {
      throw new IllegalArgumentException("no value is above 0: there are no exponential bins");
    }
    int first = (int) Math.floor(Math.log(least) / Math.log(base));
    // Rounding of the logarithm must not put a value that is an edge outside.
    first -= Math.pow(base, first) > least ? 1 : 0;
    int bins = 1;
    while (Math.pow(base, first + bins) <= most) {
      bins++;
    }
    double[] edges = new double[bins + 1];
    int start = first;
    Arrays.setAll(edges, b -> Math.pow(base, start + b));
    return edges;
  }

  /// Edges of bins of equal width.
  public static double[] evenEdges(double from, double to, int bins) {
    if (bins < 1 || !(from < to)) {
      throw new IllegalArgumentException(bins + " bins from " + from + " to " + to);
    }
    double[] edges = new double[bins + 1];
    Arrays.setAll(edges, b -> from + (to - from) * b / bins);
    return edges;
  }

  private static void check(double[] edges) {
    if (edges.length < 2) {
      throw new IllegalArgumentException(edges.length + " edges make no bin");
    }
    for (int b = 1; b < edges.length; b++) {
      if (!(edges[b] > edges[b - 1])) {
        throw new IllegalArgumentException(
            "edges of bins do not rise: " + edges[b - 1] + ", " + edges[b]);
      }
    }
  }

  private static int indexOf(double[] edges, double value) {
    int bins = edges.length - 1;
    if (!(value >= edges[0] && value <= edges[bins])) {
      return -1;
    }
    int found = Arrays.binarySearch(edges, value);
    return Math.min(bins - 1, found >= 0 ? found : -found - 2);
  }
}
