package org.pixelwake.timepix.pileup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.ClusterBuilder;

final class FootprintTest {
  private static final double[][] HOOK = {{10, 7, 4}, {11, 7, 5.5}, {12, 8, 6}};
  private static final double[][] PAIR = {{100, 50, 3}, {101, 51, 9.25}};

  private static Cluster at(Footprint hits) {
    return hits.at(0, 0, 0, 0, false, new ClusterBuilder());
  }

  @Test
  void energiesOfSharedPixelsAddUpBeforeTheThreshold() {
    Footprint a = PileUpSamples.footprint(HOOK);
    Footprint b = PileUpSamples.footprint(PAIR);
    assertEquals(15.5, a.energy());
    // The first pixel of the pair on the last of the hook, then on its first.
    Footprint last = a.with(b, 2, 1, 0);
    assertEquals(27.75, last.energy());
    assertArrayEquals(new float[] {4, 5.5f, 9, 9.25f}, at(last).energy());
    Footprint first = a.with(b, 0, 0, 0);
    assertArrayEquals(new float[] {7, 5.5f, 9.25f, 6}, at(first).energy());
    assertEquals(4, first.size());
    assertArrayEquals(new float[] {7, 9.25f, 6}, at(above(first, 5.75)).energy());
    // 4 and 3 keV pass a threshold of 7 keV together only; it lets its own energy pass.
    assertArrayEquals(new float[] {7, 9.25f}, at(above(first, 7)).energy());
    assertEquals(1, above(a, 6).size());
    assertEquals(1, above(a, 6).width());
    assertNull(a.above(6.5));
  }

  private static Footprint above(Footprint hits, double threshold) {
    Footprint above = hits.above(threshold);
    assertNotNull(above);
    return above;
  }

  @Test
  void pixelsAreNeighboursByCornersToo() {
    assertTrue(PileUpSamples.footprint(HOOK).connected());
    assertTrue(PileUpSamples.footprint(PAIR).connected());
    assertFalse(PileUpSamples.footprint(new double[][] {{1, 1, 5}, {1, 3, 5}}).connected());
    assertFalse(PileUpSamples.footprint(new double[][] {{1, 1, 5}, {3, 2, 5}}).connected());
    // The end of one row and the start of the next are no neighbours.
    assertFalse(
        PileUpSamples.footprint(new double[][] {{5, 1, 5}, {0, 2, 5}, {3, 3, 5}}).connected());
  }

  @Test
  void touchingAreAllPlacesThatShareOrNeighbourAPixelAndNoOthers() {
    Footprint a = PileUpSamples.footprint(HOOK);
    Footprint b = PileUpSamples.footprint(PAIR);
    BitSet ways = a.touching(b);
    Set<Long> found = new HashSet<>();
    ways.stream().forEach(way -> found.add(1000L * a.up(b, way) + a.right(b, way)));
    assertEquals(ways.cardinality(), found.size());
    Set<Long> expected = new HashSet<>();
    for (int up = -6; up <= 6; up++) {
      for (int right = -6; right <= 6; right++) {
        if (a.with(b, right, up, 0).connected()) {
          expected.add(1000L * up + right);
        }
      }
    }
    assertEquals(expected, found);
  }

  @Test
  void thereAreEightSymmetriesThatKeepTheHits() {
    Footprint hook = PileUpSamples.footprint(HOOK);
    Set<String> shapes = new HashSet<>();
    for (int s = 0; s < Footprint.SYMMETRIES; s++) {
      Footprint turned = hook.turned(s);
      assertEquals(hook.energy(), turned.energy());
      assertTrue(turned.connected());
      assertEquals(s < 4 ? 3 : 2, turned.width());
      assertEquals(s < 4 ? 2 : 3, turned.height());
      Cluster cluster = at(turned);
      StringBuilder text = new StringBuilder();
      IntStream.range(0, 3)
          .forEach(
              i -> text.append(cluster.x()[i]).append(cluster.y()[i]).append(cluster.energy()[i]));
      shapes.add(text.toString());
    }
    assertEquals(8, shapes.size());
  }

  @Test
  void aSharedPixelAnswersWhenTheFirstChargeComes() {
    Footprint a = PileUpSamples.footprint(HOOK);
    Footprint both = a.with(PileUpSamples.footprint(PAIR), 2, 1, -30);
    Cluster cluster = both.at(40, 50, 3, 1000, true, new ClusterBuilder());
    assertEquals(970, cluster.time());
    assertArrayEquals(new float[] {0, 0, 30, 30}, cluster.toa());
    assertArrayEquals(new float[] {9, 9.25f, 4, 5.5f}, cluster.energy());
    assertArrayEquals(new short[] {42, 43, 40, 41}, cluster.x());
    assertArrayEquals(new short[] {51, 52, 50, 50}, cluster.y());
    assertEquals(3, cluster.frame());
  }
}
