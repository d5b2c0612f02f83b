package org.pixelwake.training.analysis;

import de.bwaldvogel.liblinear.Feature;
import de.bwaldvogel.liblinear.FeatureNode;
import de.bwaldvogel.liblinear.Linear;
import de.bwaldvogel.liblinear.Parameter;
import de.bwaldvogel.liblinear.Problem;
import de.bwaldvogel.liblinear.SolverType;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Logistic regression on standardised features, whose regularisation is chosen by
/// cross-validation. It is fitted by LIBLINEAR (R.-E. Fan, K.-W. Chang, C.-J. Hsieh, X.-R. Wang,
/// C.-J. Lin, J. Mach. Learn. Res. 9 (2008) 1871), a Newton method that draws nothing by chance.
///
/// Of the coefficients w and the intercept b of a class that minimise
///
///     strength / 2 |w|^2 + sum over points of weight log(1 + exp(-y (w x + b)))
///
/// follows the score w x + b, where y is 1 for points of the class and -1 for others, and weights
/// let all classes count the same. With two classes there is one such fit; with more there is one
/// for each class against all others, and the probabilities are made to add up to 1.
///
/// The same points and seed give the same bits, with any number of threads. It takes about 30 bytes
/// of memory for each feature of each point.
public final class LogisticProbe implements ClassProbe {
  /// Strengths that are tried, strongest first: 10^4 to 10^-3 by half decades.
  private static final int STRENGTHS = 15;

  /// Strengths in a row that make it no better, after which weaker ones are not tried: they take
  /// longest.
  private static final int PATIENCE = 3;

  private static final int FOLDS = 5;

  /// Points that the strength is chosen by, at most. As a weight of what is likely before anything
  /// is seen it does not depend on their number.
  private static final int MOST_VALIDATED = 5000;

  /// Norm of the gradient at the end, as a share of that at the start.
  private static final double TOLERANCE = 1e-5;

  /// The tolerance while the strength is chosen, whose losses it changes in the fourth digit. With
  /// the finer one a choice among features that nearly repeat each other takes three times as long.
  private static final double CHOOSING_TOLERANCE = 1e-4;

  static {
    // It prints every step otherwise, for the whole process.
    Linear.disableDebugOutput();
  }

  private final Standardiser standardiser;
  private final int classes;
  private final double strength;

  // Of each fit those of the features, then the intercept.
  private final double[][] coefficients;

  private LogisticProbe(
      Standardiser standardiser, int classes, double strength, double[][] coefficients) {
    this.standardiser = standardiser;
    this.classes = classes;
    this.strength = strength;
    this.coefficients = coefficients;
  }

  /// Fits it with the strength whose log loss is least for points that were left out, each class
  /// counting the same: by 5 folds, or as many as the smallest class has points, of 5000 points at
  /// most.
  ///
  /// @param points (points, features), finite
  /// @param labels classes from 0 to `classes` - 1, each with 2 points at least
  /// @param seed of the folds and of which points these are, where there are more
  /// @throws IllegalArgumentException where sizes do not fit or a value is not finite
  public static LogisticProbe fit(float[][] points, int[] labels, int classes, long seed) {
    LabelledPoints.check(points, labels, classes);
    int[] some =
        Arrays.stream(LabelledPoints.order(labels, classes, seed, 0))
            .limit(MOST_VALIDATED)
            .toArray();
    int[] someLabels = LabelledPoints.labels(labels, some);
    int smallest = Arrays.stream(LabelledPoints.counts(someLabels, classes)).min().orElse(2);
    int folds = Math.min(FOLDS, smallest);
    int[] fold = folds(someLabels, classes, folds);
    float[][] somePoints = LabelledPoints.points(points, some);
    Fold[] parts =
        IntStream.range(0, folds)
            .mapToObj(f -> new Fold(somePoints, someLabels, classes, fold, f))
            .toArray(Fold[]::new);
    double best = strength(0);
    double least = Double.POSITIVE_INFINITY;
    int worse = 0;
    for (int s = 0; s < STRENGTHS && worse < PATIENCE; s++) {
      double tried = strength(s);
      // In an order that does not depend on the threads.
      double[] losses =
          IntStream.range(0, folds).parallel().mapToDouble(f -> parts[f].loss(tried)).toArray();
      double loss = Arrays.stream(losses).sum();
      worse++;
      if (loss < least) {
        least = loss;
        best = tried;
        worse = 0;
      }
    }
    return fit(points, labels, classes, best);
  }

  /// Fits it with a given strength.
  ///
  /// @param strength above 0
  public static LogisticProbe fit(float[][] points, int[] labels, int classes, double strength) {
    LabelledPoints.check(points, labels, classes);
    double[] weights = LabelledPoints.weights(labels, classes);
    if (!(strength > 0 && strength < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("strength of a regularisation is " + strength);
    }
    Standardiser standardiser = new Standardiser(points);
    Feature[][] rows = features(standardiser, points);
    double[][] coefficients =
        IntStream.range(0, classes == 2 ? 1 : classes)
            .parallel()
            .mapToObj(c ->
                coefficients(
                    rows, standardiser.count(), labels, weights, c, strength, TOLERANCE, null))
            .toArray(double[][]::new);
    return new LogisticProbe(standardiser, classes, strength, coefficients);
  }

  private static double strength(int s) {
    return Math.pow(10, 4 - 0.5 * s);
  }

  // The fold of each point, whose order is by chance: as many of each class in every one, but for
  // one.
  private static int[] folds(int[] labels, int classes, int folds) {
    int[] next = new int[classes];
    return Arrays.stream(labels).map(label -> next[label]++ % folds).toArray();
  }

  /// Points to learn from and points left out.
  private static final class Fold {
    private final int[] labels;
    private final int classes;
    private final double[] weights;
    private final Standardiser standardiser;
    private final Feature[][] rows;
    private final float[][] left;
    private final int[] leftLabels;
    private final double[] @Nullable [] last;

    Fold(float[][] points, int[] labels, int classes, int[] fold, int out) {
      int[] train = IntStream.range(0, fold.length).filter(i -> fold[i] != out).toArray();
      int[] test = IntStream.range(0, fold.length).filter(i -> fold[i] == out).toArray();
      float[][] learned = LabelledPoints.points(points, train);
      this.classes = classes;
      this.labels = LabelledPoints.labels(labels, train);
      weights = LabelledPoints.weights(this.labels, classes);
      standardiser = new Standardiser(learned);
      rows = features(standardiser, learned);
      left = LabelledPoints.points(points, test);
      leftLabels = LabelledPoints.labels(labels, test);
      last = new double[classes == 2 ? 1 : classes][];
    }

    /// Weighted log loss of the points left out; the fit begins where the one before ended.
    double loss(double strength) {
      double[][] fitted = new double[last.length][];
      for (int c = 0; c < fitted.length; c++) {
        fitted[c] =
            coefficients(
                rows,
                standardiser.count(),
                labels,
                weights,
                c,
                strength,
                CHOOSING_TOLERANCE,
                last[c]);
        last[c] = fitted[c];
      }
      LogisticProbe probe = new LogisticProbe(standardiser, classes, strength, fitted);
      double loss = 0;
      for (int i = 0; i < left.length; i++) {
        double[] logs = probe.logarithms(standardiser.of(left[i]));
        loss -= weights[leftLabels[i]] * logs[leftLabels[i]];
      }
      return loss;
    }
  }

  private static Feature[][] features(Standardiser standardiser, float[][] points) {
    int count = standardiser.count();
    // The intercept is that of a feature that is 1 everywhere.
    Feature one = new FeatureNode(count + 1, 1);
    Feature[][] rows = new Feature[points.length][];
    for (int i = 0; i < rows.length; i++) {
      float[] values = standardiser.of(points[i]);
      rows[i] = new Feature[count + 1];
      for (int k = 0; k < count; k++) {
        rows[i][k] = new FeatureNode(k + 1, values[k]);
      }
      rows[i][count] = one;
    }
    return rows;
  }

  // Of two classes the second is told from the first.
  private static double[] coefficients(
      Feature[][] rows,
      int features,
      int[] labels,
      double[] weights,
      int fit,
      double strength,
      double tolerance,
      double @Nullable [] start) {
    int classes = weights.length;
    int own = classes == 2 ? 1 : fit;
    Problem problem = new Problem();
    problem.l = rows.length;
    problem.n = features + 1;
    problem.bias = 1;
    problem.x = rows;
    problem.y = new double[rows.length];
    int others = 0;
    for (int i = 0; i < rows.length; i++) {
      problem.y[i] = labels[i] == own ? 1 : -1;
      others += labels[i] == own ? 0 : 1;
    }
    Parameter parameter = new Parameter(SolverType.L2R_LR, 1 / strength, tolerance);
    parameter.setRegularizeBias(false);
    double other = (double) rows.length * (classes - 1) / classes / others;
    parameter.setWeights(new double[] {weights[own], other}, new int[] {1, -1});
    parameter.setInitSol(start);
    // It takes 1 for the first class where the labels are 1 and -1, in whatever order they come.
    return Linear.train(problem, parameter).getFeatureWeights();
  }

  // Logarithms of the probabilities; none underflows.
  private double[] logarithms(float[] point) {
    double[] logs = new double[classes];
    for (int f = 0; f < coefficients.length; f++) {
      double[] w = coefficients[f];
      double score = w[point.length];
      for (int k = 0; k < point.length; k++) {
        score += w[k] * point[k];
      }
      if (classes == 2) {
        logs[0] = logSigmoid(-score);
        logs[1] = logSigmoid(score);
        return logs;
      }
      logs[f] = logSigmoid(score);
    }
    double largest = Arrays.stream(logs).max().orElse(0);
    double sum = 0;
    for (double log : logs) {
      sum += Math.exp(log - largest);
    }
    double all = largest + Math.log(sum);
    Arrays.setAll(logs, c -> logs[c] - all);
    return logs;
  }

  private static double logSigmoid(double z) {
    return Math.min(z, 0) - Math.log1p(Math.exp(-Math.abs(z)));
  }

  @Override
  public float[][] probabilities(float[][] points) {
    float[][] probabilities = new float[points.length][classes];
    IntStream.range(0, points.length)
        .parallel()
        .forEach(i -> {
          double[] logs = logarithms(standardiser.of(points[i]));
          for (int c = 0; c < classes; c++) {
            probabilities[i][c] = (float) Math.exp(logs[c]);
          }
        });
    return probabilities;
  }

  @Override
  public double chosen() {
    return strength;
  }

  /// Coefficients of the standardised features that vary, then the intercept: of class 1 where
  /// there are two, else of each class.
  double[][] coefficients() {
    return coefficients;
  }
}
