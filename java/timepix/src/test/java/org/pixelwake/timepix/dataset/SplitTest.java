package org.pixelwake.timepix.dataset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.dataset.Split.Parts;
import org.pixelwake.timepix.dataset.Split.Unit;

final class SplitTest {
  /// 10 clusters in each of 400 frames.
  private static ClusterTable table(int count) {
    List<Cluster> clusters = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      clusters.add(DatasetSamples.cluster(i, 1));
    }
    return ClusterTable.of(clusters, 0);
  }

  @Test
  void everyRowIsInOnePartAndTheFractionIsMet() {
    ClusterTable table = table(4000);
    for (Unit unit : new Unit[] {Unit.CLUSTER, Unit.FRAME}) {
      int held = 0;
      for (int seed = 0; seed < 20; seed++) {
        Parts parts = new Split(0.2, unit, seed).of(table);
        int[] all =
            IntStream.concat(Arrays.stream(parts.train()), Arrays.stream(parts.heldOut()))
                .sorted()
                .toArray();
        assertArrayEquals(IntStream.range(0, 4000).toArray(), all);
        held += parts.heldOut().length;
      }
      // 20 x 800 expected; four standard deviations of 8000 frames of 10 clusters are 1431.
      assertEquals(16_000, held, 1431, unit.name());
    }
  }

  @Test
  void framesStayWhole() {
    ClusterTable table = table(4000);
    Parts parts = new Split(0.2, Unit.FRAME, 5).of(table);
    Set<Long> held = new HashSet<>();
    Arrays.stream(parts.heldOut()).forEach(row -> held.add(table.frame(row)));
    for (int row : parts.train()) {
      assertFalse(held.contains(table.frame(row)));
    }
    assertEquals(80, held.size(), 30);
  }

  @Test
  void choiceDependsOnSeedAndRowAlone() {
    Split split = new Split(0.25, Unit.CLUSTER, 9);
    int[] held = split.of(table(1000)).heldOut();
    assertArrayEquals(held, split.of(table(1000)).heldOut());
    int[] more = split.of(table(4000)).heldOut();
    assertArrayEquals(held, Arrays.stream(more).filter(row -> row < 1000).toArray());
    assertFalse(Arrays.equals(held, new Split(0.25, Unit.CLUSTER, 10).of(table(1000)).heldOut()));
    int[] rows = {5, 900, 17, 3};
    Parts parts = new Split(0, Unit.CLUSTER, 9).of(table(1000), rows);
    assertArrayEquals(rows, parts.train());
    assertEquals(0, parts.heldOut().length);
  }

  @Test
  void onePartEmptyIsRefused() {
    InputException e =
        assertThrows(InputException.class, () -> new Split(0.2, Unit.SOURCE, 5).of(table(100)));
    assertTrue(e.getMessage().contains("by source with seed 5"), e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> new Split(1, Unit.CLUSTER, 5));
    assertThrows(IllegalArgumentException.class, () -> new Split(Double.NaN, Unit.CLUSTER, 5));
  }

  @Test
  void blocksAreStretchesOfWholeFrames() {
    // Frames of 10 clusters, so 20 blocks of 200 clusters.
    ClusterTable table = table(4000);
    int[] blocks = Split.blocks(table);
    for (int row = 0; row < 4000; row++) {
      assertEquals(row / 200, blocks[row]);
    }
    Parts parts = new Split(0.2, Unit.BLOCK, 5).of(table);
    assertEquals(800, parts.heldOut().length);
    Set<Integer> held = new HashSet<>();
    Arrays.stream(parts.heldOut()).forEach(row -> held.add(row / 200));
    assertEquals(4, held.size());
    assertTrue(Arrays.stream(parts.train()).noneMatch(row -> held.contains(row / 200)));
    assertFalse(Arrays.equals(parts.heldOut(), new Split(0.2, Unit.BLOCK, 6).of(table).heldOut()));
    // 7 frames: no frame is cut, and the share held out is the nearest that there is.
    ClusterTable few = table(70);
    Parts divided = new Split(0.2, Unit.BLOCK, 5).of(few);
    assertEquals(10, divided.heldOut().length);
    assertEquals(1, Arrays.stream(divided.heldOut()).mapToLong(few::frame).distinct().count());
  }

  @Test
  void withoutFramesBlocksAreCutBetweenClusters() {
    List<Cluster> clusters = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      clusters.add(new Cluster(0, i, new short[1], new short[1], new float[1], new float[1]));
    }
    int[] blocks = Split.blocks(ClusterTable.of(clusters, 3));
    for (int row = 0; row < 100; row++) {
      assertEquals(row / 5, blocks[row]);
    }
  }

  @Test
  void clustersOfAParticleStayTogether() {
    List<Cluster> clusters = new ArrayList<>();
    float nan = Float.NaN;
    for (int i = 0; i < 3000; i++) {
      clusters.add(
          DatasetSamples.cluster(i, 1)
              .withTruth(new Truth(11, nan, nan, nan, nan, nan, nan, nan, i / 3)));
    }
    ClusterTable table = ClusterTable.of(clusters, 0);
    Parts parts = new Split(0.2, Unit.PARTICLE, 5).of(table);
    Set<Integer> held = new HashSet<>();
    Arrays.stream(parts.heldOut()).forEach(row -> held.add(row / 3));
    assertTrue(Arrays.stream(parts.train()).noneMatch(row -> held.contains(row / 3)));
    // Four standard deviations of 1000 particles.
    assertEquals(200, held.size(), 51);
  }
}
