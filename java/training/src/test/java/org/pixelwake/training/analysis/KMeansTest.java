package org.pixelwake.training.analysis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class KMeansTest {
  @Test
  void blobsAreFound() {
    int[] blob = new int[600];
    float[][] points = blobs(blob);
    KMeans groups = KMeans.fit(points, 3, 1);
    assertArrayEquals(new int[] {300, 200, 100}, groups.sizes());
    // Blobs of 300, 200 and 100 points, in this order.
    assertArrayEquals(blob, groups.group());
    for (int g = 0; g < 3; g++) {
      int exemplar = groups.exemplars()[g];
      assertEquals(g, groups.group()[exemplar]);
      double nearest = Points.squaredDistance(points[exemplar], groups.centres()[g]);
      for (int i = 0; i < points.length; i++) {
        if (groups.group()[i] == g) {
          assertTrue(nearest <= Points.squaredDistance(points[i], groups.centres()[g]) + 1e-4);
        }
      }
    }
    // 600 points of 8 dimensions with deviation 1.
    assertEquals(600 * 8, groups.inertia(), 300);
  }

  @Test
  void sameSeedSameGroups() {
    float[][] points = PcaTest.gaussian(500, 5, 9);
    KMeans one = KMeans.fit(points, 12, 4);
    KMeans again = KMeans.fit(points, 12, 4);
    assertArrayEquals(one.group(), again.group());
    assertEquals(one.inertia(), again.inertia());
    assertEquals(500, Arrays.stream(one.sizes()).sum());
    assertTrue(Arrays.stream(one.sizes()).allMatch(size -> size > 0));
  }

  @Test
  void asManyGroupsAsPoints() {
    KMeans groups = KMeans.fit(new float[][] {{1}, {5}, {9}, {2}}, 4, 1);
    assertEquals(0, groups.inertia());
    assertArrayEquals(new int[] {1, 1, 1, 1}, groups.sizes());
    assertThrows(
        IllegalArgumentException.class, () -> KMeans.fit(new float[][] {{1}, {1}, {1}}, 2, 1));
    assertThrows(IllegalArgumentException.class, () -> KMeans.fit(new float[][] {{1}}, 2, 1));
  }

  private static float[][] blobs(int[] blob) {
    float[][] points = PcaTest.gaussian(600, 8, 2);
    for (int i = 0; i < 600; i++) {
      blob[i] = i < 300 ? 0 : i < 500 ? 1 : 2;
      points[i][blob[i]] += 15;
    }
    return points;
  }
}
