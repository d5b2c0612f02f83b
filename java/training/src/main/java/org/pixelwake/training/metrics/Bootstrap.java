package org.pixelwake.training.metrics;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/// Percentile intervals by resampling clusters with replacement (B. Efron, R. J. Tibshirani, "An
/// Introduction to the Bootstrap", 1993, chapter 13). The same seed gives the same intervals.
///
/// A resample is the number of times that each cluster is in it. What is estimated takes these
/// numbers as weights, so that sorting and binning are done once and a resample costs one pass.
///
/// @param resamples number of resamples; 0 for no intervals
/// @param level share of the resamples inside the interval, such as 0.95
/// @param seed of the draws
public record Bootstrap(int resamples, double level, long seed) {
  /// 1000 resamples, intervals of 95 %.
  public static final Bootstrap DEFAULT = new Bootstrap(1000, 0.95, 1);

  /// No intervals.
  public static final Bootstrap NONE = new Bootstrap(0, 0.95, 1);

  public Bootstrap {
    if (resamples < 0) {
      throw new IllegalArgumentException(resamples + " resamples");
    }
    if (!(level > 0 && level < 1)) {
      throw new IllegalArgumentException("level of an interval is " + level + ", not in (0, 1)");
    }
  }

  /// Several numbers of one sample.
  @FunctionalInterface
  public interface Statistics {
    /// Writes the numbers.
    ///
    /// @param weights how often each cluster is in the sample; not to be kept
    /// @param out receives the numbers, all of them; NaN for one that is not defined
    void write(int[] weights, double[] out);
  }

  /// A number with its interval.
  ///
  /// @param clusters number of clusters
  /// @param statistic of clusters with weights
  public Estimate estimate(int clusters, ToDoubleFunction<int[]> statistic) {
    return estimates(clusters, 1, (weights, out) -> out[0] = statistic.applyAsDouble(weights))[0];
  }

  /// A number with its interval, from resamples that have as many clusters of each stratum, such as
  /// a class, as the sample has.
  ///
  /// @param strata stratum of each cluster, from 0
  /// @param statistic of clusters with weights
  public Estimate estimate(int[] strata, ToDoubleFunction<int[]> statistic) {
    int count = 1 + Arrays.stream(strata).max().orElse(-1);
    int[][] members = new int[count][];
    Arrays.setAll(
        members, s -> IntStream.range(0, strata.length).filter(i -> strata[i] == s).toArray());
    return estimates(
        strata.length,
        1,
        (weights, out) -> out[0] = statistic.applyAsDouble(weights),
        (weights, random) -> {
          for (int[] of : members) {
            for (int k = 0; k < of.length; k++) {
              weights[of[random.nextInt(of.length)]]++;
            }
          }
        })[0];
  }

  /// Several numbers with their intervals, from the same resamples. A resample in which a number is
  /// not defined does not count for its interval.
  ///
  /// @param clusters number of clusters
  /// @param numbers how many numbers there are
  /// @param statistics writes them
  public Estimate[] estimates(int clusters, int numbers, Statistics statistics) {
    return estimates(
        clusters,
        numbers,
        statistics,
        (weights, random) -> {
          for (int i = 0; i < clusters; i++) {
            weights[random.nextInt(clusters)]++;
          }
        });
  }

  /// Draws a resample into weights that are 0.
  private interface Draw {
    void draw(int[] weights, SplittableRandom random);
  }

  private Estimate[] estimates(int clusters, int numbers, Statistics statistics, Draw draw) {
    int[] weights = new int[clusters];
    Arrays.fill(weights, 1);
    double[] out = new double[numbers];
    statistics.write(weights, out);
    double[] values = out.clone();
    double[][] draws = new double[numbers][resamples];
    SplittableRandom random = new SplittableRandom(seed);
    for (int r = 0; r < resamples; r++) {
      Arrays.fill(weights, 0);
      draw.draw(weights, random);
      statistics.write(weights, out);
      for (int k = 0; k < numbers; k++) {
        draws[k][r] = out[k];
      }
    }
    Estimate[] estimates = new Estimate[numbers];
    for (int k = 0; k < numbers; k++) {
      double[] defined = Arrays.stream(draws[k]).filter(v -> !Double.isNaN(v)).sorted().toArray();
      double tail = (1 - level) / 2;
      estimates[k] = new Estimate(values[k], quantile(defined, tail), quantile(defined, 1 - tail));
    }
    return estimates;
  }

  /// Quantile of sorted values, straight between neighbours (type 7 of R. J. Hyndman, Y. Fan,
  /// "Sample quantiles in statistical packages", Am. Stat. 50 (1996) 361); NaN of none.
  static double quantile(double[] sorted, double share) {
    if (sorted.length == 0) {
      return Double.NaN;
    }
    double at = share * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }

  /// Standard deviations of a normal distribution between which `level` of it lies: the half width
  /// of [Estimate#wilson]. By bisection of the error function's integral, to 1e-9.
  double halfWidth() {
    double low = 0;
    double high = 10;
    while (high - low > 1e-9) {
      double middle = (low + high) / 2;
      if (normalShare(middle) < level) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return (low + high) / 2;
  }

  // Share of a normal distribution within z standard deviations: Simpson's rule, 1e-12 with 400
  // steps.
  private static double normalShare(double z) {
    int steps = 400;
    double h = z / steps;
    double sum = 1 + Math.exp(-z * z / 2);
    for (int i = 1; i < steps; i++) {
      sum += (i % 2 == 0 ? 2 : 4) * Math.exp(-(i * h) * (i * h) / 2);
    }
    return 2 * sum * h / 3 / Math.sqrt(2 * Math.PI);
  }
}
