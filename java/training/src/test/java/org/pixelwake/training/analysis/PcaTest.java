package org.pixelwake.training.analysis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PcaTest {
  @Test
  void directionsOfAnEllipse() {
    // Along (3, 4) / 5 with deviation 10, across it with 1.
    float[][] points = new float[4000][2];
    Random random = new Random(1);
    for (float[] point : points) {
      double along = 10 * random.nextGaussian();
      double across = random.nextGaussian();
      point[0] = (float) (100 + 0.6 * along - 0.8 * across);
      point[1] = (float) (-50 + 0.8 * along + 0.6 * across);
    }
    Pca pca = Pca.fit(points, 2);
    assertArrayEquals(new double[] {0.6, 0.8}, pca.axes()[0], 0.01);
    assertArrayEquals(new double[] {0.8, -0.6}, pca.axes()[1], 0.01);
    assertEquals(100, pca.variances()[0], 5);
    assertEquals(1, pca.variances()[1], 0.05);
    assertEquals(1, pca.explained()[0] + pca.explained()[1], 1e-9);
    float[][] projected = pca.project(new float[][] {{106, -42}});
    assertEquals(10, projected[0][0], 0.5);
    assertEquals(0, projected[0][1], 0.2);
  }

  @Test
  void fewPointsOfManyDimensionsGiveTheSameDistances() {
    float[][] points = gaussian(20, 300, 3);
    float[][] projected = Pca.fit(points, 19).project(points);
    for (int i = 0; i < 20; i++) {
      for (int j = 0; j < i; j++) {
        double real = Points.squaredDistance(points[i], points[j]);
        assertEquals(real, Points.squaredDistance(projected[i], projected[j]), 1e-3 * real);
      }
    }
  }

  @Test
  void pointsThatAreTheSameAreNoTrouble() {
    float[][] two = gaussian(2, 300, 4);
    float[][] points = new float[20][];
    Arrays.setAll(points, i -> two[i % 2]);
    Pca pca = Pca.fit(points, 10);
    assertEquals(1, pca.explained()[0], 1e-9);
    for (int a = 0; a < 10; a++) {
      for (int b = 0; b <= a; b++) {
        double product = 0;
        for (int k = 0; k < 300; k++) {
          product += pca.axes()[a][k] * pca.axes()[b][k];
        }
        assertEquals(a == b ? 1 : 0, product, 1e-9);
      }
    }
  }

  @Test
  void manyDimensionsByIterationAsExactly() {
    // Six strong directions among 600: found by iteration, and among the first 500 exactly.
    float[][] weak = gaussian(700, 600, 5);
    float[][] strong = gaussian(700, 6, 6);
    float[][] directions = gaussian(6, 600, 7);
    float[][] points = new float[700][600];
    for (int i = 0; i < 700; i++) {
      for (int k = 0; k < 600; k++) {
        double sum = 0.1 * weak[i][k];
        for (int c = 0; c < 6; c++) {
          sum += (10 - c) * strong[i][c] * directions[c][k];
        }
        points[i][k] = (float) sum;
      }
    }
    Pca iterated = Pca.fit(points, 6);
    // The same points turned into fewer dimensions by the exact method on their inner products.
    float[][] first = Arrays.copyOf(points, 500);
    Pca exact = Pca.fit(first, 6);
    double along = 0;
    for (int c = 0; c < 6; c++) {
      double captured = 0;
      for (int d = 0; d < 6; d++) {
        double product = 0;
        for (int k = 0; k < 600; k++) {
          product += iterated.axes()[c][k] * exact.axes()[d][k];
        }
        captured += product * product;
      }
      along += captured / 6;
    }
    // Both span the six directions.
    assertEquals(1, along, 1e-3);
    double[] explained = iterated.explained();
    assertTrue(Arrays.stream(explained).sum() > 0.99, () -> Arrays.toString(explained));
    for (int c = 1; c < 6; c++) {
      assertTrue(explained[c] <= explained[c - 1]);
    }
  }

  @Test
  void whatCannotBeReducedIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Pca.fit(gaussian(3, 4, 1), 4));
    assertThrows(IllegalArgumentException.class, () -> Pca.fit(new float[0][], 1));
    assertThrows(
        IllegalArgumentException.class, () -> Pca.fit(new float[][] {{1, Float.NaN}, {1, 2}}, 1));
    assertThrows(IllegalArgumentException.class, () -> Pca.fit(new float[][] {{1, 2}, {1}}, 1));
  }

  static float[][] gaussian(int count, int dimensions, long seed) {
    Random random = new Random(seed);
    float[][] points = new float[count][dimensions];
    for (float[] point : points) {
      for (int k = 0; k < dimensions; k++) {
        point[k] = (float) random.nextGaussian();
      }
    }
    return points;
  }
}
