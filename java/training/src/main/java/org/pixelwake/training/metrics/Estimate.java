package org.pixelwake.training.metrics;

/// A number and the interval that it lies in, as far as the clusters at hand tell.
///
/// @param value the number; NaN where it is not defined, such as the recall of a class without
///   clusters
/// @param low lower end of the interval; NaN where there is none
/// @param high upper end
public record Estimate(double value, double low, double high) {
  /// A number without an interval.
  public static Estimate exact(double value) {
    return new Estimate(value, Double.NaN, Double.NaN);
  }

  /// A proportion with the score interval of E. B. Wilson, "Probable inference, the law of
  /// succession, and statistical inference", J. Am. Stat. Assoc. 22 (1927) 209. Of use where few
  /// clusters are all right or all wrong, for which a bootstrap gives an interval without width.
  ///
  /// @param hits how many of them are right
  /// @param count of how many; the value is NaN for none
  /// @param z half width in standard deviations, such as 1.96 for 95 %
  public static Estimate wilson(long hits, long count, double z) {
    if (count == 0) {
      return exact(Double.NaN);
    }
    double n = count;
    double p = hits / n;
    double square = z * z;
    double middle = (p + square / (2 * n)) / (1 + square / n);
    double half = z / (1 + square / n) * Math.sqrt(p * (1 - p) / n + square / (4 * n * n));
    return new Estimate(p, Math.max(0, middle - half), Math.min(1, middle + half));
  }
}
