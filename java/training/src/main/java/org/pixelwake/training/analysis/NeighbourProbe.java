package org.pixelwake.training.analysis;

import java.util.Arrays;

/// The k nearest neighbours among points of known class, by the distance of standardised features:
/// they tell a class as often as they are of it, each class counting the same. How many neighbours
/// follows from the known points, each told by the others.
///
/// The same points give the same bits, with any number of threads.
public final class NeighbourProbe implements ClassProbe {
  /// Numbers of neighbours that are tried; odd, so that two classes are never even.
  private static final int[] COUNTS = {1, 3, 5, 7, 11, 15, 21, 31, 51, 75, 101};

  /// Points that are told by the others, at most.
  private static final int MOST_VALIDATED = 5000;

  private final Standardiser standardiser;
  private final float[][] known;
  private final int[] labels;
  private final double[] weights;
  private final int count;

  private NeighbourProbe(
      Standardiser standardiser, float[][] known, int[] labels, double[] weights, int count) {
    this.standardiser = standardiser;
    this.known = known;
    this.labels = labels;
    this.weights = weights;
    this.count = count;
  }

  /// Chooses the number of neighbours, from 1 to 101, whose log loss is least where each of 5000
  /// points at most is told by all others, each class counting the same.
  ///
  /// @param points (points, features), finite
  /// @param labels classes from 0 to `classes` - 1, each with 2 points at least
  /// @param seed of which points these are, where there are more
  /// @throws IllegalArgumentException where sizes do not fit or a value is not finite
  public static NeighbourProbe fit(float[][] points, int[] labels, int classes, long seed) {
    LabelledPoints.check(points, labels, classes);
    double[] weights = LabelledPoints.weights(labels, classes);
    Standardiser standardiser = new Standardiser(points);
    float[][] known = standardiser.of(points);
    int most = Math.min(COUNTS[COUNTS.length - 1], points.length - 1);
    int[] told =
        Arrays.stream(LabelledPoints.order(labels, classes, seed, 0))
            .limit(MOST_VALIDATED)
            .toArray();
    int[][] near = Neighbours.of(known, told, most).index();
    int best = 1;
    double least = Double.POSITIVE_INFINITY;
    for (int count : COUNTS) {
      double loss = 0;
      for (int i = 0; i < told.length && count <= most; i++) {
        double probability = without(labels[told[i]], near[i], labels, weights, count);
        loss -= weights[labels[told[i]]] * Math.log(probability);
      }
      if (count <= most && loss < least) {
        least = loss;
        best = count;
      }
    }
    return new NeighbourProbe(standardiser, known, labels.clone(), weights, best);
  }

  // Probability of a point's own class, which has a point less without it and so a larger weight.
  private static double without(int label, int[] near, int[] labels, double[] weights, int count) {
    double[] changed = weights.clone();
    double own = labels.length / (weights.length * weights[label]);
    changed[label] = labels.length / (weights.length * (own - 1));
    return votes(near, labels, changed, count)[label];
  }

  // One vote is shared by all classes, so that none is impossible.
  private static double[] votes(int[] near, int[] labels, double[] weights, int count) {
    double[] votes = new double[weights.length];
    Arrays.fill(votes, 1.0 / weights.length);
    double sum = 1;
    for (int k = 0; k < count; k++) {
      double weight = weights[labels[near[k]]];
      votes[labels[near[k]]] += weight;
      sum += weight;
    }
    for (int c = 0; c < votes.length; c++) {
      votes[c] /= sum;
    }
    return votes;
  }

  @Override
  public float[][] probabilities(float[][] points) {
    int[][] near = Neighbours.among(known, standardiser.of(points), count).index();
    float[][] probabilities = new float[points.length][weights.length];
    for (int i = 0; i < points.length; i++) {
      double[] votes = votes(near[i], labels, weights, count);
      for (int c = 0; c < votes.length; c++) {
        probabilities[i][c] = (float) votes[c];
      }
    }
    return probabilities;
  }

  @Override
  public double chosen() {
    return count;
  }
}
