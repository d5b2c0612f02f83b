package org.pixelwake.training.analysis;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pixelwake.base.Progress;
import org.pixelwake.base.Spread;
import org.pixelwake.training.metrics.Bootstrap;
import org.pixelwake.training.metrics.Estimate;
import org.pixelwake.training.metrics.Predictions;

/// How well classes are told after a number of labels: several learners, the same draws of labels
/// for all of them, and the same test clusters.
///
/// Draws have as many clusters of each class (one more of the first ones where the number does not
/// divide), and a draw of fewer labels is within that of more. The same input gives the same bits.
public final class FewLabels {
  /// Number of labels that stands for all that there are. They are drawn once.
  public static final int ALL = 0;

  /// Test clusters that are told between two reports of progress.
  private static final int PART = 4096;

  private FewLabels() {}

  /// Learns from some training clusters to tell all test clusters.
  @FunctionalInterface
  public interface Learner {
    /// Learns and tells.
    ///
    /// @param rows numbers of the training clusters to learn from
    /// @param seed of whatever is drawn by chance
    /// @param progress is told often; what it throws ends the work
    Told learn(int[] rows, long seed, Progress progress);
  }

  /// The classes that a learner gives the test clusters.
  ///
  /// @param probabilities (test clusters, classes)
  /// @param chosen what it chose from the labels, such as the strength of a regularisation; NaN
  ///   where it has nothing to choose
  public record Told(float[][] probabilities, double chosen) {}

  /// Features of the clusters.
  ///
  /// @param train (training clusters, features)
  /// @param labels classes of these, from 0
  /// @param test (test clusters, features)
  /// @param classes number of classes
  public record Features(float[][] train, int[] labels, float[][] test, int classes) {
    /// Returns the learner that is a logistic regression ([LogisticProbe]).
    public Learner logistic() {
      return (rows, seed, progress) -> learn(rows, seed, progress, true);
    }

    /// Returns the learner by nearest neighbours ([NeighbourProbe]).
    public Learner neighbours() {
      return (rows, seed, progress) -> learn(rows, seed, progress, false);
    }

    private Told learn(int[] rows, long seed, Progress progress, boolean logistic) {
      float[][] points = LabelledPoints.points(train, rows);
      int[] own = LabelledPoints.labels(labels, rows);
      ClassProbe probe =
          logistic
              ? LogisticProbe.fit(points, own, classes, seed)
              : NeighbourProbe.fit(points, own, classes, seed);
      float[][] probabilities = new float[test.length][];
      for (int first = 0; first < test.length; first += PART) {
        progress.update(first, test.length, "clusters", "");
        int last = Math.min(first + PART, test.length);
        float[][] part = probe.probabilities(Arrays.copyOfRange(test, first, last));
        System.arraycopy(part, 0, probabilities, first, part.length);
      }
      return new Told(probabilities, probe.chosen());
    }
  }

  /// How to draw and to judge.
  ///
  /// @param counts numbers of labels; [#ALL] for all
  /// @param draws for each number
  /// @param seed of the draws
  /// @param bootstrap over the test clusters
  public record Options(List<Integer> counts, int draws, long seed, Bootstrap bootstrap) {
    public Options {
      counts = List.copyOf(counts);
      if (counts.isEmpty() || counts.stream().anyMatch(count -> count < 0) || draws < 1) {
        throw new IllegalArgumentException(counts + " labels, " + draws + " draws");
      }
    }
  }

  /// How well a learner does with a number of labels.
  ///
  /// @param learner its name
  /// @param labels their number
  /// @param all whether these are all that there are
  /// @param balancedAccuracy mean and standard deviation over the draws of the mean recall of the
  ///   classes, and the interval of the mean by resampling test clusters
  /// @param draws balanced accuracy of each draw
  /// @param chosen what was chosen in each draw; NaN where there is nothing to choose
  public record Score(
      String learner,
      int labels,
      boolean all,
      Spread balancedAccuracy,
      List<Double> draws,
      List<Double> chosen) {}

  /// Returns how many labels can be drawn at most, as many of each class.
  public static int most(int[] labels, int classes) {
    return classes * Arrays.stream(LabelledPoints.counts(labels, classes)).min().orElse(0);
  }

  /// Draws training clusters.
  ///
  /// @param labels classes of all training clusters, from 0
  /// @param count how many; [#ALL] for all
  /// @param draw number of the draw
  /// @return their numbers, in an order in which the classes take turns
  /// @throws IllegalArgumentException where a class has too few
  public static int[] draw(int[] labels, int classes, int count, long seed, int draw) {
    int[] order = LabelledPoints.order(labels, classes, seed, draw);
    int number = count == ALL ? order.length : count;
    if (count != ALL && (count > order.length || unequal(labels, classes, order, count))) {
      throw new IllegalArgumentException(
          count
              + " labels of classes of "
              + Arrays.toString(LabelledPoints.counts(labels, classes)));
    }
    return Arrays.copyOf(order, number);
  }

  private static boolean unequal(int[] labels, int classes, int[] order, int count) {
    int[] drawn = LabelledPoints.labels(labels, Arrays.copyOf(order, count));
    int[] counts = LabelledPoints.counts(drawn, classes);
    return Arrays.stream(counts).min().orElse(0) < count / classes;
  }

  /// Lets learners learn from each draw of each number of labels, and judges them.
  ///
  /// @param learners by name
  /// @param labels classes of the training clusters, from 0
  /// @param test classes of the test clusters
  /// @param progress of each learner's draws
  /// @return scores in the order of the learners, then of the numbers of labels
  /// @throws IllegalArgumentException where a class has too few training clusters
  public static List<Score> of(
      Map<String, Learner> learners,
      int[] labels,
      int[] test,
      int classes,
      Options options,
      Progress progress) {
    Map<Integer, int[][]> drawn = new LinkedHashMap<>();
    for (int count : options.counts) {
      int[][] draws = new int[count == ALL ? 1 : options.draws][];
      Arrays.setAll(draws, d -> draw(labels, classes, count, options.seed, d));
      drawn.put(count, draws);
    }
    long total = learners.size() * drawn.values().stream().mapToLong(d -> d.length).sum();
    List<Series> all = new ArrayList<>();
    int[] done = new int[1];
    learners.forEach((name, learner) ->
        drawn.forEach((count, draws) -> {
          Series series = new Series(name, draws[0].length, count == ALL);
          all.add(series);
          for (int[] rows : draws) {
            long step = done[0]++;
            String note = name + ", " + rows.length + " labels";
            Progress within = (now, of, unit, text) -> progress.update(step, total, "probes", note);
            within.update(0, -1, "", "");
            Told told = learner.learn(rows, options.seed, within);
            series.add(Predictions.of(test, told.probabilities), told.chosen);
          }
        }));
    progress.update(total, total, "probes", "");
    return judged(all, test, classes, options.bootstrap);
  }

  /// The results of a learner after each draw of a number of labels.
  private static final class Series {
    private final String learner;
    private final int labels;
    private final boolean all;
    private final List<boolean[]> correct = new ArrayList<>();
    private final List<Double> chosen = new ArrayList<>();

    Series(String learner, int labels, boolean all) {
      this.learner = learner;
      this.labels = labels;
      this.all = all;
    }

    void add(Predictions predictions, double choice) {
      boolean[] right = new boolean[predictions.count()];
      for (int i = 0; i < right.length; i++) {
        right[i] = predictions.correct(i);
      }
      correct.add(right);
      chosen.add(choice);
    }

    double balancedAccuracy(int draw, int[] test, int[] weights, long[] counts) {
      long[] right = new long[counts.length];
      boolean[] own = correct.get(draw);
      for (int i = 0; i < test.length; i++) {
        right[test[i]] += own[i] ? weights[i] : 0;
      }
      double sum = 0;
      int occur = 0;
      for (int c = 0; c < counts.length; c++) {
        if (counts[c] > 0) {
          sum += (double) right[c] / counts[c];
          occur++;
        }
      }
      return sum / occur;
    }

    double mean(int[] test, int[] weights, long[] counts) {
      double sum = 0;
      for (int d = 0; d < correct.size(); d++) {
        sum += balancedAccuracy(d, test, weights, counts);
      }
      return sum / correct.size();
    }
  }

  private static long[] counts(int[] test, int[] weights, int classes) {
    long[] counts = new long[classes];
    for (int i = 0; i < test.length; i++) {
      counts[test[i]] += weights[i];
    }
    return counts;
  }

  // All series on the same resamples.
  private static List<Score> judged(
      List<Series> all, int[] test, int classes, Bootstrap bootstrap) {
    Estimate[] means =
        bootstrap.estimates(
            test.length,
            all.size(),
            (weights, out) -> {
              long[] counts = counts(test, weights, classes);
              Arrays.setAll(out, s -> all.get(s).mean(test, weights, counts));
            });
    int[] once = new int[test.length];
    Arrays.fill(once, 1);
    long[] counts = counts(test, once, classes);
    List<Score> scores = new ArrayList<>();
    for (int s = 0; s < means.length; s++) {
      Series series = all.get(s);
      double[] draws = new double[series.correct.size()];
      Arrays.setAll(draws, d -> series.balancedAccuracy(d, test, once, counts));
      scores.add(
          new Score(
              series.learner,
              series.labels,
              series.all,
              Spread.of(draws).interval(means[s].low(), means[s].high()),
              Arrays.stream(draws).boxed().toList(),
              List.copyOf(series.chosen)));
    }
    return scores;
  }
}
