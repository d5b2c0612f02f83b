package org.pixelwake.training.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("It measures a time.")
class ClassificationTest {
  private static final double EXACT = 1e-12;

  // Three classes; the first two clusters of class 2 are tied at the top.
  private static final Predictions SIX =
      Predictions.of(
          new int[] {0, 0, 1, 1, 1, 2},
          new float[][] {
            {0.75f, 0.25f, 0},
            {0.25f, 0.5f, 0.25f},
            {0.125f, 0.625f, 0.25f},
            {0.25f, 0.25f, 0.5f},
            {0, 1, 0},
            {0.5f, 0, 0.5f},
          });

  @Test
  void figuresOfSixClustersByHand() {
    Classification all = Classification.of(SIX, Bootstrap.NONE);
    // Predicted: 0, 1, 1, 2, 1 and, tied, 0.
    assertArrayEquals(new long[][] {{1, 1, 0}, {0, 2, 1}, {1, 0, 0}}, all.confusion().counts());
    assertEquals(3.0 / 6, all.accuracy().value(), EXACT);
    assertEquals((1.0 / 2 + 2.0 / 3 + 0) / 3, all.balancedAccuracy().value(), EXACT);
    assertEquals(1.0 / 2, all.perClass().get(0).recall().value(), EXACT);
    assertEquals(1.0 / 2, all.perClass().get(0).precision().value(), EXACT);
    assertEquals(2.0 / 3, all.perClass().get(1).precision().value(), EXACT);
    assertEquals(0, all.perClass().get(2).precision().value(), EXACT);
    assertEquals(3, all.perClass().get(1).count());
    // Class 0: 0.75 and 0.25 against 0.125, 0.25, 0, 0.5: pairs won 4 and 2.5 of 4 each.
    assertEquals((4 + 2.5) / 8, all.perClass().get(0).auc().value(), EXACT);
    // Class 1: 0.625, 0.25, 1 against 0.25, 0.5, 0: won 3, 1.5, 3.
    assertEquals(7.5 / 9, all.perClass().get(1).auc().value(), EXACT);
    // Class 2: 0.5 against 0, 0.25, 0.25, 0.5, 0: won 4.5.
    assertEquals(4.5 / 5, all.perClass().get(2).auc().value(), EXACT);
    assertEquals((6.5 / 8 + 7.5 / 9 + 4.5 / 5) / 3, all.auc().value(), EXACT);
    double brier = 0.125 + (0.5625 + 0.25 + 0.0625) + (0.015625 + 0.140625 + 0.0625);
    brier += (0.0625 + 0.5625 + 0.25) + 0 + 0.5;
    assertEquals(brier / 6, all.brier().value(), EXACT);
    double log = Math.log(0.75) + Math.log(0.25) + Math.log(0.625) + Math.log(0.25) + Math.log(0.5);
    assertEquals(-log / 6, all.logLoss().value(), EXACT);
    assertTrue(Double.isNaN(all.accuracy().low()));
  }

  @Test
  void calibrationErrorOfSixClustersByHand() {
    Calibration calibration = Calibration.of(SIX, 4);
    // Confidences 0.75, 0.5, 0.625, 0.5, 1, 0.5; right the first, third and fifth.
    Calibration.Bin third = calibration.bins().get(2);
    assertEquals(4, third.count());
    assertEquals(2.125 / 4, third.confidence(), EXACT);
    assertEquals(1.0 / 4, third.accuracy(), EXACT);
    assertEquals(0, calibration.bins().get(0).count());
    assertTrue(Double.isNaN(calibration.bins().get(0).accuracy()));
    assertEquals((1.125 + 0.25) / 6, calibration.expectedError(), EXACT);
  }

  @Test
  void missingClassesAreNotDefinedAndDoNotCount() {
    Predictions two =
        Predictions.of(new int[] {0, 0, 1}, new float[] {1, 0, 0, 0, 1, 0, 0, 1, 0}, 3);
    Classification all = Classification.of(two, new Bootstrap(200, 0.9, 4));
    assertTrue(Double.isNaN(all.perClass().get(2).recall().value()));
    assertTrue(Double.isNaN(all.perClass().get(2).precision().value()));
    assertTrue(Double.isNaN(all.perClass().get(2).auc().value()));
    assertEquals(0.75, all.balancedAccuracy().value(), EXACT);
    // Classes 0 and 1: each 0.75.
    assertEquals(0.75, all.auc().value(), EXACT);
    assertTrue(all.auc().low() <= all.auc().high());
  }

  @Test
  void areaIsThatOfTheCurveAndOfAllPairs() {
    Predictions some = binary(400, 3, 20);
    RocCurve curve = RocCurve.of(some, 1);
    double won = 0;
    long pairs = 0;
    for (int i = 0; i < some.count(); i++) {
      for (int j = 0; j < some.count(); j++) {
        if (some.label(i) == 1 && some.label(j) == 0) {
          int order = Float.compare(some.probability(i, 1), some.probability(j, 1));
          won += order > 0 ? 1 : order == 0 ? 0.5 : 0;
          pairs++;
        }
      }
    }
    assertEquals(won / pairs, curve.area(), EXACT);
    assertEquals(won / pairs, Classification.of(some, Bootstrap.NONE).auc().value(), EXACT);
    assertEquals(0, curve.falsePositiveRate()[0]);
    int last = curve.threshold().length - 1;
    assertEquals(1, curve.truePositiveRate()[last]);
    assertEquals(1, curve.falsePositiveRate()[last]);
    // 21 scores may occur, and the point before them.
    assertTrue(curve.threshold().length <= 22);
    RocCurve thin = RocCurve.of(binary(4000, 3, 1 << 20), 1).thinned(50);
    assertTrue(thin.threshold().length <= 50 && thin.threshold().length > 40);
    assertEquals(1, thin.truePositiveRate()[thin.threshold().length - 1]);
    assertEquals(RocCurve.of(binary(4000, 3, 1 << 20), 1).area(), thin.area(), 0.005);
  }

  @Test
  void accuracyIntervalIsThatOfABinomialDistribution() {
    Predictions some = binary(2000, 5, 1000);
    Classification all = Classification.of(some, new Bootstrap(4000, 0.95, 7));
    double p = all.accuracy().value();
    double expected = 1.96 * Math.sqrt(p * (1 - p) / 2000);
    assertEquals(p - expected, all.accuracy().low(), 0.1 * expected);
    assertEquals(p + expected, all.accuracy().high(), 0.1 * expected);
    // Hanley & McNeil's standard error of the area.
    double a = all.auc().value();
    double q1 = a / (2 - a);
    double q2 = 2 * a * a / (1 + a);
    double n = all.perClass().get(1).count();
    double m = all.perClass().get(0).count();
    double error = (a * (1 - a) + (n - 1) * (q1 - a * a) + (m - 1) * (q2 - a * a)) / (n * m);
    double width = all.auc().high() - all.auc().low();
    assertEquals(2 * 1.96 * Math.sqrt(error), width, 0.2 * width);
    assertTrue(all.logLoss().low() < all.logLoss().value());
    assertTrue(all.logLoss().high() > all.logLoss().value());
  }

  @Test
  void sameSeedSameIntervals() {
    Predictions some = binary(300, 9, 100);
    Classification one = Classification.of(some, new Bootstrap(100, 0.95, 3));
    Classification again = Classification.of(some, new Bootstrap(100, 0.95, 3));
    Classification other = Classification.of(some, new Bootstrap(100, 0.95, 4));
    assertEquals(one.brier(), again.brier());
    assertEquals(one.perClass(), again.perClass());
    assertTrue(one.brier().low() != other.brier().low());
  }

  @Test
  void thousandResamplesOfTwentyThousandClustersAreQuick() {
    Predictions some = binary(20_000, 2, 1 << 20);
    long from = System.nanoTime();
    Classification all = Classification.of(some, Bootstrap.DEFAULT);
    double seconds = (System.nanoTime() - from) / 1e9;
    System.out.printf("1000 resamples of 20,000 clusters: %.2f s%n", seconds);
    assertTrue(all.accuracy().high() - all.accuracy().low() < 0.02);
    assertTrue(seconds < 20, () -> seconds + " s");
  }

  @Test
  void balancedAccuracyAloneIsThatOfAll() {
    Predictions some = binary(400, 5, 300);
    assertEquals(balanced(some), Classification.balancedAccuracy(some, Bootstrap.DEFAULT));
  }

  @Test
  void differenceOnTheSameClustersIsNarrowerThanEach() {
    Predictions one = binary(1000, 11, 1000);
    // The same but for 20 clusters that are right in one and turned in the other.
    int[] labels = new int[1000];
    float[][] probabilities = new float[1000][];
    int turned = 0;
    for (int i = 0; i < 1000; i++) {
      labels[i] = one.label(i);
      float p = one.probability(i, 1);
      boolean turn = one.correct(i) && turned < 20;
      turned += turn ? 1 : 0;
      probabilities[i] = turn ? new float[] {p, 1 - p} : new float[] {1 - p, p};
    }
    Predictions other = Predictions.of(labels, probabilities);
    Estimate difference = SeedMean.difference(labels, right(one), right(other), Bootstrap.DEFAULT);
    double expected = balanced(one).value() - balanced(other).value();
    assertEquals(0.02, expected, 0.002);
    assertEquals(expected, difference.value(), EXACT);
    assertTrue(difference.low() > 0.01, difference::toString);
    assertTrue(difference.high() - difference.low() < 0.02, difference::toString);
    assertTrue(balanced(one).high() - balanced(one).low() > 0.03, "each alone is wider");
  }

  private static Estimate balanced(Predictions predictions) {
    return Classification.of(predictions, Bootstrap.DEFAULT).balancedAccuracy();
  }

  private static List<boolean[]> right(Predictions predictions) {
    boolean[] right = new boolean[predictions.count()];
    for (int i = 0; i < right.length; i++) {
      right[i] = predictions.correct(i);
    }
    return List.of(right);
  }

  @Test
  void accuracyInBinsOfACovariate() {
    double[] hits = {1, 2, 3, 4, 7, 8};
    double[] edges = AccuracyBin.exponentialEdges(hits, 2);
    assertArrayEquals(new double[] {1, 2, 4, 8, 16}, edges, EXACT);
    List<AccuracyBin> bins = AccuracyBin.of(SIX, hits, edges, new Bootstrap(500, 0.95, 1));
    assertEquals(List.of(1L, 2L, 2L, 1L), bins.stream().map(AccuracyBin::count).toList());
    // Right are the clusters of 1, 3 and 7 hits.
    assertEquals(1, bins.get(0).accuracy().value(), EXACT);
    assertEquals(0.5, bins.get(1).accuracy().value(), EXACT);
    assertEquals(0.5, bins.get(2).accuracy().value(), EXACT);
    assertEquals(0, bins.get(3).accuracy().value(), EXACT);
    assertEquals(1, bins.get(0).accuracy().low(), EXACT);
    // Wilson's interval of one of one: 1 / (1 + z^2) to 1.
    assertEquals(1 / (1 + 1.959964 * 1.959964), bins.get(0).score().low(), 1e-6);
    double[] angles = AccuracyBin.evenEdges(0, 90, 3);
    List<AccuracyBin> byAngle =
        AccuracyBin.of(SIX, new double[] {0, 30, 90, 91, Double.NaN, -1}, angles, Bootstrap.NONE);
    assertEquals(List.of(1L, 1L, 1L), byAngle.stream().map(AccuracyBin::count).toList());
  }

  @Test
  void whatIsNoPredictionIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> Predictions.of(new int[] {2}, new float[][] {{0.5f, 0.5f}}));
    assertThrows(
        IllegalArgumentException.class,
        () -> Predictions.of(new int[] {0}, new float[][] {{0.5f, 0.2f}}));
    assertThrows(
        IllegalArgumentException.class,
        () -> Predictions.of(new int[] {0}, new float[][] {{Float.NaN, 1}}));
    assertThrows(
        IllegalArgumentException.class,
        () -> Predictions.of(new int[] {0, 1}, new float[][] {{0, 1}, {0, 0, 1}}));
    assertThrows(IllegalArgumentException.class, () -> Predictions.of(new int[0], new float[0][]));
  }

  // Classes whose scores overlap, on a scale of so many steps.
  private static Predictions binary(int count, long seed, int steps) {
    Random random = new Random(seed);
    int[] labels = new int[count];
    float[][] probabilities = new float[count][];
    for (int i = 0; i < count; i++) {
      labels[i] = random.nextDouble() < 0.4 ? 1 : 0;
      double score = 1 / (1 + Math.exp(-random.nextGaussian() - (labels[i] == 1 ? 0.8 : -0.8)));
      float p = (float) (Math.rint(score * steps) / steps);
      probabilities[i] = new float[] {1 - p, p};
    }
    return Predictions.of(labels, probabilities);
  }
}
