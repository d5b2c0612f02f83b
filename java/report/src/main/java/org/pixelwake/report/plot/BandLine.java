package org.pixelwake.report.plot;

import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.pixelwake.base.Spread;

/// A line with the band of its spread.
///
/// @param name name in the legend, the same for a variation in every figure
/// @param x ascending
/// @param y one for each x, such as the mean over seeds; a value that is not finite leaves a gap
/// @param low lower end of the band, one for each x; not finite where there is none
/// @param high upper end of the band
public record BandLine(String name, double[] x, double[] y, double[] low, double[] high) {
  /// Copies the arrays.
  ///
  /// @throws IllegalArgumentException if lengths differ or x does not ascend
  public BandLine {
    x = x.clone();
    y = y.clone();
    low = low.clone();
    high = high.clone();
    if (x.length != y.length || x.length != low.length || x.length != high.length) {
      throw new IllegalArgumentException(
          "%s: %d x, %d y, %d and %d ends of the band"
              .formatted(name, x.length, y.length, low.length, high.length));
    }
    for (int i = 1; i < x.length; i++) {
      if (!(x[i] > x[i - 1])) {
        throw new IllegalArgumentException(name + ": x " + x[i] + " after " + x[i - 1]);
      }
    }
  }

  /// What a band over seeds shows.
  public enum Extent {
    /// Smallest to largest.
    RANGE,
    /// Mean ± standard deviation of the sample.
    DEVIATION
  }

  /// The run of one seed.
  ///
  /// @param x ascending
  /// @param y one for each x; a value that is not finite was not measured
  public record Seed(double[] x, double[] y) {
    /// Copies the arrays.
    public Seed {
      x = x.clone();
      y = y.clone();
      if (x.length != y.length) {
        throw new IllegalArgumentException("a seed with " + x.length + " x, " + y.length + " y");
      }
    }
  }

  /// A line without a band.
  public static BandLine of(String name, double[] x, double[] y) {
    return new BandLine(name, x, y, y, y);
  }

  /// A line without a band that may rise upright: of several points at one x the highest.
  public static BandLine rising(String name, double[] x, double[] y) {
    double[] xs = new double[x.length];
    double[] ys = new double[x.length];
    int n = 0;
    for (int i = 0; i < x.length; i++) {
      if (n > 0 && x[i] <= xs[n - 1]) {
        ys[n - 1] = Math.max(ys[n - 1], y[i]);
      } else {
        xs[n] = x[i];
        ys[n++] = y[i];
      }
    }
    return of(name, Arrays.copyOf(xs, n), Arrays.copyOf(ys, n));
  }

  /// Mean over seeds at every x that some seed has, over those that have it.
  public static BandLine ofSeeds(String name, Extent extent, List<Seed> seeds) {
    TreeMap<Double, double[]> values = new TreeMap<>();
    for (int k = 0; k < seeds.size(); k++) {
      Seed seed = seeds.get(k);
      for (int i = 0; i < seed.x.length; i++) {
        double[] row = values.computeIfAbsent(seed.x[i], at -> empty(seeds.size()));
        row[k] = seed.y[i];
      }
    }
    int n = values.size();
    double[] x = new double[n];
    double[] y = new double[n];
    double[] low = new double[n];
    double[] high = new double[n];
    int i = 0;
    for (var entry : values.entrySet()) {
      Spread measure = Spread.of(entry.getValue());
      x[i] = entry.getKey();
      y[i] = measure.mean();
      low[i] = extent == Extent.DEVIATION ? measure.from() : least(entry.getValue(), 1);
      high[i] = extent == Extent.DEVIATION ? measure.to() : -least(entry.getValue(), -1);
      i++;
    }
    return new BandLine(name, x, y, low, high);
  }

  private static double[] empty(int length) {
    double[] values = new double[length];
    Arrays.fill(values, Double.NaN);
    return values;
  }

  private static double least(double[] values, double sign) {
    double least = Double.NaN;
    for (double value : values) {
      if (Double.isFinite(value) && !(least <= sign * value)) {
        least = sign * value;
      }
    }
    return least;
  }
}
