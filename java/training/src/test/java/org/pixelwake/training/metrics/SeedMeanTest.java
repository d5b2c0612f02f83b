package org.pixelwake.training.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SeedMeanTest {
  private static final double EXACT = 1e-12;

  @ParameterizedTest
  @CsvSource({
    "1, 0.95, 12.7062",
    "2, 0.95, 4.30265",
    "3, 0.95, 3.18245",
    "9, 0.95, 2.26216",
    "2, 0.99, 9.92484",
    "1000, 0.95, 1.96234"
  })
  void quantilesAreThoseOfTheTables(int freedom, double level, double expected) {
    assertEquals(expected, StudentT.halfWidth(freedom, level), 1e-5 * expected);
  }

  @Test
  void equalPredictionsDifferByNothing() {
    int[] labels = labels(500);
    Random random = new Random(1);
    List<boolean[]> seeds = new ArrayList<>();
    for (int s = 0; s < 3; s++) {
      seeds.add(drawn(random, labels, 0.9, 0.7));
    }
    Estimate difference = SeedMean.difference(labels, seeds, seeds, Bootstrap.DEFAULT);
    assertEquals(new Estimate(0, 0, 0), difference);
  }

  @Test
  void classesCountTheSame() {
    // 3 of 4 clusters of the first class and none of the 2 of the second are won.
    int[] labels = {0, 0, 0, 0, 1, 1};
    boolean[] one = {true, true, true, false, true, false};
    boolean[] other = {false, false, false, false, true, false};
    Estimate difference =
        SeedMean.difference(labels, List.of(one), List.of(other), Bootstrap.DEFAULT);
    assertEquals(0.375, difference.value(), EXACT);
    // Within a class at least none and at most all of its clusters are drawn.
    assertTrue(difference.low() >= 0 && difference.high() <= 0.5, difference::toString);
    assertEquals(
        -0.375,
        SeedMean.difference(labels, List.of(other), List.of(one), Bootstrap.DEFAULT).value(),
        EXACT);
  }

  @Test
  void seedsThatDifferWidenTheInterval() {
    List<Estimate> same =
        List.of(
            new Estimate(0.9, 0.89, 0.92),
            new Estimate(0.9, 0.89, 0.92),
            new Estimate(0.9, 0.89, 0.92));
    Estimate mean = SeedMean.of(same, 0.95);
    assertEquals(0.89, mean.low(), EXACT);
    assertEquals(0.92, mean.high(), EXACT);
    List<Estimate> apart =
        List.of(
            new Estimate(0.89, 0.88, 0.91),
            new Estimate(0.9, 0.89, 0.92),
            new Estimate(0.91, 0.9, 0.93));
    // A standard deviation of 0.01 over three seeds.
    double half = 4.302653 * 0.01 / Math.sqrt(3);
    Estimate wide = SeedMean.of(apart, 0.95);
    assertEquals(0.9, wide.value(), EXACT);
    assertEquals(0.9 - Math.hypot(0.01, half), wide.low(), 1e-6);
    assertEquals(0.9 + Math.hypot(0.02, half), wide.high(), 1e-6);
    assertEquals(apart.getFirst(), rounded(SeedMean.of(apart.subList(0, 1), 0.95)));
  }

  private static Estimate rounded(Estimate one) {
    return new Estimate(
        Math.round(one.value() * 1e9) / 1e9,
        Math.round(one.low() * 1e9) / 1e9,
        Math.round(one.high() * 1e9) / 1e9);
  }

  /// Two trainings whose true difference is known: seeds shift what each gets right, and clusters
  /// are easy or hard for both.
  ///
  /// @param spread standard deviation of the shift by the seed
  @ParameterizedTest
  @CsvSource({"0", "0.004", "0.02"})
  void intervalsHoldTheTruthAsOftenAsTheySay(double spread) {
    Random random = new Random(7);
    double truth = 0.01;
    int[] labels = labels(900);
    Bootstrap bootstrap = new Bootstrap(150, 0.95, 1);
    int runs = 300;
    int held = 0;
    double clustersAlone = 0;
    for (int run = 0; run < runs; run++) {
      double[] hard = random.doubles(labels.length).toArray();
      List<boolean[]> one = new ArrayList<>();
      List<boolean[]> other = new ArrayList<>();
      for (int s = 0; s < 3; s++) {
        one.add(right(random, hard, 0.86 + truth + spread * random.nextGaussian()));
        other.add(right(random, hard, 0.86 + spread * random.nextGaussian()));
      }
      Estimate found = SeedMean.difference(labels, one, other, bootstrap);
      held += found.low() <= truth && truth <= found.high() ? 1 : 0;
      Estimate single =
          SeedMean.difference(labels, one.subList(0, 1), other.subList(0, 1), bootstrap);
      clustersAlone += single.low() <= truth && truth <= single.high() ? 1.0 / runs : 0;
    }
    double coverage = (double) held / runs;
    // 95 % within three standard errors of 300 runs from below; wide by design from above.
    assertTrue(coverage > 0.912, () -> "coverage " + coverage);
    double alone = clustersAlone;
    if (spread > 0.01) {
      assertTrue(alone < 0.7, () -> "clusters alone leave the seeds out: " + alone);
    }
  }

  // Right where the cluster is easier than the share, with some chance of its own.
  private static boolean[] right(Random random, double[] hard, double share) {
    boolean[] right = new boolean[hard.length];
    for (int i = 0; i < right.length; i++) {
      double own = random.nextDouble() < 0.1 ? random.nextDouble() : hard[i];
      right[i] = own < share;
    }
    return right;
  }

  private static boolean[] drawn(Random random, int[] labels, double first, double second) {
    boolean[] right = new boolean[labels.length];
    for (int i = 0; i < right.length; i++) {
      right[i] = random.nextDouble() < (labels[i] == 0 ? first : second);
    }
    return right;
  }

  private static int[] labels(int count) {
    int[] labels = new int[count];
    Arrays.setAll(labels, i -> i % 3 == 0 ? 1 : 0);
    return labels;
  }

  @Test
  void whatIsNotOfTheSameClustersIsRefused() {
    int[] labels = {0, 1};
    List<boolean[]> two = List.of(new boolean[2]);
    assertThrows(
        IllegalArgumentException.class,
        () -> SeedMean.difference(labels, two, List.of(), Bootstrap.NONE));
    assertThrows(
        IllegalArgumentException.class,
        () -> SeedMean.difference(labels, two, List.of(new boolean[3]), Bootstrap.NONE));
    assertThrows(IllegalArgumentException.class, () -> StudentT.halfWidth(0, 0.95));
  }
}
