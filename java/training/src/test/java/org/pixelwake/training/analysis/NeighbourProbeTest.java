package org.pixelwake.training.analysis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.pixelwake.training.analysis.LogisticProbeTest.Data;

class NeighbourProbeTest {
  /// Two groups far apart: one neighbour is enough, and its vote and a shared one are told.
  @Test
  void groupsApartNeedOneNeighbour() {
    float[][] points = {{0}, {1}, {2}, {10}, {11}, {12}};
    int[] labels = {0, 0, 0, 1, 1, 1};
    NeighbourProbe probe = NeighbourProbe.fit(points, labels, 2, 1);
    float[][] told = probe.probabilities(new float[][] {{1.4f}, {9}, {100}});
    // With 3 neighbours a point left out would have one of the other group among them.
    assertEquals(1, probe.chosen());
    assertEquals(0.75, told[0][0], 1e-6);
    assertEquals(0.75, told[1][1], 1e-6);
    assertEquals(0.75, told[2][1], 1e-6);
  }

  /// Where half of the labels were drawn by chance, many neighbours are asked; where classes
  /// alternate closely, few.
  @Test
  void theNumberFollowsTheNoise() {
    Random random = new Random(3);
    float[][] points = new float[1500][2];
    int[] noisy = new int[points.length];
    int[] stripes = new int[points.length];
    for (int i = 0; i < points.length; i++) {
      points[i][0] = random.nextFloat();
      points[i][1] = random.nextFloat();
      noisy[i] = random.nextBoolean() ? random.nextInt(2) : points[i][0] > 0.5f ? 1 : 0;
      stripes[i] = (int) (points[i][0] * 16) % 2;
    }
    double many = NeighbourProbe.fit(points, noisy, 2, 1).chosen();
    double few = NeighbourProbe.fit(points, stripes, 2, 1).chosen();
    assertTrue(many >= 21, "of noisy labels " + many);
    assertTrue(few <= 7, "of stripes " + few);
  }

  /// Against the distances sorted in full, with more features than are added up at once.
  @Test
  void neighboursAreTheNearest() {
    float[][] known = PcaTest.gaussian(300, 75, 1);
    float[][] points = PcaTest.gaussian(40, 75, 2);
    known[17] = known[250].clone();
    points[3] = known[17].clone();
    Neighbours found = Neighbours.among(known, points, 9);
    Neighbours others = Neighbours.of(known, new int[] {250, 4}, 9);
    for (int i = 0; i < points.length; i++) {
      assertNearest(known, points[i], -1, found.index()[i]);
    }
    assertNearest(known, known[250], 250, others.index()[0]);
    assertNearest(known, known[4], 4, others.index()[1]);
    assertEquals(17, found.index()[3][0]);
    assertEquals(0, found.distance()[3][1]);
  }

  private static void assertNearest(float[][] known, float[] point, int itself, int[] found) {
    int[] wanted =
        IntStream.range(0, known.length)
            .filter(j -> j != itself)
            .boxed()
            .sorted(Comparator.comparingDouble(j -> distance(known[j], point)))
            .limit(found.length)
            .mapToInt(Integer::intValue)
            .toArray();
    assertArrayEquals(wanted, found);
  }

  private static double distance(float[] a, float[] b) {
    return IntStream.range(0, a.length).mapToDouble(k -> Math.pow((double) a[k] - b[k], 2)).sum();
  }

  /// A class of a twentieth of the points wins where half of what is near would be its own in equal
  /// shares.
  @Test
  void classesOfUnequalSizeCountTheSame() {
    Random random = new Random(6);
    float[][] points = new float[4000][1];
    int[] labels = new int[points.length];
    for (int i = 0; i < points.length; i++) {
      labels[i] = i % 20 == 0 ? 1 : 0;
      points[i][0] = (float) (random.nextGaussian() + 3 * labels[i]);
    }
    NeighbourProbe probe = NeighbourProbe.fit(points, labels, 2, 1);
    float[][] told = probe.probabilities(new float[][] {{0.5f}, {2.5f}});
    assertTrue(told[0][0] > 0.7 && told[1][1] > 0.7, Arrays.deepToString(told));
  }

  @Test
  void anyNumberOfThreadsGivesTheSameBits() {
    Data data = Data.noisy(500, 8, 3, 12);
    try (ForkJoinPool one = new ForkJoinPool(1);
        ForkJoinPool five = new ForkJoinPool(5)) {
      assertArrayEquals(one.submit(() -> told(data)).join(), five.submit(() -> told(data)).join());
    }
  }

  private static float[][] told(Data data) {
    return NeighbourProbe.fit(data.points(), data.labels(), 3, 1).probabilities(data.points());
  }

  @Test
  void whatCannotBeFittedIsRefused() {
    Data data = Data.noisy(20, 2, 2, 1);
    assertThrows(
        IllegalArgumentException.class, () -> NeighbourProbe.fit(data.points(), new int[20], 2, 1));
    data.points()[3][1] = Float.POSITIVE_INFINITY;
    assertThrows(
        IllegalArgumentException.class,
        () -> NeighbourProbe.fit(data.points(), data.labels(), 2, 1));
  }
}
