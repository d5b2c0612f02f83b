package org.pixelwake.training.analysis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class FeatureRanksTest {
  @Test
  void orderIsKeptAndDistanceForgotten() {
    float[][] points = {{1, 5}, {2, 5}, {1e9f, 5}, {-3, 5}};
    float[][] ranks = FeatureRanks.of(points);
    assertArrayEquals(new float[] {-0.25f, 0}, ranks[0]);
    assertArrayEquals(new float[] {0.25f, 0}, ranks[1]);
    assertArrayEquals(new float[] {0.75f, 0}, ranks[2]);
    assertArrayEquals(new float[] {-0.75f, 0}, ranks[3]);
  }

  @Test
  void pointsThatRanksWereNotMadeFrom() {
    float[][] points = {{0}, {-0f}, {2}, {100}};
    FeatureRanks ranks = FeatureRanks.among(points, new int[] {0, 1, 2});
    assertArrayEquals(new float[] {1}, ranks.of(points[3]));
    assertArrayEquals(new float[] {-1}, ranks.of(new float[] {-7}));
    // Between the two zeros, which are equal, and the 2.
    assertArrayEquals(new float[] {1f / 3}, ranks.of(new float[] {1}), 1e-6f);
    assertArrayEquals(new float[] {-1f / 3}, ranks.of(new float[] {0}), 1e-6f);
    assertArrayEquals(new float[] {-1f / 3}, ranks.of(new float[] {-0f}), 1e-6f);
  }
}
