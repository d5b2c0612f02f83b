package org.pixelwake.timepix.clustering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.Fixtures;
import org.pixelwake.timepix.HitOrder;
import org.pixelwake.timepix.io.Frame;
import org.pixelwake.timepix.io.HitBlock;
import org.pixelwake.timepix.io.hit.TimeDivider;

/// Clusters against definitions: flood fill for frames, all pairs for hits in time.
class ClusteringTest {
  private record Hit(int x, int y, float energy, double toa) {}

  @TempDir Path temp;

  /// Hits crowded enough in space and time that clusters merge late and overlap.
  private static List<Hit> crowd(int n, int side, double span, long seed) {
    Random random = new Random(seed);
    List<Hit> hits = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      hits.add(
          new Hit(
              random.nextInt(side),
              random.nextInt(side),
              1 + random.nextInt(5),
              Math.rint(random.nextDouble() * span / 1.5625) * 1.5625));
    }
    return hits;
  }

  private static List<Cluster> cluster(
      List<Hit> hits, double window, double sortWindow, int batchSize) {
    return cluster(
        hits, window, new TimeDivider(sortWindow), BlockClusterer.MOST_HITS, batchSize, 1);
  }

  private static List<Cluster> cluster(
      List<Hit> hits,
      double window,
      TimeDivider divider,
      int blockHits,
      int batchSize,
      int threads) {
    PixelGrid grid = new PixelGrid(256, 256);
    TimeClusterer clusterer = new TimeClusterer(grid, window, 1 << 20);
    Queue<Cluster> ready = new ArrayDeque<>();
    try (Workers workers = new Workers(threads)) {
      BlockStage stage = new BlockStage(grid, window, blockHits, workers);
      HitBlock batch = new HitBlock(batchSize);
      for (int from = 0; from < hits.size(); from += batchSize) {
        batch.size = 0;
        for (Hit hit : hits.subList(from, Math.min(hits.size(), from + batchSize))) {
          batch.add(HitBlock.pixel(hit.x(), hit.y()), hit.energy(), hit.toa());
        }
        divider.add(batch);
        join(divider, stage, false, clusterer, ready);
      }
      divider.flush();
      join(divider, stage, true, clusterer, ready);
    }
    clusterer.flush(ready);
    return new ArrayList<>(ready);
  }

  private static void join(
      TimeDivider divider,
      BlockStage stage,
      boolean all,
      TimeClusterer clusterer,
      Queue<Cluster> ready) {
    for (HitBlock hits = divider.poll(); hits != null; hits = divider.poll()) {
      stage.add(hits);
    }
    for (BlockStage.Done done = stage.poll(all); done != null; done = stage.poll(all)) {
      done.clusters().forEach(found -> clusterer.add(found, ready));
      stage.recycle(done);
      divider.recycle(done.hits());
    }
  }

  /// Connected components over all pairs of hits.
  private static Set<Set<String>> pairs(List<Hit> hits, double window) {
    int[] label = new int[hits.size()];
    for (int i = 0; i < label.length; i++) {
      label[i] = i;
    }
    for (boolean changed = true; changed; ) {
      changed = false;
      for (int i = 0; i < label.length; i++) {
        for (int j = 0; j < i; j++) {
          Hit a = hits.get(i);
          Hit b = hits.get(j);
          if (label[i] != label[j]
              && Math.abs(a.x() - b.x()) <= 1
              && Math.abs(a.y() - b.y()) <= 1
              && Math.abs(a.toa() - b.toa()) <= window) {
            int low = Math.min(label[i], label[j]);
            label[i] = low;
            label[j] = low;
            changed = true;
          }
        }
      }
    }
    Set<Set<String>> sets = new java.util.HashSet<>();
    for (int l = 0; l < label.length; l++) {
      Set<String> set = new TreeSet<>();
      for (int i = 0; i < label.length; i++) {
        if (label[i] == l) {
          Hit h = hits.get(i);
          set.add(h.x() + "," + h.y() + "@" + h.toa() + "#" + i);
        }
      }
      if (!set.isEmpty()) {
        sets.add(set);
      }
    }
    return sets;
  }

  private static Set<List<String>> anonymous(Set<Set<String>> sets) {
    Set<List<String>> result = new java.util.HashSet<>();
    for (Set<String> set : sets) {
      result.add(set.stream().map(s -> s.substring(0, s.indexOf('#'))).sorted().toList());
    }
    return result;
  }

  private static Set<List<String>> sets(List<Cluster> clusters) {
    Set<List<String>> result = new java.util.HashSet<>();
    for (Cluster c : clusters) {
      List<String> hits = new ArrayList<>();
      for (int i = 0; i < c.size(); i++) {
        hits.add(c.x()[i] + "," + c.y()[i] + "@" + (c.time() + c.toa()[i]));
      }
      result.add(hits.stream().sorted().toList());
    }
    return result;
  }

  @Tag("slow")
  @Test
  void hitsInTimeAgainstAllPairs() {
    for (int seed = 0; seed < 30; seed++) {
      for (double window : new double[] {0, 1.5625, 50, 200, 1e9}) {
        List<Hit> hits = crowd(150, 4 + seed, 4000, seed);
        List<Cluster> found = cluster(hits, window, 5e5, 64);
        assertEquals(anonymous(pairs(hits, window)), sets(found), "seed " + seed + ", " + window);
        assertEquals(150, found.stream().mapToInt(Cluster::size).sum());
        for (int i = 1; i < found.size(); i++) {
          assertTrue(found.get(i - 1).time() <= found.get(i).time(), "order of first hits");
        }
      }
    }
  }

  @Tag("slow")
  @Test
  void theOrderOfArrivalWithinTheSortingWindowDoesNotMatter() {
    List<Hit> hits = new ArrayList<>(crowd(300_000, 256, 5e7, 77));
    hits.sort(Comparator.comparingDouble(Hit::toa));
    TimeDivider plain = new TimeDivider(20_000);
    List<String> expected =
        Fixtures.texts(cluster(hits, 200, plain, BlockClusterer.MOST_HITS, 4096, 1));
    Random random = new Random(8);
    for (int batchSize : new int[] {1000, 16384}) {
      // Each hit is delayed by less than the window: then none is late.
      List<double[]> keys = new ArrayList<>();
      for (int i = 0; i < hits.size(); i++) {
        keys.add(new double[] {hits.get(i).toa() + random.nextDouble() * 19_990, i});
      }
      keys.sort(Comparator.comparingDouble(k -> k[0]));
      List<Hit> shuffled = keys.stream().map(k -> hits.get((int) k[1])).toList();
      TimeDivider divider = new TimeDivider(20_000);
      assertEquals(
          expected,
          Fixtures.texts(cluster(shuffled, 200, divider, BlockClusterer.MOST_HITS, batchSize, 1)));
      assertEquals(0, divider.late());
      assertEquals(20_000, divider.window());
    }
  }

  @Test
  void hitsThatComeTooLateAreCounted() {
    List<Hit> hits = new ArrayList<>();
    int learn = TimeDivider.LEARN_HITS;
    for (int i = 0; i < learn + 1000; i++) {
      hits.add(new Hit(i % 256, 7, 1, i * 1000.0));
    }
    hits.add(new Hit(9, 9, 1, 5000));
    hits.add(new Hit(9, 9, 1, (learn + 900) * 1000.0));
    TimeDivider divider = new TimeDivider(500_000);
    List<Cluster> found = cluster(hits, 200, divider, BlockClusterer.MOST_HITS, 500, 1);
    assertEquals(1, divider.late());
    assertEquals(learn + 1001, found.stream().mapToInt(Cluster::size).sum());
  }

  @Test
  void disorderInTheFirstHitsWidensTheSortingWindow() {
    List<Hit> hits = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      hits.add(new Hit(1, 1, 1, 1e9 + i * 1000));
      hits.add(new Hit(9, 9, 1, i * 1000));
    }
    TimeDivider divider = new TimeDivider(500_000);
    List<Cluster> found = cluster(hits, 200, divider, BlockClusterer.MOST_HITS, 100, 1);
    assertEquals(2000, found.size());
    assertEquals(0, divider.late());
    assertEquals(1e9 - 0 * 1000, divider.learnt(), 1e6);
  }

  @Tag("slow")
  @Test
  void blocksAndThreadsDoNotMatter() {
    // Crowded enough that most clusters go on in the next block, some over many of them.
    for (double span : new double[] {3e4, 3e5, 3e6}) {
      List<Hit> hits = crowd(20_000, 64, span, (long) span);
      for (double window : new double[] {0, 25, 200, 5000}) {
        TimeDivider one = new TimeDivider(5e5);
        List<String> expected =
            Fixtures.texts(cluster(hits, window, one, BlockClusterer.MOST_HITS, 1000, 1));
        for (int block : new int[] {7, 100, 1024, 5000}) {
          TimeDivider divider = new TimeDivider(5e5);
          List<String> found =
              Fixtures.texts(cluster(hits, window, divider, block, 1000, 1 + block % 4));
          String what = span + " ns, window " + window + ", blocks of " + block;
          assertEquals(expected.size(), found.size(), what);
          for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.get(i).hashCode(), found.get(i).hashCode(), what + ": " + i);
            assertEquals(expected.get(i).length(), found.get(i).length(), what + ": " + i);
          }
        }
      }
    }
  }

  @Test
  void burstsAndPausesAgainstAllPairs() {
    Random random = new Random(11);
    List<Hit> hits = new ArrayList<>();
    double begin = 0;
    for (int burst = 0; burst < 12; burst++) {
      begin += 1e3 * Math.pow(10, random.nextInt(8));
      int n = burst % 3 == 0 ? 300 : 20;
      for (int i = 0; i < n; i++) {
        hits.add(
            new Hit(
                random.nextInt(40),
                random.nextInt(40),
                random.nextInt(3),
                begin + 1.5625 * random.nextInt(100)));
      }
    }
    java.util.Collections.shuffle(hits, random);
    for (int block : new int[] {64, 1 << 15}) {
      List<Cluster> found = cluster(hits, 200, new TimeDivider(5e5), block, 100, 2);
      assertEquals(anonymous(pairs(hits, 200)), sets(found));
    }
  }

  @Test
  void aClusterThatGoesOnForTooManyHitsIsCut() {
    int block = 10;
    HitBlock batch = new HitBlock(50);
    for (int i = 0; i < 25; i++) {
      batch.pixel[i] = HitBlock.pixel(5, 5);
      batch.toa[i] = i * 100;
    }
    batch.size = 25;
    TimeDivider divider = new TimeDivider(1e5);
    divider.add(batch);
    divider.flush();
    PixelGrid grid = new PixelGrid(256, 256);
    TimeClusterer clusterer = new TimeClusterer(grid, 200, 10);
    Queue<Cluster> ready = new ArrayDeque<>();
    try (Workers workers = new Workers(1)) {
      BlockStage stage = new BlockStage(grid, 200, block, workers);
      join(divider, stage, true, clusterer, ready);
    }
    clusterer.flush(ready);
    assertEquals(List.of(10, 10, 5), ready.stream().map(Cluster::size).toList());
    assertEquals(2, clusterer.cut());
  }

  @Test
  void framesAgainstFloodFill() {
    Random random = new Random(4);
    FrameClusterer clusterer = new FrameClusterer(256, 256);
    for (int n = 0; n < 40; n++) {
      Set<Integer> pixels = new TreeSet<>();
      int side = n % 3 == 0 ? 256 : 24;
      for (int i = 0; i < 40 * n; i++) {
        pixels.add(random.nextInt(side) * 256 + random.nextInt(side) + (n % 2) * (256 - side));
      }
      List<Integer> order = new ArrayList<>(pixels);
      java.util.Collections.shuffle(order, random);
      short[] x = new short[order.size()];
      short[] y = new short[order.size()];
      float[] energy = new float[order.size()];
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < x.length; i++) {
        x[i] = (short) (order.get(i) % 256);
        y[i] = (short) (order.get(i) / 256);
        energy[i] = order.get(i);
        text.append(x[i] + "\t" + y[i] + "\t1\n");
      }
      List<Cluster> found = new ArrayList<>();
      clusterer.cluster(new Frame(n, 5, 1, "", x, y, energy), found);
      assertEquals(Set.copyOf(Fixtures.flood(text.toString())), Fixtures.pixelSets(found));
      int last = -1;
      for (Cluster c : found) {
        int first = c.y()[0] * 256 + c.x()[0];
        assertTrue(first > last, "order of first pixels");
        last = first;
        assertEquals(5, c.time());
        for (int i = 0; i < c.size(); i++) {
          assertEquals(c.y()[i] * 256 + c.x()[i], c.energy()[i]);
        }
      }
    }
  }

  @Test
  void orderOfHits() {
    Random random = new Random(6);
    for (int n : new int[] {0, 1, 2, 24, 25, 1000, 5000}) {
      double[] toa = new double[n];
      short[] y = new short[n];
      short[] x = new short[n];
      float[] energy = new float[n];
      Integer[] expected = new Integer[n];
      for (int i = 0; i < n; i++) {
        toa[i] = random.nextInt(20);
        y[i] = (short) random.nextInt(4);
        x[i] = (short) random.nextInt(4);
        energy[i] = i;
        expected[i] = i;
      }
      Arrays.sort(
          expected,
          Comparator.<Integer>comparingDouble(i -> toa[i])
              .thenComparingInt(i -> y[i])
              .thenComparingInt(i -> x[i])
              .thenComparingDouble(i -> energy[i]));
      int[] order = HitOrder.sorted(n, toa, y, x, energy);
      assertEquals(Arrays.asList(expected), Arrays.stream(order).boxed().toList());
    }
  }

  @Test
  void summaryOfASource() {
    SourceSummary s =
        SourceSummary.of(
            Fixtures.path("clog/timepix.clog"),
            ClusterOptions.defaults(),
            org.pixelwake.base.Progress.NONE);
    assertEquals(3, s.report().read().frames());
    assertEquals(7, s.report().read().hits());
    assertEquals(3, s.clusters());
    assertEquals(List.of(1L, 1L, 1L), Arrays.stream(s.sizes()).boxed().toList());
    assertEquals(4, s.largest());
    assertEquals(15e9, s.duration(), 1);
    assertEquals(7, s.hitPixels());
    assertEquals(7.0 / 65536, s.occupancy());
    assertEquals("ToT", s.spectrum().unit());
    assertEquals(3, s.spectrum().total());
    int bin = (int) Math.floor(10 * Math.log10(324 / 0.1));
    assertEquals(1, s.spectrum().counts()[bin]);
    assertTrue(s.spectrum().edge(bin) <= 324 && s.spectrum().edge(bin + 1) > 324);
    SourceSummary t =
        SourceSummary.of(
            Fixtures.path("t3pa/tabs.t3pa"),
            ClusterOptions.defaults(),
            org.pixelwake.base.Progress.NONE);
    assertEquals(3, t.report().read().markers());
    assertEquals(499981.25 - 203350, t.duration());
  }
}
