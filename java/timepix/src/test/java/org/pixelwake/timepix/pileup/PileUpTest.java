package org.pixelwake.timepix.pileup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetInfo;
import org.pixelwake.timepix.dataset.DatasetReader;
import org.pixelwake.timepix.dataset.DatasetWriter;
import org.pixelwake.timepix.dataset.Split;

/// Pile-ups of clusters of 20 stretches of 3 frames.
final class PileUpTest {
  private static final int FRAMES_OF_STRETCH = PileUpSamples.FRAMES / Split.BLOCKS;
  private static final PileUp DEFAULT = PileUp.withSeed(5);

  @TempDir Path folder;

  private static PileUp with(double threshold, int overlays, boolean control) {
    return new PileUp(threshold, 3, 200, overlays, 200, control, 5);
  }

  private static PileUps make(PileUp how) {
    return how.make(PileUpSamples.table(false), PileUpSamples.info(false), 0.3, Progress.NONE);
  }

  private static int particles(Cluster cluster) {
    Truth truth = cluster.truth();
    return truth == null ? 0 : truth.particles();
  }

  private static Footprint footprint(Cluster cluster) {
    return Footprint.of(ClusterTable.of(List.of(cluster), 0), 0);
  }

  /// Clusters of each class by number of hits and bin of energy.
  private static Map<String, Integer> bins(PileUps.Part part, int particles) {
    Map<String, Integer> bins = new TreeMap<>();
    for (PileUps.Made made : part.clusters()) {
      if (particles(made.cluster()) == particles) {
        double octaves = Math.log(footprint(made.cluster()).energy()) / Math.log(2);
        bins.merge(
            made.cluster().size() + " " + (long) Math.floor(octaves * PileUp.BINS_PER_OCTAVE),
            1,
            Integer::sum);
      }
    }
    return bins;
  }

  @Test
  void bothClassesHaveTheSameSizesAndEnergies() {
    PileUps made = make(DEFAULT);
    for (PileUps.Part part : List.of(made.train(), made.test())) {
      assertTrue(part.clusters().size() > 80, part.clusters().size() + " clusters");
      assertEquals(bins(part, 1), bins(part, 2));
      int counted = bins(part, 1).values().stream().mapToInt(Integer::intValue).sum();
      assertEquals(part.clusters().size(), 2 * counted);
      assertTrue(part.overlays() >= counted && part.singles() >= counted);
    }
  }

  @Test
  void everyClusterIsConnectedOnTheSensorAndAboveTheThreshold() {
    PileUps made = make(DEFAULT);
    // One hit of a thousand lies below 4 keV and 255 parts of 256.
    assertTrue(made.thresholdKeV() >= 8 && made.thresholdKeV() < 10, "" + made.thresholdKeV());
    PileUps other = make(with(12.5, 4, false));
    assertEquals(12.5, other.thresholdKeV());
    for (PileUps of : List.of(made, other)) {
      for (PileUps.Made one : of.train().clusters()) {
        Cluster cluster = one.cluster();
        assertTrue(footprint(cluster).connected());
        assertTrue(cluster.size() >= 3);
        for (int i = 0; i < cluster.size(); i++) {
          assertTrue(cluster.energy()[i] >= of.thresholdKeV());
          assertTrue(cluster.x()[i] >= 0 && cluster.x()[i] < 256);
          assertTrue(cluster.y()[i] >= 0 && cluster.y()[i] < 256);
          assertEquals(0, cluster.toa()[i]);
        }
      }
    }
  }

  /// The fraction of an energy tells the frame of the cluster, that of a sum those of both.
  @Test
  void clustersAreOfTheirStretchAndNeverOfItsLastFrame() {
    PileUps made = make(with(0, 4, false));
    Set<Long> train = new HashSet<>();
    Set<Long> test = new HashSet<>();
    int shared = 0;
    for (boolean trained : new boolean[] {true, false}) {
      PileUps.Part part = trained ? made.train() : made.test();
      for (PileUps.Made one : part.clusters()) {
        Cluster cluster = one.cluster();
        (trained ? train : test).add(cluster.frame());
        Set<Integer> frames = new HashSet<>();
        for (float energy : cluster.energy()) {
          frames.add((int) (energy % 1 * 256));
        }
        if (particles(cluster) == 1) {
          assertEquals(1, frames.size());
        }
        int first = (int) cluster.frame() * FRAMES_OF_STRETCH;
        int last = cluster.frame() == Split.BLOCKS - 1 ? first + 2 : first + 1;
        shared += of(frames, first, last) ? 0 : 1;
        assertTrue(sums(frames, first, last), cluster.frame() + ": " + frames);
      }
    }
    assertTrue(shared > 0, "no pile-up shares a pixel");
    assertEquals(6, test.size());
    assertEquals(14, train.size());
    assertTrue(Collections.disjoint(train, test));
  }

  private static boolean of(Set<Integer> frames, int first, int last) {
    return frames.stream().allMatch(frame -> frame >= first && frame <= last);
  }

  /// Whether the frames of two clusters explain all values, with their sum.
  private static boolean sums(Set<Integer> values, int first, int last) {
    for (int a = first; a <= last; a++) {
      for (int b = a; b <= last; b++) {
        if (new HashSet<>(List.of(a, b, a + b)).containsAll(values)) {
          return true;
        }
      }
    }
    return false;
  }

  private static List<String> text(PileUps.Part part) {
    List<String> lines = new ArrayList<>();
    for (PileUps.Made made : part.clusters()) {
      Cluster c = made.cluster();
      StringBuilder line = new StringBuilder().append(c.frame()).append(' ').append(c.truth());
      for (int i = 0; i < c.size(); i++) {
        line.append(' ').append(c.x()[i]).append(' ').append(c.y()[i]).append(' ');
        line.append(c.energy()[i]).append(' ').append(c.toa()[i]);
      }
      lines.add(line.toString());
    }
    return lines;
  }

  @Test
  void theSeedDecidesEverything() {
    PileUps made = make(DEFAULT);
    PileUps again = make(DEFAULT);
    assertEquals(text(made.train()), text(again.train()));
    assertEquals(text(made.test()), text(again.test()));
    assertNotEquals(text(made.train()), text(make(PileUp.withSeed(6)).train()));
  }

  @Test
  void everythingCanBeLearnedFrom() {
    PileUps all =
        DEFAULT.make(PileUpSamples.table(false), PileUpSamples.info(false), 0, Progress.NONE);
    assertTrue(all.test().clusters().isEmpty());
    PileUps divided = make(DEFAULT);
    assertEquals(divided.train().singles() + divided.test().singles(), all.train().singles());
    assertTrue(make(with(0, 8, false)).train().overlays() > divided.train().overlays());
  }

  @Test
  void theControlHasSingleClustersAlone() {
    PileUps made = make(with(0, 4, true));
    assertEquals(bins(made.train(), 1), bins(made.train(), 2));
    assertFalse(bins(made.train(), 1).isEmpty());
    Set<String> seen = new HashSet<>();
    for (PileUps.Made one : made.train().clusters()) {
      float first = one.cluster().energy()[0] % 1;
      for (float energy : one.cluster().energy()) {
        assertEquals(first, energy % 1);
      }
      assertTrue(seen.add(Arrays.toString(one.cluster().energy())));
    }
  }

  @Test
  void particlesComeWithinTheWindow() {
    PileUps made =
        new PileUp(0, 3, 200, 4, 500, false, 5)
            .make(PileUpSamples.table(true), PileUpSamples.info(true), 0, Progress.NONE);
    double longest = 0;
    for (PileUps.Made one : made.train().clusters()) {
      float[] toa = one.cluster().toa();
      assertEquals(0, toa[0]);
      double last = toa[toa.length - 1];
      assertTrue(last <= (particles(one.cluster()) == 1 ? 12 : 512), "" + last);
      longest = Math.max(longest, last);
    }
    assertTrue(longest > 400, "" + longest);
  }

  @Test
  void whatIsKnownOfParticlesIsKeptWhereItHolds() {
    ClusterTable bare = PileUpSamples.table(false);
    List<Cluster> clusters = new ArrayList<>();
    for (int i = 0; i < bare.count(); i++) {
      clusters.add(
          bare.cluster(i).withTruth(new Truth(i % 2 == 0 ? 11 : 2212, 2, 30, 40, 5, 6, 7, 8, i)));
    }
    PileUps made =
        DEFAULT.make(ClusterTable.of(clusters, 0), PileUpSamples.info(false), 0, Progress.NONE);
    Set<Integer> kinds = new HashSet<>();
    for (PileUps.Made one : made.train().clusters()) {
      Truth truth = one.cluster().truth();
      assertTrue(truth != null && Float.isNaN(truth.xUm()) && Float.isNaN(truth.phiDegrees()));
      if (truth.particles() == 1) {
        assertEquals(30, truth.thetaDegrees());
        assertTrue(truth.number() >= 0 && truth.number() % 2 == (truth.particle() == 11 ? 0 : 1));
      } else {
        assertTrue(Float.isNaN(truth.energyMeV()) && truth.number() == Truth.UNKNOWN_NUMBER);
        kinds.add(truth.particle());
      }
    }
    assertEquals(Set.of(0, 11, 2212), kinds);
  }

  private static void refused(String part, PileUp how, ClusterTable table, DatasetInfo info) {
    InputException problem =
        assertThrows(InputException.class, () -> how.make(table, info, 0.3, Progress.NONE));
    assertTrue(problem.getMessage().contains(part), problem.getMessage());
  }

  @Test
  void refusesWhatNoPileUpsCanBeMadeOf() {
    ClusterTable table = PileUpSamples.table(false);
    SourceInfo raw = PileUpSamples.source("Timepix", "A1", EnergyUnit.TOT, false);
    refused("--calibration", DEFAULT, table, DatasetInfo.of("1", raw));
    refused(
        "single clusters with its size", with(44.5, 4, false), table, PileUpSamples.info(false));
    refused(
        "held out",
        DEFAULT,
        ClusterTable.of(List.of(table.cluster(0)), 0),
        PileUpSamples.info(false));
    assertThrows(IllegalArgumentException.class, () -> with(-1, 4, false));
    assertThrows(IllegalArgumentException.class, () -> with(0, 0, false));
    assertThrows(IllegalArgumentException.class, () -> with(0, 65, false));
  }

  /// A source counts where it has clusters.
  @Test
  void refusesSeveralChips() {
    SourceInfo one = PileUpSamples.source("Timepix", "A1", EnergyUnit.KEV, false);
    for (SourceInfo other :
        List.of(
            PileUpSamples.source("Timepix", "B2", EnergyUnit.KEV, false),
            PileUpSamples.source("Timepix3", "", EnergyUnit.KEV, false),
            new SourceInfo(
                "b.txt", "xyc", "Timepix", "", 512, 512, false, EnergyUnit.KEV, Map.of()))) {
      DatasetInfo info = DatasetInfo.of("1", List.of(one, other));
      DEFAULT.make(PileUpSamples.table(false), info, 0.3, Progress.NONE);
      refused("Give the files of one chip", DEFAULT, twoSources(info), info);
    }
    SourceInfo unknown = PileUpSamples.source("unknown", "", EnergyUnit.KEV, false);
    DatasetInfo info = DatasetInfo.of("1", List.of(one, unknown));
    PileUps made = DEFAULT.make(twoSources(info), info, 0.3, Progress.NONE);
    int[] sources =
        made.train().clusters().stream().mapToInt(PileUps.Made::source).distinct().toArray();
    assertArrayEquals(new int[] {0, 1}, sources);
  }

  private ClusterTable twoSources(DatasetInfo info) {
    ClusterTable one = PileUpSamples.table(false);
    Path file = folder.resolve("two.parquet");
    try (DatasetWriter writer = DatasetWriter.create(file, info)) {
      for (int row = 0; row < one.count(); row++) {
        writer.append(one.cluster(row), 2 * row / one.count());
      }
      writer.finish();
    }
    try (DatasetReader reader = DatasetReader.open(file)) {
      return reader.loadAll();
    }
  }
}
