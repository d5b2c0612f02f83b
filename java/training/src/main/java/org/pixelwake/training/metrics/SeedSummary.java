package org.pixelwake.training.metrics;

import java.util.Arrays;

/// A number over runs that differ in their seed alone.
///
/// @param n number of runs
/// @param mean their mean
/// @param sd standard deviation of the sample, with n - 1; NaN for one run
/// @param min the least
/// @param max the greatest
public record SeedSummary(int n, double mean, double sd, double min, double max) {
  /// Of the number in each run.
  ///
  /// @throws IllegalArgumentException for no runs or a value that is not finite
  public static SeedSummary of(double... values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("a summary of no runs");
    }
    Samples.checkFinite(values);
    double mean = Samples.mean(values);
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    int n = values.length;
    return new SeedSummary(
        n,
        mean,
        n == 1 ? Double.NaN : Math.sqrt(squares / (n - 1)),
        Arrays.stream(values).min().getAsDouble(),
        Arrays.stream(values).max().getAsDouble());
  }

  /// Standard error of the mean; NaN for one run.
  public double standardError() {
    return sd / Math.sqrt(n);
  }
}
