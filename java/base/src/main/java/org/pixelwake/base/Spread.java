package org.pixelwake.base;

/// A number that was measured several times, such as once for each seed: its mean and its spread.
///
/// @param mean over the measurements; NaN where nothing was measured
/// @param deviation standard deviation of the sample (n - 1); NaN for fewer than two
/// @param count measurements that went into it; 0 where nothing was measured
/// @param low lower end of a confidence interval, such as a bootstrap's; NaN where there is none
/// @param high its upper end; NaN where there is none
public record Spread(double mean, double deviation, int count, double low, double high) {
  /// Nothing was measured.
  public static final Spread NONE = new Spread(Double.NaN, Double.NaN, 0, Double.NaN, Double.NaN);

  /// @throws IllegalArgumentException if a deviation or a count is negative or the interval is
  ///   upside down
  public Spread {
    if (deviation < 0 || count < 0 || low > high) {
      throw new IllegalArgumentException(
          "mean %s, deviation %s of %d measurements, interval %s to %s"
              .formatted(mean, deviation, count, low, high));
    }
  }

  /// Returns mean and standard deviation. Values that are not finite count as not measured, so that
  /// a run without a result does not take that of the others away: [#count] says how many there
  /// are.
  ///
  /// @param values one for each measurement
  public static Spread of(double... values) {
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
    double deviation = n < 2 ? Double.NaN : Math.sqrt(squares / (n - 1));
    return new Spread(mean, deviation, n, Double.NaN, Double.NaN);
  }

  /// Returns the same with a confidence interval.
  public Spread interval(double from, double to) {
    return new Spread(mean, deviation, count, from, to);
  }

  /// Returns the standard error of the mean; NaN for fewer than two measurements.
  public double standardError() {
    return deviation / Math.sqrt(count);
  }

  /// Returns true where there is a number at all.
  public boolean measured() {
    return Double.isFinite(mean);
  }

  /// Returns true where there is a confidence interval.
  public boolean hasInterval() {
    return Double.isFinite(low) && Double.isFinite(high);
  }

  /// Returns the lower end of what a figure draws: of the interval where there is one, else one
  /// standard deviation below the mean.
  public double from() {
    return hasInterval() ? low : Double.isFinite(deviation) ? mean - deviation : mean;
  }

  /// Returns the upper end of what a figure draws.
  public double to() {
    return hasInterval() ? high : Double.isFinite(deviation) ? mean + deviation : mean;
  }
}
