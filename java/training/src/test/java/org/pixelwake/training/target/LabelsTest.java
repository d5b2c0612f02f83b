package org.pixelwake.training.target;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.dataset.Balancer;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetInfo;
import org.pixelwake.timepix.dataset.DatasetReader;
import org.pixelwake.timepix.dataset.DatasetWriter;
import org.pixelwake.timepix.dataset.ExponentialBins;
import org.pixelwake.timepix.dataset.Split;

class LabelsTest {
  private static final List<String> FILES =
      List.of(
          "/data/sr90-0-00.zip",
          "/data/sr90-0-23.zip",
          "/data/sr90-1-01.zip",
          "/data/radon/run1.yml.gz",
          "/data/radon/run2.yml.gz",
          "/data/background.zip");

  @TempDir Path folder;

  /// The last source is of another chip.
  private static DatasetInfo info(int sources) {
    return DatasetInfo.of(
        "1",
        FILES.subList(0, sources).stream()
            .map(file ->
                new SourceInfo(
                    file,
                    "xyc",
                    "Timepix",
                    file.contains("background") ? "B" : "A",
                    256,
                    256,
                    false,
                    EnergyUnit.KEV,
                    Map.of()))
            .toList());
  }

  private static Cluster cluster(int row, @Nullable Truth truth) {
    int size = 1 + row % 4;
    short[] at = new short[size];
    for (short i = 0; i < size; i++) {
      at[i] = i;
    }
    return new Cluster(row / 5, row, at, new short[size], new float[size], new float[size], truth);
  }

  /// A table of clusters that go round the sources.
  private ClusterTable table(DatasetInfo info, int count, IntFunction<@Nullable Truth> truth) {
    Path file = folder.resolve("a.parquet");
    try (DatasetWriter writer = DatasetWriter.create(file, info)) {
      for (int row = 0; row < count; row++) {
        writer.append(cluster(row, truth.apply(row)), row % info.sources().size());
      }
      writer.finish();
    }
    try (DatasetReader reader = DatasetReader.open(file)) {
      return reader.loadAll();
    }
  }

  private static @Nullable Truth truth(int row) {
    int[] particles = {2212, 11, 0, 1000060120, 99};
    float f = row;
    return row % 6 == 5
        ? null
        : new Truth(particles[row % 6], f, f + 1, f + 2, 0, 0, f + 3, Float.NaN, row / 2);
  }

  @Test
  void particlesAreClassesByName() {
    DatasetInfo info = info(1);
    ClusterTable table = table(info, 12, LabelsTest::truth);
    Labels all = Labels.byParticle(table, info, List.of());
    assertEquals(List.of("electron", "99", "proton", "C12"), all.classNames());
    int[] expected = {2, 0, -1, 3, 1, -1};
    for (int row = 0; row < 12; row++) {
      assertEquals(expected[row % 6], all.of(row));
    }
    assertArrayEquals(new int[] {2, 2, 2, 2}, all.counts());
    assertArrayEquals(new int[] {0, 1, 3, 4, 6, 7, 9, 10}, all.rows());
    Labels two = Labels.byParticle(table, info, List.of("proton", "11"));
    assertEquals(List.of("proton", "electron"), two.classNames());
    assertArrayEquals(new int[] {0, 1, 6, 7}, two.rows());
    Labels other = all.withClasses(List.of("muon", "proton"));
    assertArrayEquals(new int[] {0, 2}, other.counts());
    assertEquals(1, other.of(6));
    assertArrayEquals(new int[] {6}, two.where(row -> row > 1 && row < 7).rows());
    wrong("no particle has that name", () -> Labels.byParticle(table, info, List.of("quark")));
    wrong("twice", () -> Labels.byParticle(table, info, List.of("11", "electron")));
    wrong("no cluster", () -> Labels.byParticle(table, info, List.of("muon")));
  }

  @Test
  void pileUpsAreToldByTheNumberOfParticles() {
    DatasetInfo info = info(1);
    ClusterTable table =
        table(
            info, 12, row -> row % 4 == 3 ? null : Truth.ofParticle(0).withParticles(1 + row % 4));
    Labels labels = Labels.byPileUp(table, info, List.of());
    assertEquals(List.of("single", "pile-up"), labels.classNames());
    int[] expected = {0, 1, 1, Labels.NONE};
    for (int row = 0; row < 12; row++) {
      assertEquals(expected[row % 4], labels.of(row));
    }
    Labels other = Labels.byPileUp(table, info, List.of("pile-up", "single"));
    assertArrayEquals(new int[] {6, 3}, other.counts());
    assertArrayEquals(new int[] {6}, Labels.byPileUp(table, info, List.of("pile-up")).counts());
    wrong("there is no class", () -> Labels.byPileUp(table, info, List.of("double")));
    wrong("twice", () -> Labels.byPileUp(table, info, List.of("single", "single")));
    ClusterTable unknown = table(info, 6, row -> null);
    wrong("no cluster", () -> Labels.byPileUp(unknown, info, List.of()));
  }

  @Test
  void targetsAreThoseOfTheTruth() {
    DatasetInfo info = info(1);
    ClusterTable table = table(info, 12, LabelsTest::truth);
    Labels labels = Labels.all(table, info);
    assertArrayEquals(new int[] {12}, labels.counts());
    assertEquals(7, RegressionTarget.named("primary_energy_mev").of(table, 7));
    assertEquals(8, RegressionTarget.named("theta_deg").of(table, 7));
    assertEquals(9, RegressionTarget.named("phi_deg").of(table, 7));
    assertEquals(10, RegressionTarget.DEPOSITED.of(table, 7));
    assertEquals(Float.NaN, RegressionTarget.named("theta_deg").of(table, 5));
    wrong("no quantity", () -> RegressionTarget.named("charge").of(table, 0));
    ClusterTable unknown = table(info, 4, row -> null);
    wrong("not known", () -> Labels.byParticle(unknown, info, List.of()));
  }

  @Test
  void sourcesAreClassesByTheFirstPatternThatMatches() {
    DatasetInfo info = info(6);
    ClusterTable table = table(info, 60, row -> null);
    List<String> rules = List.of("thick=sr90-1*", "beta=*sr90*", "radon=radon/", "beta=radio?");
    wrong("radio?", () -> Labels.bySource(table, info, rules));
    Labels labels = Labels.bySource(table, info, rules.subList(0, 3));
    assertEquals(List.of("thick", "beta", "radon"), labels.classNames());
    int[] expected = {1, 1, 0, 2, 2, -1};
    for (int row = 0; row < 60; row++) {
      assertEquals(expected[row % 6], labels.of(row));
    }
    assertArrayEquals(new int[] {10, 20, 20}, labels.counts());
    wrong("no source is left", () -> Labels.bySource(table, info, List.of("a=sr90", "b=sr90-1")));
    wrong("NAME=PATTERN", () -> Labels.bySource(table, info, List.of("sr90")));
  }

  @Test
  void aSourceIsInOnePartAndAClassInBoth() {
    DatasetInfo info = info(6);
    ClusterTable table = table(info, 60, row -> null);
    Labels labels = Labels.bySource(table, info, List.of("sr90=*sr90*", "radon=*radon*"));
    Set<Set<Integer>> choices = new HashSet<>();
    for (long seed = 0; seed < 100; seed++) {
      Split.Parts parts = labels.split(new Split(0.2, Split.Unit.SOURCE, seed));
      Set<Integer> train = sources(table, parts.train());
      Set<Integer> held = sources(table, parts.heldOut());
      assertTrue(Collections.disjoint(train, held));
      assertEquals(2, held.size());
      assertArrayEquals(new int[] {10, 10}, labels.counts(parts.heldOut()));
      assertEquals(50, parts.train().length + parts.heldOut().length);
      choices.add(held);
    }
    assertEquals(6, choices.size());
    Labels three = Labels.bySource(table, info, List.of("sr90=*sr90*", "none=background"));
    InputException e =
        assertThrows(InputException.class, () -> three.split(new Split(0.2, Split.Unit.SOURCE, 1)));
    assertTrue(e.getMessage().contains("none: all of its 10 clusters"), e.getMessage());
    assertEquals(40, three.split(new Split(0, Split.Unit.SOURCE, 1)).train().length);
    // Divided by block it can be: every source has some in both parts.
    Split.Parts blocks = three.split(new Split(0.2, Split.Unit.BLOCK, 1));
    assertEquals(sources(table, blocks.train()), sources(table, blocks.heldOut()));
  }

  @Test
  void clustersAreDividedAsForPretraining() {
    DatasetInfo info = info(6);
    ClusterTable table = table(info, 600, row -> null);
    Labels labels = Labels.bySource(table, info, List.of("sr90=*sr90*", "radon=*radon*"));
    Split split = new Split(0.25, Split.Unit.CLUSTER, 3);
    Set<Integer> whole = new HashSet<>();
    Arrays.stream(split.of(table).heldOut()).forEach(whole::add);
    Split.Parts parts = labels.split(split);
    assertArrayEquals(
        Arrays.stream(labels.rows()).filter(whole::contains).toArray(), parts.heldOut());
  }

  @Test
  void classesOfDifferentDetectorsAreTold() {
    DatasetInfo info = info(6);
    ClusterTable table = table(info, 60, row -> null);
    assertEquals(
        List.of(), Labels.bySource(table, info, List.of("sr90=sr90", "radon=radon")).warnings());
    assertEquals(
        List.of(
            "not all classes were seen by the same detectors, which can be recognised:",
            "  sr90: Timepix A",
            "  none: Timepix B"),
        Labels.bySource(table, info, List.of("sr90=sr90", "none=background")).warnings());
  }

  @Test
  void classesAreBalanced() {
    DatasetInfo info = info(6);
    ClusterTable table = table(info, 600, row -> null);
    Labels labels = Labels.bySource(table, info, List.of("sr90=*sr90*", "none=background"));
    int[] rows = labels.where(row -> row < 300).rows();
    int[] balanced = labels.balanced(rows, 4);
    assertArrayEquals(new int[] {50, 50}, labels.counts(balanced));
    assertTrue(balanced[balanced.length - 1] < 300);
    assertArrayEquals(balanced, labels.balanced(rows, 4));
    assertFalse(Arrays.equals(balanced, labels.balanced(rows, 5)));
    Balancer bins =
        new Balancer(ExponentialBins.POWERS_OF_TWO, 1, 3, 5, Balancer.SmallBins.DROP, 1000, 4);
    List<String> seen = new ArrayList<>();
    Balancer.Selection selection = labels.balanced(bins, rows);
    for (int row : selection.rows()) {
      seen.add(labels.of(row) + "/" + (table.size(row) > 1 ? 2 : 1));
    }
    assertEquals(selection.target(), seen.stream().filter("0/2"::equals).count());
    assertEquals(IntStream.of(labels.counts(selection.rows())).sum(), selection.rows().length);
    assertEquals(labels.counts(selection.rows())[0], labels.counts(selection.rows())[1]);
  }

  private static Set<Integer> sources(ClusterTable table, int[] rows) {
    Set<Integer> sources = new HashSet<>();
    Arrays.stream(rows).forEach(row -> sources.add(table.source(row)));
    return sources;
  }

  private static void wrong(String part, Runnable action) {
    InputException e = assertThrows(InputException.class, action::run);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }
}
