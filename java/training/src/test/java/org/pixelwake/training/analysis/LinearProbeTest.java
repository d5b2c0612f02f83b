package org.pixelwake.training.analysis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LinearProbeTest {
  @Test
  void quantitiesInTheFeaturesAreFoundOthersNot() {
    float[][] points = PcaTest.gaussian(500, 30, 1);
    for (float[] point : points) {
      // Scales differ, and one feature is the same for all.
      point[0] *= 1000;
      point[29] = 7;
    }
    Random random = new Random(2);
    Map<String, double[][]> quantities = new LinkedHashMap<>();
    float[][] ranks = FeatureRanks.of(points);
    quantities.put("told", of(values(ranks, p -> 3 + p[0] / 1000.0 - 2 * p[3])));
    // Half of the variance is noise: that of ranks is a third.
    quantities.put("half", of(values(ranks, p -> p[1] + random.nextGaussian() / Math.sqrt(3))));
    quantities.put("noise", of(values(points, p -> random.nextGaussian())));
    List<LinearProbe> probes = LinearProbe.of(points, quantities, 5, 3);
    assertEquals(
        List.of("told", "half", "noise"), probes.stream().map(LinearProbe::quantity).toList());
    // Ranks among four fifths of the points are not quite those among all.
    assertEquals(1, probes.get(0).mean(), 1e-3);
    assertEquals(0.5, probes.get(1).mean(), 0.1);
    assertTrue(probes.get(2).mean() < 0.02 && probes.get(2).mean() > -0.1);
    assertTrue(probes.get(1).sd() > 0 && probes.get(1).sd() < 0.15);
    assertEquals(5, probes.get(1).folds().length);
    // Nothing to tell: the ridge is strong.
    assertTrue(probes.get(2).strengths()[0] > 100 * probes.get(0).strengths()[0]);
  }

  @Test
  void aPointFarFromAllOthersDoesNotDecide() {
    float[][] points = PcaTest.gaussian(500, 6, 11);
    for (float[] point : points) {
      point[5] *= 1e-3f; // nearly the same for all but one
    }
    Map<String, double[][]> quantities = Map.of("told", of(values(points, p -> p[1] + p[2])));
    points[100][5] = 1000;
    points[101][4] = -1e4f;
    assertTrue(LinearProbe.of(points, quantities, 5, 3).getFirst().mean() > 0.9);
  }

  @Test
  void moreFeaturesThanPoints() {
    float[][] hidden = PcaTest.gaussian(120, 4, 5);
    float[][] mix = PcaTest.gaussian(4, 400, 6);
    float[][] points = PcaTest.gaussian(120, 400, 7);
    for (int i = 0; i < 120; i++) {
      for (int k = 0; k < 400; k++) {
        for (int c = 0; c < 4; c++) {
          points[i][k] += 2 * hidden[i][c] * mix[c][k];
        }
      }
    }
    Map<String, double[][]> quantities = new LinkedHashMap<>();
    quantities.put("hidden", of(values(hidden, p -> p[2])));
    Random random = new Random(8);
    quantities.put("noise", of(values(hidden, p -> random.nextGaussian())));
    List<LinearProbe> probes = LinearProbe.of(points, quantities, 4, 1);
    assertTrue(probes.get(0).mean() > 0.97, probes::toString);
    assertTrue(probes.get(1).mean() < 0.1, probes::toString);
  }

  @Test
  void eitherDecompositionGivesTheRidgeOfTheNormalEquations() {
    // 5 features of 6 points by products of features; 5 of 4 by products of points.
    float[][] points = PcaTest.gaussian(6, 5, 11);
    double[] targets = {1, -2, 0.5, 3, 1, 2};
    for (int count : new int[] {6, 4}) {
      int[] rows = java.util.stream.IntStream.range(0, count).toArray();
      double[] some = Arrays.copyOf(targets, count);
      FeatureRanks ranks = FeatureRanks.among(points, rows);
      Ridge ridge = new Ridge(points, rows);
      Ridge.Line line = ridge.fit(some);
      // Gradient of the squared error and of the ridge, whose strength is in mean eigenvalues.
      double trace = 0;
      for (int row : rows) {
        for (float rank : ranks.of(points[row])) {
          trace += rank * rank;
        }
      }
      double lambda = line.strength() * trace / Math.min(5, count);
      double mean = Arrays.stream(some).average().orElseThrow();
      assertEquals(mean, line.intercept(), 1e-12);
      for (int k = 0; k < 5; k++) {
        double gradient = lambda * line.coefficients()[k];
        for (int i = 0; i < count; i++) {
          gradient +=
              ranks.of(points[i])[k] * (Ridge.predict(line, ridge.ranks(points[i])) - some[i]);
        }
        assertEquals(0, gradient, 1e-6);
      }
    }
  }

  @Test
  void unknownValuesAreLeftOut() {
    float[][] points = PcaTest.gaussian(1000, 3, 1);
    double[] some = values(FeatureRanks.of(points), p -> p[0]);
    Arrays.fill(some, 0, 400, Double.NaN);
    Map<String, double[][]> quantities = new LinkedHashMap<>();
    quantities.put("some", of(some));
    quantities.put("all", of(values(points, p -> p[1])));
    List<LinearProbe> probes = LinearProbe.of(points, quantities, 3, 1);
    assertEquals(600, probes.get(0).count());
    assertEquals(1000, probes.get(1).count());
    assertTrue(Double.isNaN(probes.get(0).predictions()[0][399]));
    assertEquals(some[400], probes.get(0).predictions()[0][400], 0.1);
    Arrays.fill(some, Double.NaN);
    assertThrows(IllegalArgumentException.class, () -> LinearProbe.of(points, quantities, 3, 1));
  }

  @Test
  void partsOfAnAngleAreScoredTogether() {
    float[][] points = PcaTest.gaussian(400, 3, 4);
    float[][] ranks = FeatureRanks.of(points);
    Random random = new Random(5);
    double[] told = values(ranks, p -> p[0]);
    double[] noise = values(ranks, p -> random.nextGaussian() / Math.sqrt(3));
    Map<String, double[][]> quantities = Map.of("both", new double[][] {told, noise});
    LinearProbe probe = LinearProbe.of(points, quantities, 5, 1).getFirst();
    assertEquals(0.5, probe.mean(), 0.05);
    assertEquals(2, probe.predictions().length);
    noise[7] = Double.NaN;
    assertEquals(399, LinearProbe.of(points, quantities, 5, 1).getFirst().count());
  }

  @Test
  void formsOfTrackQuantities() {
    Map<String, double[][]> all =
        TrackQuantities.of(
            new double[] {45, -135},
            new double[] {},
            new double[] {Math.E, 0},
            new double[] {1, 10},
            new double[] {60, Double.NaN},
            new double[] {0, 180});
    assertEquals(List.of("azimuth", "energy", "size", "theta", "phi"), List.copyOf(all.keySet()));
    assertParts(new double[][] {{0, 0}, {1, 1}}, all.get("azimuth"), "an axis has no direction");
    assertArrayEquals(new double[] {1, Double.NaN}, all.get("energy")[0], 1e-12);
    assertArrayEquals(new double[] {60, Double.NaN}, all.get("theta")[0], 1e-12);
    assertParts(new double[][] {{1, 1}, {0, 0}}, all.get("phi"), "a track has no direction");
  }

  private static void assertParts(double[][] expected, double[][] actual, String message) {
    assertEquals(expected.length, actual.length, message);
    for (int i = 0; i < expected.length; i++) {
      assertArrayEquals(expected[i], actual[i], 1e-12, message);
    }
  }

  private static double[][] of(double[] part) {
    return new double[][] {part};
  }

  private interface Value {
    double of(float[] point);
  }

  private static double[] values(float[][] points, Value value) {
    return Arrays.stream(points).mapToDouble(value::of).toArray();
  }
}
