package org.pixelwake.training.metrics;

import java.util.Arrays;

/// How often clusters of a class are taken for each class.
///
/// @param counts (true class, predicted class)
public record ConfusionCounts(long[][] counts) {
  public ConfusionCounts {
    for (long[] row : counts) {
      if (row.length != counts.length) {
        throw new IllegalArgumentException("a confusion matrix is square");
      }
    }
  }

  /// Of all clusters, each once.
  public static ConfusionCounts of(Predictions predictions) {
    long[][] counts = new long[predictions.classes()][predictions.classes()];
    for (int i = 0; i < predictions.count(); i++) {
      counts[predictions.label(i)][predictions.predicted(i)]++;
    }
    return new ConfusionCounts(counts);
  }

  /// Number of classes.
  public int classes() {
    return counts.length;
  }

  /// Clusters of a true class.
  public long count(int label) {
    return Arrays.stream(counts[label]).sum();
  }

  /// Share of all clusters that are right.
  public double accuracy() {
    long right = 0;
    long all = 0;
    for (int c = 0; c < classes(); c++) {
      right += counts[c][c];
      all += count(c);
    }
    return ratio(right, all);
  }

  /// Mean recall of the classes that occur (K. H. Brodersen et al., "The balanced accuracy and its
  /// posterior distribution", ICPR 2010).
  public double balancedAccuracy() {
    double sum = 0;
    int occur = 0;
    for (int c = 0; c < classes(); c++) {
      double recall = recall(c);
      if (!Double.isNaN(recall)) {
        sum += recall;
        occur++;
      }
    }
    return occur == 0 ? Double.NaN : sum / occur;
  }

  /// Share of the clusters of a class that are found; NaN for a class without clusters.
  public double recall(int label) {
    return ratio(counts[label][label], count(label));
  }

  /// Share of the clusters taken for a class that are of it; NaN where none is taken for it.
  public double precision(int label) {
    return ratio(counts[label][label], Arrays.stream(counts).mapToLong(row -> row[label]).sum());
  }

  private static double ratio(long part, long whole) {
    return whole == 0 ? Double.NaN : (double) part / whole;
  }
}
