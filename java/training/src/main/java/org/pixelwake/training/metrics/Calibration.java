package org.pixelwake.training.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Whether a model is right as often as it says: accuracy against the probability of the class it
/// takes a cluster for, in bins of equal width (C. Guo et al., "On calibration of modern neural
/// networks", ICML 2017).
///
/// @param bins all bins from 0 to 1, the empty ones too
/// @param expectedError expected calibration error: |accuracy - confidence| of the bins, weighted
///   by their clusters
public record Calibration(List<Bin> bins, double expectedError) {
  /// Number of bins of the paper.
  public static final int BINS = 15;

  public Calibration {
    bins = List.copyOf(bins);
  }

  /// Clusters of like confidence.
  ///
  /// @param lower least confidence of the bin
  /// @param upper greatest
  /// @param count clusters in it
  /// @param confidence their mean confidence; NaN for none
  /// @param accuracy share of them that are right; NaN for none
  public record Bin(double lower, double upper, long count, double confidence, double accuracy) {}

  /// Calibration in the given number of bins.
  public static Calibration of(Predictions predictions, int bins) {
    Bins binned = new Bins(predictions, bins);
    int[] weights = new int[predictions.count()];
    Arrays.fill(weights, 1);
    double error = binned.error(weights);
    List<Bin> list = new ArrayList<>();
    for (int b = 0; b < bins; b++) {
      double n = binned.counts[b];
      list.add(
          new Bin(
              (double) b / bins,
              (double) (b + 1) / bins,
              binned.counts[b],
              n == 0 ? Double.NaN : binned.confidences[b] / n,
              n == 0 ? Double.NaN : binned.right[b] / n));
    }
    return new Calibration(list, error);
  }

  /// Bin and confidence of every cluster, found once for all resamples.
  static final class Bins {
    private final int[] bin;
    private final double[] confidence;
    private final boolean[] correct;
    private final long[] counts;
    private final long[] right;
    private final double[] confidences;

    Bins(Predictions predictions, int bins) {
      if (bins < 1) {
        throw new IllegalArgumentException(bins + " bins");
      }
      int n = predictions.count();
      bin = new int[n];
      confidence = new double[n];
      correct = new boolean[n];
      counts = new long[bins];
      right = new long[bins];
      confidences = new double[bins];
      for (int i = 0; i < n; i++) {
        confidence[i] = Math.min(1, predictions.probability(i, predictions.predicted(i)));
        bin[i] = Math.min(bins - 1, (int) (confidence[i] * bins));
        correct[i] = predictions.correct(i);
      }
    }

    /// Expected calibration error of weighted clusters.
    double error(int[] weights) {
      Arrays.fill(counts, 0);
      Arrays.fill(right, 0);
      Arrays.fill(confidences, 0);
      long all = 0;
      for (int i = 0; i < weights.length; i++) {
        int weight = weights[i];
        counts[bin[i]] += weight;
        right[bin[i]] += correct[i] ? weight : 0;
        confidences[bin[i]] += weight * confidence[i];
        all += weight;
      }
      double error = 0;
      for (int b = 0; b < counts.length; b++) {
        error += Math.abs(right[b] - confidences[b]);
      }
      return error / all;
    }
  }
}
