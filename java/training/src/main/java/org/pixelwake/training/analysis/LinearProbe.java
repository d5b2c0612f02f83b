package org.pixelwake.training.analysis;

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
/// Features enter by their ranks ([FeatureRanks]), and the strength of the ridge is chosen inside
/// each fold, both from the points that are learned from alone; it works with more features than
/// points.
///
/// @param quantity its name
/// @param count points that it is known of
/// @param mean mean over the folds of R2 = 1 - (sum of squared errors) / (sum of squared deviations
///   from the fold's mean), over all parts of the quantity: 1 where all is told, 0 or below where
///   nothing is
/// @param sd standard deviation of R2 over the folds
/// @param folds R2 of each fold
/// @param strengths strength of the ridge of each fold for the first part, as a share of the mean
///   eigenvalue
/// @param predictions what was said of each point while it was left out (parts, points); NaN where
///   the quantity is not known
public record LinearProbe(
    String quantity,
    int count,
    double mean,
    double sd,
    double[] folds,
    double[] strengths,
    double[][] predictions) {
  private static final int LEAST_TRAINING = 3;

  /// Scores of all quantities, in their order.
  ///
  /// @param points (points, features)
  /// @param quantities by name (parts, points): of one part, or of several that are told together,
  ///   such as cosine and sine of an angle; NaN where not known; at least `folds` + 3 are
  /// @param folds number of parts, 2 or more, each of which is left out once
  /// @param seed of the parts
  /// @throws IllegalArgumentException where sizes do not fit
  public static List<LinearProbe> of(
      float[][] points, Map<String, double[][]> quantities, int folds, long seed) {
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

  private static List<Integer> known(String name, double[][] parts, int points) {
    for (double[] values : parts) {
      if (values.length != points) {
        throw new IllegalArgumentException(
            name + " has " + values.length + " values of " + points + " points");
      }
    }
    return IntStream.range(0, points)
        .filter(i -> Arrays.stream(parts).allMatch(values -> Double.isFinite(values[i])))
        .boxed()
        .toList();
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
      Map<String, double[][]> quantities,
      int folds) {
    int count = names.size();
    double[][] scores = new double[count][folds];
    double[][] strengths = new double[count][folds];
    double[][][] predictions = new double[count][][];
    for (int q = 0; q < count; q++) {
      predictions[q] = new double[parts(quantities, names, q).length][points.length];
      for (double[] part : predictions[q]) {
        Arrays.fill(part, Double.NaN);
      }
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
      float[][] ranked =
          Arrays.stream(test).mapToObj(i -> ridge.ranks(points[i])).toArray(float[][]::new);
      for (int q = 0; q < count; q++) {
        double[][] parts = parts(quantities, names, q);
        for (int p = 0; p < parts.length; p++) {
          double[] values = parts[p];
          Ridge.Line line = ridge.fit(Arrays.stream(train).mapToDouble(i -> values[i]).toArray());
          for (int i = 0; i < test.length; i++) {
            predictions[q][p][test[i]] = Ridge.predict(line, ranked[i]);
          }
          if (p == 0) {
            strengths[q][fold] = line.strength();
          }
        }
        scores[q][fold] = r2(parts, predictions[q], test);
      }
    }
    return IntStream.range(0, count)
        .mapToObj(q -> summary(names.get(q), rows.length, scores[q], strengths[q], predictions[q]))
        .toList();
  }

  private static double[][] parts(Map<String, double[][]> quantities, List<String> names, int q) {
    return quantities.getOrDefault(names.get(q), new double[0][]);
  }

  private static LinearProbe summary(
      String name, int count, double[] scores, double[] strengths, double[][] predictions) {
    double mean = Arrays.stream(scores).average().orElse(Double.NaN);
    double squares = Arrays.stream(scores).map(s -> (s - mean) * (s - mean)).sum();
    double sd = Math.sqrt(squares / (scores.length - 1));
    return new LinearProbe(name, count, mean, sd, scores, strengths, predictions);
  }

  private static double r2(double[][] parts, double[][] predictions, int[] rows) {
    double errors = 0;
    double deviations = 0;
    for (int p = 0; p < parts.length; p++) {
      double[] values = parts[p];
      double mean = Arrays.stream(rows).mapToDouble(i -> values[i]).average().orElse(Double.NaN);
      for (int i : rows) {
        double error = values[i] - predictions[p][i];
        errors += error * error;
        deviations += (values[i] - mean) * (values[i] - mean);
      }
    }
    return deviations > 0 ? 1 - errors / deviations : Double.NaN;
  }
}
