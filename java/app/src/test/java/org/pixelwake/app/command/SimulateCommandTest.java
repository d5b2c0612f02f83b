package org.pixelwake.app.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pixelwake.app.Cli;
import org.pixelwake.base.Progress;
import org.pixelwake.run.data.Simulation;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetReader;
import org.pixelwake.timepix.simulation.Setup;

final class SimulateCommandTest {
  @TempDir Path folder;

  private Path simulate(String name, Object... more) {
    Path to = folder.resolve(name);
    List<Object> words = new ArrayList<>(List.of("simulate", "-o", to));
    words.addAll(Arrays.asList(more));
    Cli cli = Cli.run(words.toArray());
    assertEquals(0, cli.code(), cli.err());
    return to;
  }

  private static List<Cluster> clusters(Path file) {
    try (DatasetReader reader = DatasetReader.open(file)) {
      ClusterTable table = reader.loadAll();
      List<Cluster> clusters = new ArrayList<>();
      for (int i = 0; i < table.count(); i++) {
        clusters.add(table.cluster(i));
      }
      return clusters;
    }
  }

  private static void same(Cluster a, Cluster b) {
    assertArrayEquals(a.x(), b.x());
    assertArrayEquals(a.y(), b.y());
    assertArrayEquals(a.energy(), b.energy());
    assertArrayEquals(a.toa(), b.toa());
  }

  @Tag("slow")
  @Test
  void threadsMakeNoDifferenceToTheFile() throws IOException {
    byte[] first = null;
    for (int threads = 1; threads <= 3; threads++) {
      Path file =
          simulate(
              threads + ".parquet",
              "--preset",
              "satram-real",
              "--particles",
              1000,
              "--seed",
              7,
              "--threads",
              threads);
      byte[] bytes = Files.readAllBytes(file);
      first = first == null ? bytes : first;
      assertArrayEquals(first, bytes, threads + " threads");
    }
    Path other = simulate("o.parquet", "--preset", "satram-real", "--particles", 1000, "--seed", 8);
    assertFalse(Arrays.equals(first, Files.readAllBytes(other)));
  }

  @Test
  void datasetSaysWhatItIsOf() throws IOException {
    Path file =
        simulate("x.parquet", "--preset", "sr90", "--particles", 500, "--layer", "aluminium:230");
    try (DatasetReader reader = DatasetReader.open(file)) {
      assertTrue(reader.hasTruth());
      assertEquals(EnergyUnit.KEV, reader.info().unit());
      assertEquals("simulated sr90", reader.info().sources().getFirst().file());
      assertEquals(
          "aluminium 230.0", reader.info().sources().getFirst().metadata().get("layers um"));
    }
    assertTrue(Cli.run("info", "--json", file).json().path("has_truth").asBoolean());
    assertTrue(Cli.run("info", file).out().contains("the particles of clusters are known"));
    for (Cluster cluster : clusters(file)) {
      Truth truth = cluster.truth();
      assertNotNull(truth);
      assertEquals(11, truth.particle());
      assertTrue(truth.energyMeV() > 0 && truth.energyMeV() < 2.28);
      assertTrue(truth.depositedKeV() <= 1e3 * truth.energyMeV() * (1 + 1e-6));
      assertEquals(truth.number(), cluster.frame());
    }
  }

  /// What is simulated, written as hits, read and clustered, is what is simulated as clusters.
  @Test
  void hitsWithTimesBecomeTheSameClusters() throws IOException {
    Path setup = folder.resolve("setup.yaml");
    Files.writeString(
        setup,
        Setup.presetText("atlas").replace("threshold_kev: 3", "threshold_kev: 3\n  energy: tot"));
    Path direct = simulate("direct.parquet", setup, "--particles", 800);
    Path hits = simulate("hits.t3pa", setup, "--particles", 800, "--as", "t3pa");
    Cli cli = Cli.run("cluster", hits, "-o", folder.resolve("found.parquet"));
    assertEquals(0, cli.code(), cli.err());
    Comparator<Cluster> order =
        Comparator.comparingDouble(Cluster::time)
            .thenComparingInt(c -> c.y()[0])
            .thenComparingInt(c -> c.x()[0]);
    List<Cluster> expected = clusters(direct);
    List<Cluster> found = clusters(folder.resolve("found.parquet"));
    expected.sort(order);
    found.sort(order);
    assertTrue(expected.size() > 300, expected.size() + " clusters");
    assertEquals(expected.size(), found.size());
    for (int i = 0; i < found.size(); i++) {
      same(expected.get(i), found.get(i));
      assertEquals(expected.get(i).time(), found.get(i).time());
      assertNull(found.get(i).truth());
    }
  }

  @Tag("slow")
  @Test
  void framesBecomeTheSameClusters() {
    Path direct = simulate("direct.parquet", "--preset", "sr90", "--particles", 300);
    Path frames = simulate("frames", "--preset", "sr90", "--particles", 300, "--as", "xyc");
    Cli cli = Cli.run("cluster", frames, "-o", folder.resolve("found.parquet"));
    assertEquals(0, cli.code(), cli.err());
    List<Cluster> expected = clusters(direct);
    List<Cluster> found = clusters(folder.resolve("found.parquet"));
    assertEquals(expected.size(), found.size());
    for (int i = 0; i < found.size(); i++) {
      same(expected.get(i), found.get(i));
    }
    Path together =
        simulate(
            "together",
            "--preset",
            "sr90",
            "--particles",
            300,
            "--as",
            "xyc",
            "--particles-per-frame",
            50);
    try (var files = Files.list(together)) {
      assertEquals(12, files.count(), "6 frames, each with its .dsc");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void mergingAndBalancingKeepTheTruth() throws IOException {
    Path setup = folder.resolve("setup.yaml");
    Files.writeString(
        setup, Setup.presetText("muons").replace("chip: timepix", "chip: timepix3\n  energy: tot"));
    Path simulated = simulate("simulated.parquet", setup, "--particles", 600);
    Path merged = folder.resolve("merged.parquet");
    Path measured = Cli.fixture("t3pa/tabs.t3pa");
    assertEquals(0, Cli.run("dataset", simulated, measured, "-o", merged).code());
    List<Cluster> before = clusters(simulated);
    List<Cluster> after = clusters(merged);
    assertEquals(before.size() + 4, after.size());
    for (int i = 0; i < after.size(); i++) {
      assertEquals(i < before.size() ? before.get(i).truth() : null, after.get(i).truth());
    }
    Path balanced = folder.resolve("balanced.parquet");
    assertEquals(0, Cli.run("dataset", merged, "-o", balanced, "--balance").code());
    List<Cluster> chosen = clusters(balanced);
    assertTrue(chosen.size() > 50 && chosen.size() < after.size(), chosen.size() + " clusters");
    for (Cluster cluster : chosen) {
      Truth truth = cluster.truth();
      if (truth != null) {
        assertTrue(
            before.stream().anyMatch(c -> truth.equals(c.truth()) && c.size() == cluster.size()));
      }
    }
  }

  @Test
  void stoppedRunLeavesNothing() throws IOException {
    Simulation simulation = new Simulation(Setup.preset("sr90"), 1_000_000, 1, 2);
    Progress stop =
        (done, total, unit, note) -> {
          if (done > 500) {
            throw new CancellationException("stopped");
          }
        };
    assertThrows(
        CancellationException.class, () -> simulation.write(folder.resolve("x.parquet"), stop));
    try (var files = Files.list(folder)) {
      assertEquals(List.of(), files.toList());
    }
  }

  @Test
  void presetsArePrintedAsTheyAre() {
    for (String name : Setup.presets()) {
      Cli cli = Cli.run("simulate", "--print-preset", name);
      assertEquals(0, cli.code(), cli.err());
      assertEquals(Setup.presetText(name), cli.out());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "-o o.parquet,no setup is named",
    "--preset sr90,is missing",
    "--preset moon -o o.parquet,there is none",
    "--preset sr90 -o o.parquet none.yaml,both a setup and a preset",
    "none.yaml -o o.parquet,none.yaml: cannot be read",
    "--preset sr90 -o o.t3pa --as t3pa,holds times",
    "--preset lead -o o --as xyc,holds frames",
    "--preset sr90 -o o.parquet --particles 0,is too few",
    "--preset sr90 -o o.parquet --threads 0,is too few",
    "--preset sr90 -o o.parquet --layer gold:3,is no layer",
    "--preset sr90 -o o.parquet --layer aluminium:-3,is no layer",
    "--preset sr90 -o o.parquet --layer aluminium:9000,left a hit",
    "--preset sr90 -o o.parquet --as root,is not a format",
  })
  void mistakesAreExplained(String words, String problem) {
    List<Object> arguments = new ArrayList<>(List.of("simulate"));
    for (String word : words.split(" ", -1)) {
      arguments.add(word.startsWith("o") ? folder.resolve(word) : word);
    }
    if (words.contains("9000")) {
      arguments.addAll(List.of("--particles", 20));
    }
    Cli cli = Cli.run(arguments.toArray());
    assertEquals(2, cli.code(), cli.err());
    assertTrue(cli.err().contains(problem), cli.err());
    assertEquals(0, folder.toFile().list().length);
  }
}
