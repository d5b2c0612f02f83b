package org.pixelwake.training.metrics;

/// Clusters of known class and the probabilities that a model gives them.
public final class Predictions {
  /// How far the probabilities of a cluster may be from adding up to 1: rounding of bf16 networks.
  private static final double TOLERANCE = 0.01;

  private final int classes;
  private final int[] labels;
  private final float[] probabilities;
  private final int[] predicted;

  private Predictions(int[] labels, float[] probabilities, int classes) {
    this.classes = classes;
    this.labels = labels;
    this.probabilities = probabilities;
    this.predicted = new int[labels.length];
    for (int i = 0; i < labels.length; i++) {
      check(i);
      predicted[i] = largest(i);
    }
  }

  /// From probabilities (clusters, classes) row by row.
  ///
  /// @param labels true class of each cluster, from 0 to `classes` - 1
  /// @param probabilities of each class, adding up to 1 within 0.01
  /// @throws IllegalArgumentException where the sizes differ, a label is no class, or values are no
  ///   probabilities
  public static Predictions of(int[] labels, float[] probabilities, int classes) {
    if (classes < 2) {
      throw new IllegalArgumentException(classes + " classes; there must be two or more");
    }
    if (labels.length == 0) {
      throw new IllegalArgumentException("predictions of no clusters");
    }
    if (probabilities.length != (long) labels.length * classes) {
      throw new IllegalArgumentException(
          "%d probabilities of %d clusters and %d classes"
              .formatted(probabilities.length, labels.length, classes));
    }
    return new Predictions(labels.clone(), probabilities.clone(), classes);
  }

  /// Does the same with one array of probabilities a cluster.
  public static Predictions of(int[] labels, float[][] probabilities) {
    int classes = probabilities.length == 0 ? 0 : probabilities[0].length;
    float[] flat = new float[Math.multiplyExact(probabilities.length, classes)];
    for (int i = 0; i < probabilities.length; i++) {
      if (probabilities[i].length != classes) {
        throw new IllegalArgumentException(
            "cluster " + i + " has " + probabilities[i].length + " probabilities, not " + classes);
      }
      System.arraycopy(probabilities[i], 0, flat, i * classes, classes);
    }
    return of(labels, flat, classes);
  }

  private void check(int cluster) {
    if (labels[cluster] < 0 || labels[cluster] >= classes) {
      throw new IllegalArgumentException(
          "label " + labels[cluster] + " of cluster " + cluster + " is none of " + classes);
    }
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      float p = probability(cluster, c);
      if (!(p >= 0 && p <= 1 + TOLERANCE)) {
        throw new IllegalArgumentException(p + " of cluster " + cluster + " is no probability");
      }
      sum += p;
    }
    if (!(Math.abs(sum - 1) <= TOLERANCE)) {
      throw new IllegalArgumentException(
          "the probabilities of cluster " + cluster + " add up to " + sum);
    }
  }

  private int largest(int cluster) {
    int best = 0;
    for (int c = 1; c < classes; c++) {
      if (probability(cluster, c) > probability(cluster, best)) {
        best = c;
      }
    }
    return best;
  }

  /// Number of clusters, at least 1.
  public int count() {
    return labels.length;
  }

  /// Number of classes, at least 2.
  public int classes() {
    return classes;
  }

  /// True class of a cluster.
  public int label(int cluster) {
    return labels[cluster];
  }

  /// Probability of a class.
  public float probability(int cluster, int label) {
    return probabilities[cluster * classes + label];
  }

  /// The most probable class of a cluster; the first of several that are.
  public int predicted(int cluster) {
    return predicted[cluster];
  }

  /// Whether the most probable class is the true one.
  public boolean correct(int cluster) {
    return predicted[cluster] == labels[cluster];
  }
}
