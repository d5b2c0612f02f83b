package org.pixelwake.training.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Means over the seeds of a training, with intervals that hold two causes of chance: which
/// clusters were drawn to measure on, and which seeds were drawn to train with.
///
/// All seeds are measured on the same clusters, so that more seeds do not make the first part
/// smaller, as they do the second. An interval has on either side the root of the sum of two
/// squares: the distance from value to bound that a bootstrap over clusters gives, and t s /
/// sqrt(n) with the standard deviation s of the sample over n seeds and Student's t of n - 1
/// degrees of freedom: 4.30 for 3 seeds and 95 %. What a seed gets right or wrong by chance in
/// single clusters is in both parts, so that the intervals are a little wide. One seed tells
/// nothing of the spread of seeds: the interval is then that of the clusters alone.
public final class SeedMean {
  private SeedMean() {}

  /// Returns the mean of a figure of several seeds.
  ///
  /// @param seeds the figure of each seed with its interval by bootstrap over the same clusters;
  ///   not empty. The first part of the interval is the mean of theirs
  /// @param level share of the distribution that is inside the intervals
  public static Estimate of(List<Estimate> seeds, double level) {
    double[] values = seeds.stream().mapToDouble(Estimate::value).toArray();
    double value = Samples.mean(values);
    double below = Samples.mean(seeds.stream().mapToDouble(s -> s.value() - s.low()).toArray());
    double above = Samples.mean(seeds.stream().mapToDouble(s -> s.high() - s.value()).toArray());
    return widened(new Estimate(value, value - below, value + above), values, level);
  }

  /// Returns the difference of two trainings' balanced accuracy (mean over the classes of the share
  /// of their clusters that is right) on the same clusters, in the mean over seeds.
  ///
  /// Clusters are resampled with replacement within each class, and each brings what all seeds of
  /// both trainings made of it: what is hard for both leaves no trace in the interval. The seeds'
  /// part has the standard deviation of the differences seed by seed, since both trainings of a
  /// seed share the division of their data.
  ///
  /// @param labels class of each cluster, from 0
  /// @param one for each seed whether each cluster is right; as many seeds as `other` has
  /// @param other likewise, of the training that is taken away
  /// @throws IllegalArgumentException where seeds or clusters are not as many
  public static Estimate difference(
      int[] labels, List<boolean[]> one, List<boolean[]> other, Bootstrap bootstrap) {
    if (one.size() != other.size() || one.isEmpty()) {
      throw new IllegalArgumentException(one.size() + " and " + other.size() + " seeds");
    }
    int seeds = one.size();
    int classes = 1 + Arrays.stream(labels).max().orElse(-1);
    double[] counts = new double[classes];
    for (int label : labels) {
      counts[label]++;
    }
    double occur = Arrays.stream(counts).filter(count -> count > 0).count();
    // What a cluster adds to the sum over the seeds, a whole number: equal predictions give 0.
    int[] gains = new int[labels.length];
    double[] bySeed = new double[seeds];
    for (int s = 0; s < seeds; s++) {
      boolean[] ours = one.get(s);
      boolean[] theirs = other.get(s);
      if (ours.length != labels.length || theirs.length != labels.length) {
        throw new IllegalArgumentException(
            ours.length + ", " + theirs.length + " and " + labels.length + " clusters");
      }
      int[] gain = new int[labels.length];
      Arrays.setAll(gain, i -> (ours[i] ? 1 : 0) - (theirs[i] ? 1 : 0));
      IntStream.range(0, gain.length).forEach(i -> gains[i] += gain[i]);
      bySeed[s] = mean(gain, ones(labels.length), labels, counts, occur);
    }
    Estimate clusters =
        bootstrap.estimate(labels, weights -> mean(gains, weights, labels, counts, occur) / seeds);
    return widened(clusters, bySeed, bootstrap.level());
  }

  private static int[] ones(int count) {
    int[] ones = new int[count];
    Arrays.fill(ones, 1);
    return ones;
  }

  private static double mean(
      int[] gains, int[] weights, int[] labels, double[] counts, double occur) {
    long[] sums = new long[counts.length];
    for (int i = 0; i < gains.length; i++) {
      sums[labels[i]] += (long) weights[i] * gains[i];
    }
    double mean = 0;
    for (int c = 0; c < sums.length; c++) {
      mean += counts[c] > 0 ? sums[c] / counts[c] : 0;
    }
    return mean / occur;
  }

  private static Estimate widened(Estimate clusters, double[] seeds, double level) {
    if (seeds.length < 2) {
      return clusters;
    }
    double mean = Samples.mean(seeds);
    double squares = Arrays.stream(seeds).map(v -> (v - mean) * (v - mean)).sum();
    double error = Math.sqrt(squares / (seeds.length - 1) / seeds.length);
    double half = StudentT.halfWidth(seeds.length - 1, level) * error;
    double value = clusters.value();
    return new Estimate(
        value,
        value - Math.hypot(value - clusters.low(), half),
        value + Math.hypot(clusters.high() - value, half));
  }
}
