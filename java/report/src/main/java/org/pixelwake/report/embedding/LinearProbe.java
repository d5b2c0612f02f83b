package org.pixelwake.report.embedding;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// How much of a quantity features tell by a straight line (G. Alain, Y. Bengio, "Understanding
/// intermediate layers using linear classifier probes", arXiv:1610.01644): ridge regression, scored
/// on points that it did not learn from.
///
/// Features are scaled and the strength of the ridge chosen inside each fold from the points that
/// are learned from, by generalised cross-validation; it works with more features than points. A
/// point further from the mean than three standard deviations, in the mean of its features, counts
/// as one in the same direction there.
///
/// @param quantity its name
/// @param count points that it is known of
/// @param mean mean over the folds of R2 = 1 - (sum of squared errors) / (sum of squared deviations
///   from the fold's mean): 1 where all is told, 0 or below where nothing is
/// @param sd standard deviation of R2 over the folds
/// @param folds R2 of each fold
/// @param strengths strength of the ridge of each fold, as a share of the mean eigenvalue
/// @param predictions what was said of each point while it was left out; NaN where the quantity is
///   not known
public record LinearProbe(
    String quantity,
    int count,
    double mean,
    double sd,
    double[] folds,
    double[] strengths,
    double[] predictions) {
  private static final int LEAST_TRAINING = 3;

  /// Scores of all quantities, in their order.
  ///
  /// @param points (points, features)
  /// @param quantities values of the points by name, NaN where not known; at least `folds` + 3 are
  /// @param folds number of parts, 2 or more, each of which is left out once
  /// @param seed of the parts
  /// @throws IllegalArgumentException where sizes do not fit
  public static List<LinearProbe> of(
      float[][] points, Map<String, double[]> quantities, int folds, long seed) {
    Points.dimensions(points);
    if (folds < 2) {
      throw new IllegalArgumentException(folds + " folds");
    }
    Map<List<Integer>, List<String>> byKnown = new LinkedHashMap<>();
    quantities.forEach((name, values) -> {
      List<Integer> known = known(name, values, points.length);
      if (known.size() < folds + LEAST_TRAINING) {
        throw new IllegalArgumentException(
            name + " is known of " + known.size() + " points, for " + folds + " folds");
      }
      byKnown.computeIfAbsent(known, rows -> new ArrayList<>()).add(name);
    });
    Map<String, LinearProbe> probes = new LinkedHashMap<>();
    byKnown.forEach((known, names) -> {
      int[] rows = shuffled(known, seed);
      for (LinearProbe probe : probes(points, rows, names, quantities, folds)) {
        probes.put(probe.quantity(), probe);
      }
    });
    return quantities.keySet().stream().map(probes::get).toList();
  }

  private static List<Integer> known(String name, double[] values, int points) {
    if (values.length != points) {
      throw new IllegalArgumentException(
          name + " has " + values.length + " values of " + points + " points");
    }
    return IntStream.range(0, points).filter(i -> Double.isFinite(values[i])).boxed().toList();
  }

  private static int[] shuffled(List<Integer> known, long seed) {
    int[] rows = known.stream().mapToInt(Integer::intValue).toArray();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = rows.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = rows[i];
      rows[i] = rows[j];
      rows[j] = swapped;
    }
    return rows;
  }

  // Quantities that are known of the same points share the decompositions.
  private static List<LinearProbe> probes(
      float[][] points,
      int[] rows,
      List<String> names,
      Map<String, double[]> quantities,
      int folds) {
    int count = names.size();
    double[][] scores = new double[count][folds];
    double[][] strengths = new double[count][folds];
    double[][] predictions = new double[count][points.length];
    for (double[] row : predictions) {
      Arrays.fill(row, Double.NaN);
    }
    for (int fold = 0; fold < folds; fold++) {
      int from = (int) ((long) rows.length * fold / folds);
      int to = (int) ((long) rows.length * (fold + 1) / folds);
      int[] test = Arrays.copyOfRange(rows, from, to);
      int[] train =
          IntStream.range(0, rows.length)
              .filter(i -> i < from || i >= to)
              .map(i -> rows[i])
              .toArray();
      Ridge ridge = new Ridge(points, train);
      for (int q = 0; q < count; q++) {
        double[] values = quantities.getOrDefault(names.get(q), new double[0]);
        Ridge.Line line = ridge.fit(Arrays.stream(train).mapToDouble(i -> values[i]).toArray());
        for (int i : test) {
          predictions[q][i] = ridge.predict(line, points[i]);
        }
        scores[q][fold] = r2(values, predictions[q], test);
        strengths[q][fold] = line.strength();
      }
    }
    List<LinearProbe> probes = new ArrayList<>();
    for (int q = 0; q < count; q++) {
      probes.add(summary(names.get(q), rows.length, scores[q], strengths[q], predictions[q]));
    }
    return probes;
  }

  private static LinearProbe summary(
      String name, int count, double[] scores, double[] strengths, double[] predictions) {
    double mean = Arrays.stream(scores).average().orElse(Double.NaN);
    double squares = Arrays.stream(scores).map(s -> (s - mean) * (s - mean)).sum();
    double sd = Math.sqrt(squares / (scores.length - 1));
    return new LinearProbe(name, count, mean, sd, scores, strengths, predictions);
  }

  private static double r2(double[] values, double[] predictions, int[] rows) {
    double mean = Arrays.stream(rows).mapToDouble(i -> values[i]).average().orElse(Double.NaN);
    double errors = 0;
    double deviations = 0;
    for (int i : rows) {
      errors += (values[i] - predictions[i]) * (values[i] - predictions[i]);
      deviations += (values[i] - mean) * (values[i] - mean);
    }
    return deviations > 0 ? 1 - errors / deviations : Double.NaN;
  }
}
