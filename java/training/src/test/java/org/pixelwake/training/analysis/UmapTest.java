package org.pixelwake.training.analysis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UmapTest {
  private static final UmapOptions QUICK = new UmapOptions(15, 0.1, 200, 5, 32);

  @Test
  void curveIsThatOfUmapLearn() {
    // Values that umap-learn finds for spread 1.
    assertArrayEquals(new double[] {1.577, 0.895}, Umap.curve(0.1), 1e-3);
    assertArrayEquals(new double[] {0.583, 1.334}, Umap.curve(0.5), 1e-3);
    assertArrayEquals(new double[] {1.929, 0.791}, Umap.curve(0.001), 2e-3);
  }

  @Test
  void weightsAddUpAndTheNearestIsCertain() {
    double[] weights = FuzzyGraph.weights(new double[] {0, 1, 1.5, 2, 2.5, 3, 3.5, 4}, 2);
    assertEquals(3, Arrays.stream(weights).sum(), 1e-4);
    assertEquals(1, weights[0]);
    assertEquals(1, weights[1]);
    for (int k = 2; k < 8; k++) {
      assertTrue(weights[k] < weights[k - 1]);
    }
  }

  @Test
  void curvedSheetStaysWholeAndUnrolls() {
    float[][] flat = new float[1500][2];
    float[][] points = sheet(flat);
    float[][] map = Umap.embed(points, QUICK, 1);
    MapQuality quality = MapQuality.of(points, map, 15);
    assertTrue(quality.trustworthiness() > 0.97, quality::toString);
    assertTrue(quality.continuity() > 0.97, quality::toString);
    double along = correlation(flat, map);
    assertTrue(along > 0.8, () -> "distances correlate by " + along);
  }

  @Test
  void blobsStayApart() {
    int n = 900;
    float[][] points = PcaTest.gaussian(n, 40, 4);
    for (int i = 0; i < n; i++) {
      points[i][i % 3] += 20;
    }
    float[][] map = Umap.embed(points, QUICK, 3);
    Neighbours near = Neighbours.of(map, 10);
    for (int i = 0; i < n; i++) {
      for (int j : near.index()[i]) {
        assertEquals(i % 3, j % 3, "neighbours on the map are of one blob");
      }
    }
    KMeans groups = KMeans.fit(map, 3, 1);
    for (int i = 3; i < n; i++) {
      assertEquals(groups.group()[i % 3], groups.group()[i]);
    }
  }

  @Test
  void sameSeedSameMapOtherSeedAnother() {
    float[][] points = PcaTest.gaussian(200, 6, 8);
    float[][] one = Umap.embed(points, QUICK, 5);
    assertArrayEquals(one, Umap.embed(points, QUICK, 5));
    assertNotEquals(one[0][0], Umap.embed(points, QUICK, 6)[0][0]);
  }

  @Test
  void equalPointsAndFewPointsAreMapped() {
    float[][] same = new float[40][3];
    for (float[][] points : new float[][][] {same, {{1}, {2}, {4}}, PcaTest.gaussian(5, 2, 1)}) {
      float[][] map = Umap.embed(points, QUICK, 1);
      assertEquals(points.length, map.length);
      for (float[] at : map) {
        assertTrue(Float.isFinite(at[0]) && Float.isFinite(at[1]), Arrays.toString(at));
      }
    }
    assertThrows(
        IllegalArgumentException.class, () -> Umap.embed(new float[][] {{1}, {2}}, QUICK, 1));
  }

  @Test
  void qualityOfAMapByChanceIsAHalf() {
    float[][] points = PcaTest.gaussian(600, 5, 1);
    MapQuality chance = MapQuality.of(points, PcaTest.gaussian(600, 2, 2), 10);
    assertEquals(0.5, chance.trustworthiness(), 0.03);
    assertEquals(0.5, chance.continuity(), 0.03);
    MapQuality itself = MapQuality.of(points, points, 10);
    assertEquals(new MapQuality(1, 1), itself);
  }

  @Test
  void qualityOfFivePointsByHand() {
    // On a line; on the map the first lies between the last two. Neighbours there, one each, and
    // their ranks on the line: of 0: 3 (3), of 1: 2 (2), of 2: 1 (1), of 3: 0 (4), of 4: 0 (4).
    float[][] points = {{0}, {1}, {2.1f}, {3.3f}, {4.6f}};
    float[][] map = {{3.9f}, {1}, {2.1f}, {3.3f}, {5}};
    double expected = 1 - 2.0 * (2 + 1 + 0 + 3 + 3) / (5 * 1 * (10 - 3 - 1));
    assertEquals(expected, MapQuality.of(points, map, 1).trustworthiness(), 1e-12);
  }

  // A sheet bent to three quarters of a circle in 20 dimensions, with a little noise.
  private static float[][] sheet(float[][] flat) {
    Random random = new Random(2);
    float[][] points = PcaTest.gaussian(flat.length, 20, 3);
    for (int i = 0; i < flat.length; i++) {
      double angle = 1.5 * Math.PI * random.nextDouble();
      flat[i][0] = (float) (10 * angle);
      flat[i][1] = 20 * random.nextFloat();
      for (int k = 0; k < 20; k++) {
        points[i][k] *= 0.1f;
      }
      points[i][0] += (float) (10 * Math.cos(angle));
      points[i][1] += (float) (10 * Math.sin(angle));
      points[i][2] += flat[i][1];
    }
    return points;
  }

  private static double correlation(float[][] a, float[][] b) {
    double[] sums = new double[5];
    int count = 0;
    for (int i = 0; i < a.length; i += 3) {
      for (int j = 0; j < i; j += 3) {
        double x = Math.sqrt(Points.squaredDistance(a[i], a[j]));
        double y = Math.sqrt(Points.squaredDistance(b[i], b[j]));
        sums[0] += x;
        sums[1] += y;
        sums[2] += x * x;
        sums[3] += y * y;
        sums[4] += x * y;
        count++;
      }
    }
    double n = count;
    double xy = sums[4] / n - sums[0] / n * sums[1] / n;
    double xx = sums[2] / n - Math.pow(sums[0] / n, 2);
    double yy = sums[3] / n - Math.pow(sums[1] / n, 2);
    return xy / Math.sqrt(xx * yy);
  }
}
