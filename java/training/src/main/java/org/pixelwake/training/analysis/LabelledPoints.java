package org.pixelwake.training.analysis;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.pixelwake.base.Philox;

/// What probes of classes need of the labels of points, classes from 0.
final class LabelledPoints {
  /// "turns" in ASCII: keeps these draws apart from others of the same seed.
  private static final long STREAM = 0x7475726e73L << 16;

  private LabelledPoints() {}

  /// Checks points that a probe learns from.
  ///
  /// @throws IllegalArgumentException where points and labels do not fit, a value is not finite, or
  ///   a class has not 2 points at least
  static void check(float[][] points, int[] labels, int classes) {
    if (points.length != labels.length || classes < 2) {
      throw new IllegalArgumentException(
          points.length + " points, " + labels.length + " labels, " + classes + " classes");
    }
    Points.dimensions(points);
    int[] counts = counts(labels, classes);
    if (Arrays.stream(counts).anyMatch(count -> count < 2)) {
      throw new IllegalArgumentException(
          "classes of " + Arrays.toString(counts) + " points: each needs 2 for cross-validation");
    }
  }

  /// Number of points of each class.
  ///
  /// @throws IllegalArgumentException where a label is no class
  static int[] counts(int[] labels, int classes) {
    int[] counts = new int[classes];
    for (int label : labels) {
      if (label < 0 || label >= classes) {
        throw new IllegalArgumentException("label " + label + " is none of " + classes);
      }
      counts[label]++;
    }
    return counts;
  }

  /// Weights of the classes with which all count the same; their mean over the points is 1.
  static double[] weights(int[] labels, int classes) {
    return Arrays.stream(counts(labels, classes))
        .mapToDouble(count -> (double) labels.length / classes / count)
        .toArray();
  }

  /// Numbers of all points in an order in which the classes take turns for as long as they have
  /// points, drawn by chance within a class: its first points are as many of each class.
  ///
  /// @param draw number of the draw; each is another order
  static int[] order(int[] labels, int classes, long seed, int draw) {
    int[] turns = new int[labels.length];
    int[] next = counts(labels, classes);
    Arrays.fill(next, 0);
    IntStream.range(0, labels.length)
        .boxed()
        .sorted(Comparator.comparingLong(i -> Philox.bits(seed, STREAM + draw, i)))
        .forEach(i -> turns[i] = next[labels[i]]++);
    return IntStream.range(0, labels.length)
        .boxed()
        .sorted(Comparator.<Integer>comparingInt(i -> turns[i]).thenComparingInt(i -> labels[i]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /// The given points of several.
  static float[][] points(float[][] points, int[] rows) {
    return Arrays.stream(rows).mapToObj(row -> points[row]).toArray(float[][]::new);
  }

  /// Labels of the given points.
  static int[] labels(int[] labels, int[] rows) {
    return Arrays.stream(rows).map(row -> labels[row]).toArray();
  }
}
