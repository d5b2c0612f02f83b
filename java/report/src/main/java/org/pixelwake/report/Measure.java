package org.pixelwake.report;

/// A number that was measured once for each seed: its mean and spread.
///
/// @param mean over the seeds; NaN where nothing was measured
/// @param sd standard deviation over the seeds, of the sample (n - 1); NaN for fewer than two
/// @param seeds how many runs went into it; 0 where nothing was measured
/// @param low lower end of a confidence interval, such as a bootstrap's; NaN where there is none
/// @param high its upper end; NaN where there is none
public record Measure(double mean, double sd, int seeds, double low, double high) {
  /// Nothing was measured.
  public static final Measure NONE = new Measure(Double.NaN, Double.NaN, 0, Double.NaN, Double.NaN);

  /// @throws IllegalArgumentException if a spread or a count is negative or the interval is upside
  ///   down
  public Measure {
    if (sd < 0 || seeds < 0 || low > high) {
      throw new IllegalArgumentException(
          "mean %s, sd %s of %d seeds, interval %s to %s".formatted(mean, sd, seeds, low, high));
    }
  }

  /// Mean and standard deviation; values that are not finite count as not measured.
  ///
  /// @param values one for each seed
  public static Measure of(double... values) {
    double sum = 0;
    int n = 0;
    for (double value : values) {
      if (Double.isFinite(value)) {
        sum += value;
        n++;
      }
    }
    if (n == 0) {
      return NONE;
    }
    double mean = sum / n;
    double squares = 0;
    for (double value : values) {
      if (Double.isFinite(value)) {
        squares += (value - mean) * (value - mean);
      }
    }
    double sd = n < 2 ? Double.NaN : Math.sqrt(squares / (n - 1));
    return new Measure(mean, sd, n, Double.NaN, Double.NaN);
  }

  /// The same with a confidence interval.
  public Measure interval(double from, double to) {
    return new Measure(mean, sd, seeds, from, to);
  }

  /// Whether there is a number at all.
  public boolean measured() {
    return Double.isFinite(mean);
  }

  boolean hasInterval() {
    return Double.isFinite(low) && Double.isFinite(high);
  }

  /// Lower end of what a figure draws: the interval where there is one, else one standard
  /// deviation.
  double from() {
    return hasInterval() ? low : Double.isFinite(sd) ? mean - sd : mean;
  }

  /// Upper end of what a figure draws.
  double to() {
    return hasInterval() ? high : Double.isFinite(sd) ? mean + sd : mean;
  }
}
