package org.pixelwake.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.pixelwake.engine.op.Loss;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.dataset.ClusterTable;

class HitHidingTest {
  private static final int SIDE = 7;
  private static final float SCALE = 100;
  private static final float THRESHOLD = 24;

  // A block of hits whose energies name them.
  private static final ClusterTable TABLE = ClusterTable.of(List.of(block(), single()), 0);

  private static Cluster block() {
    int size = SIDE * SIDE;
    short[] x = new short[size];
    short[] y = new short[size];
    float[] energy = new float[size];
    float[] toa = new float[size];
    for (int i = 0; i < size; i++) {
      // Not in order.
      int at = i * 10 % size;
      x[i] = (short) (20 + at % SIDE);
      y[i] = (short) (30 + at / SIDE);
      energy[i] = 1 + at;
      toa[i] = at;
    }
    return new Cluster(0, 0, x, y, energy, toa);
  }

  private static Cluster single() {
    return new Cluster(0, 0, new short[] {9}, new short[] {9}, new float[] {5}, new float[] {0});
  }

  // A hit as it comes out.
  private record Shown(int x, int y, float energy, float toa, float hidden, float[] target) {}

  private static List<Shown> shown(HitHiding hiding, int row, long step) {
    try (Arena arena = Arena.ofConfined()) {
      int room = SIDE * SIDE;
      MemorySegment target = arena.allocate(4L * room * Loss.HIT_HEADS);
      HitHiding.Buffers b =
          new HitHiding.Buffers(
              arena.allocate(2L * room),
              arena.allocate(2L * room),
              arena.allocate(4L * room),
              arena.allocate(4L * room),
              arena.allocate(4L * room),
              target);
      int count = hiding.copy(TABLE, row, step, b, 0);
      List<Shown> all = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        float[] asked = new float[Loss.HIT_HEADS];
        for (int k = 0; k < asked.length; k++) {
          asked[k] = target.getAtIndex(ValueLayout.JAVA_FLOAT, (long) i * Loss.HIT_HEADS + k);
        }
        all.add(
            new Shown(
                b.x().getAtIndex(ValueLayout.JAVA_SHORT, i),
                b.y().getAtIndex(ValueLayout.JAVA_SHORT, i),
                b.energy().getAtIndex(ValueLayout.JAVA_FLOAT, i),
                b.toa().getAtIndex(ValueLayout.JAVA_FLOAT, i),
                b.hidden().getAtIndex(ValueLayout.JAVA_FLOAT, i),
                asked));
      }
      return all;
    }
  }

  private static HitHiding hiding(double fraction, boolean augment) {
    return new HitHiding(fraction, augment, 4, SCALE, 50, THRESHOLD);
  }

  @Test
  void nothingIsHiddenWithoutAFraction() {
    List<Shown> all = shown(hiding(0, false), 0, 3);
    assertEquals(SIDE * SIDE, all.size());
    for (int i = 0; i < all.size(); i++) {
      Shown hit = all.get(i);
      // By y, then x.
      assertEquals(20 + i % SIDE, hit.x);
      assertEquals(30 + i / SIDE, hit.y);
      assertEquals(1 + i, hit.energy);
      assertEquals(i, hit.toa);
      assertEquals(0, hit.hidden);
      for (int k : new int[] {0, 1, 6, Loss.HIT_HEADS - 1}) {
        assertTrue(Float.isNaN(hit.target[k]), "column " + k);
      }
      // Left of the first column there is no hit, right of it there is one.
      if (hit.x == 20) {
        assertEquals(0, hit.target[2 + 3]);
        assertTrue(Float.isNaN(hit.target[2 + 5]));
      }
    }
  }

  @Test
  void hiddenHitsAreAskedFor() {
    List<Shown> all = shown(hiding(0.5, false), 0, 3);
    Map<Integer, Shown> places = new HashMap<>();
    all.forEach(hit -> places.put(hit.y * 1000 + hit.x, hit));
    assertEquals(all.size(), places.size());
    int masked = 0;
    int asked = 0;
    for (Shown hit : all) {
      int at = (hit.y - 30) * SIDE + hit.x - 20;
      if (hit.hidden > 0) {
        masked++;
        assertEquals(0, hit.energy);
        assertEquals(0, hit.toa);
        assertEquals(Math.log((1 + at) / SCALE), hit.target[0], 1e-6);
        assertEquals(Math.sqrt(at / 50.0), hit.target[1], 1e-6);
        assertEquals(1 + at > THRESHOLD ? 1 : 0, hit.target[Loss.HIT_HEADS - 1]);
      } else {
        assertEquals(1 + at, hit.energy);
        assertTrue(Float.isNaN(hit.target[0]));
      }
      for (int k = 0; k < 9; k++) {
        int x = hit.x + k % 3 - 1;
        int y = hit.y + k / 3 - 1;
        float place = hit.target[2 + k];
        boolean there = x >= 20 && x < 20 + SIDE && y >= 30 && y < 30 + SIDE;
        if (places.containsKey(y * 1000 + x)) {
          assertTrue(Float.isNaN(place));
        } else {
          assertEquals(there ? 1 : 0, place);
          asked += there ? 1 : 0;
        }
      }
    }
    // Of 49 hits a quarter each, within four deviations.
    assertEquals(12, masked, 12);
    assertTrue(masked > 2 && asked > 2, masked + " masked, " + asked + " asked");
    assertTrue(all.size() < SIDE * SIDE - 2, all.size() + " left");
  }

  @Test
  void partsHiddenAreThoseAskedFor() {
    for (double fraction : new double[] {0.25, 0.5}) {
      double left = 0;
      double masked = 0;
      int steps = 400;
      for (int step = 1; step <= steps; step++) {
        List<Shown> all = shown(hiding(fraction, true), 0, step);
        left += (double) all.size() / (SIDE * SIDE * steps);
        masked +=
            (double) all.stream().filter(hit -> hit.hidden > 0).count() / (SIDE * SIDE * steps);
      }
      assertEquals(1 - fraction / 2, left, 0.015);
      assertEquals(fraction / 2, masked, 0.015);
    }
  }

  @Test
  void aSingleHitStays() {
    for (int step = 0; step < 50; step++) {
      List<Shown> all = shown(hiding(0.99, false), 1, step);
      assertEquals(1, all.size());
      assertEquals(0, all.getFirst().hidden);
      assertEquals(5, all.getFirst().energy);
    }
  }

  @Test
  void clustersTakeAllEightTurns() {
    Set<String> corners = new HashSet<>();
    for (int step = 0; step < 200; step++) {
      List<Shown> all = shown(hiding(0, true), 0, step);
      // Neighbours stay neighbours, and the order is by y, then x.
      for (int i = 1; i < all.size(); i++) {
        Shown before = all.get(i - 1);
        Shown hit = all.get(i);
        assertTrue(hit.y > before.y || hit.y == before.y && hit.x > before.x);
      }
      corners.add(all.get(0).energy + " " + all.get(SIDE - 1).energy);
    }
    assertEquals(8, corners.size(), corners::toString);
  }
}
