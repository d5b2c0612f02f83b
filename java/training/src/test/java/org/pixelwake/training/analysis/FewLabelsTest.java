package org.pixelwake.training.analysis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.pixelwake.base.Progress;
import org.pixelwake.training.analysis.FewLabels.Features;
import org.pixelwake.training.analysis.FewLabels.Learner;
import org.pixelwake.training.analysis.FewLabels.Options;
import org.pixelwake.training.analysis.FewLabels.Score;
import org.pixelwake.training.analysis.FewLabels.Told;
import org.pixelwake.training.analysis.LogisticProbeTest.Data;
import org.pixelwake.training.metrics.Bootstrap;
import org.pixelwake.training.metrics.Classification;
import org.pixelwake.training.metrics.Predictions;

class FewLabelsTest {
  private static final Bootstrap BOOTSTRAP = new Bootstrap(200, 0.95, 1);

  @Test
  void drawsAreBalancedAndNested() {
    int[] labels = IntStream.range(0, 1000).map(i -> i % 10 < 6 ? 0 : i % 10 < 9 ? 1 : 2).toArray();
    assertEquals(300, FewLabels.most(labels, 3));
    int[] few = FewLabels.draw(labels, 3, 50, 7, 0);
    int[] more = FewLabels.draw(labels, 3, 300, 7, 0);
    assertArrayEquals(few, Arrays.copyOf(more, 50));
    assertArrayEquals(new int[] {17, 17, 16}, counts(labels, few));
    assertArrayEquals(new int[] {100, 100, 100}, counts(labels, more));
    assertEquals(300, Arrays.stream(more).distinct().count());
    assertArrayEquals(few, FewLabels.draw(labels, 3, 50, 7, 0));
    assertNotEquals(Arrays.toString(few), Arrays.toString(FewLabels.draw(labels, 3, 50, 7, 1)));
    assertNotEquals(Arrays.toString(few), Arrays.toString(FewLabels.draw(labels, 3, 50, 8, 0)));
    int[] all = FewLabels.draw(labels, 3, FewLabels.ALL, 7, 0);
    assertArrayEquals(IntStream.range(0, 1000).toArray(), Arrays.stream(all).sorted().toArray());
    for (int count : new int[] {303, 5000}) {
      assertThrows(IllegalArgumentException.class, () -> FewLabels.draw(labels, 3, count, 7, 0));
    }
  }

  private static int[] counts(int[] labels, int[] rows) {
    int[] counts = new int[3];
    Arrays.stream(rows).forEach(row -> counts[labels[row]]++);
    return counts;
  }

  @Test
  void scoresAreThoseOfThePredictions() {
    int[] labels = IntStream.range(0, 400).map(i -> i % 2).toArray();
    int[] test = IntStream.range(0, 300).map(i -> i % 3 == 0 ? 1 : 0).toArray();
    Map<String, Learner> learners = new LinkedHashMap<>();
    learners.put("right", (rows, seed, progress) -> new Told(told(test, 0), 5));
    learners.put("constant", (rows, seed, progress) -> new Told(told(new int[300], 0), 1));
    learners.put(
        "partly", (rows, seed, progress) -> new Told(told(test, rows[0] % 7 + 2), rows[0]));
    Options options = new Options(List.of(10, 50, FewLabels.ALL), 3, 4, BOOTSTRAP);
    List<Score> scores = FewLabels.of(learners, labels, test, 2, options, Progress.NONE);
    assertEquals(9, scores.size());
    assertEquals(List.of(10, 50, 400), scores.subList(0, 3).stream().map(Score::labels).toList());
    assertTrue(scores.get(2).all() && !scores.get(1).all());
    assertEquals(1, scores.get(0).balancedAccuracy().low());
    assertEquals(0.5, scores.get(3).balancedAccuracy().mean());
    assertEquals(0.5, scores.get(3).balancedAccuracy().high());
    Score partly = scores.get(6);
    assertEquals(3, partly.draws().size());
    double sum = 0;
    for (int d = 0; d < 3; d++) {
      int first = FewLabels.draw(labels, 2, 10, 4, d)[0];
      assertEquals(first, partly.chosen().get(d));
      Predictions predictions = Predictions.of(test, told(test, first % 7 + 2));
      double wanted = Classification.of(predictions, Bootstrap.NONE).balancedAccuracy().value();
      assertEquals(wanted, partly.draws().get(d), 1e-12);
      sum += wanted;
    }
    assertEquals(sum / 3, partly.balancedAccuracy().mean(), 1e-12);
    assertTrue(
        partly.balancedAccuracy().low() < sum / 3 && partly.balancedAccuracy().high() > sum / 3);
    assertEquals(1, scores.get(8).draws().size(), "all labels are drawn once");
  }

  // Every `wrong`-th cluster is taken for another class.
  private static float[][] told(int[] classes, int wrong) {
    float[][] told = new float[classes.length][2];
    for (int i = 0; i < told.length; i++) {
      int c = wrong > 0 && i % wrong == 0 ? 1 - classes[i] : classes[i];
      told[i][c] = 1;
    }
    return told;
  }

  @Test
  void moreLabelsTellMore() {
    Data train = Data.noisy(3000, 30, 3, 1);
    Data test = Data.noisy(5000, 30, 3, 2);
    Features features = new Features(train.points(), train.labels(), test.points(), 3);
    Map<String, Learner> learners = new LinkedHashMap<>();
    learners.put("logistic", features.logistic());
    learners.put("neighbours", features.neighbours());
    Options options = new Options(List.of(30, 300, FewLabels.ALL), 3, 1, BOOTSTRAP);
    List<Score> scores =
        FewLabels.of(learners, train.labels(), test.labels(), 3, options, Progress.NONE);
    for (int at : new int[] {0, 3}) {
      double few = scores.get(at).balancedAccuracy().mean();
      double more = scores.get(at + 1).balancedAccuracy().mean();
      double all = scores.get(at + 2).balancedAccuracy().mean();
      assertTrue(few > 0.38 && few < more && more < all, scores::toString);
      assertTrue(scores.get(at).balancedAccuracy().deviation() > 0);
      assertEquals(0.026, width(scores.get(at + 2)), 0.008, "binomial, of 5000 clusters");
    }
    assertEquals(
        scores, FewLabels.of(learners, train.labels(), test.labels(), 3, options, Progress.NONE));
    assertThrows(
        CancellationException.class,
        () ->
            FewLabels.of(
                learners,
                train.labels(),
                test.labels(),
                3,
                options,
                (done, total, unit, note) -> {
                  assertEquals(14, total);
                  if (done > 3) {
                    throw new CancellationException();
                  }
                }));
  }

  private static double width(Score score) {
    return score.balancedAccuracy().high() - score.balancedAccuracy().low();
  }
}
