package org.pixelwake.validation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.report.plot.Figure;
import org.pixelwake.report.section.Finding;
import org.pixelwake.report.section.Finding.Verdict;
import org.pixelwake.timepix.Cluster;

/// Measured frames of Sr-90 beside simulated ones.
class StrontiumFramesTest {
  private static final Path FIXTURES = Path.of("../timepix/src/test/resources/fixtures");

  /// Checks on the counts, and on the shapes of tracks, behind no, little and much aluminium.
  @Test
  @Tag("slow")
  void simulatedBetasAreThoseMeasured() {
    List<Path> frames =
        Stream.of("0-00", "0-23", "1-01")
            .map(name -> shared("cernatschool-sr90-" + name + "-mm.zip"))
            .toList();
    int threads = Runtime.getRuntime().availableProcessors();
    Finding comparison =
        new Validation(threads, 0.1)
            .withStrontium(frames)
            .run(List.of("strontium"), Progress.NONE)
            .getFirst();
    assertEquals(15, comparison.verdicts().size());
    for (Verdict check : comparison.verdicts()) {
      assertTrue(check.holds(), check.toString());
    }
  }

  /// The same on a few frames: all that are given are read and their candidates counted, which were
  /// counted apart from this program too, and the tracks are as near to the simulated ones as so
  /// few can be.
  @Test
  @Tag("slow")
  void fewFramesAreComparedToo(@TempDir Path folder) throws IOException {
    Path thickest = Files.createDirectory(folder.resolve("1-01-mm"));
    try (var files = Files.list(FIXTURES.resolve("xyc"))) {
      for (Path file : files.toList()) {
        Files.copy(file, thickest.resolve(file.getFileName()));
      }
    }
    Finding comparison =
        new Validation(2, 0.02)
            .withStrontium(List.of(thickest, FIXTURES.resolve("cernatschool/sr90")))
            .run(List.of("strontium"), Progress.NONE)
            .getFirst();
    double[] candidates = {70, 27, 23};
    Figure.Line given = comparison.figures().getFirst().lines().getLast();
    assertEquals("given frames", given.name());
    assertArrayEquals(new double[] {0, 0.23, 1.01}, given.x());
    assertArrayEquals(candidates, given.y());
    List<Verdict> published = verdicts(comparison, "as published");
    assertEquals(
        List.of(27003.0, 14121.0, 3880.0), published.stream().map(Verdict::least).toList());
    assertArrayEquals(candidates, published.stream().mapToDouble(Verdict::value).toArray());
    assertEquals(3, verdicts(comparison, "after one normalisation").size());
    List<Verdict> distances = verdicts(comparison, "Kolmogorov");
    assertEquals(9, distances.size());
    for (int i = 0; i < 9; i++) {
      // Beyond which two samples of one distribution are in one of a hundred cases.
      double chance = 1.63 * Math.sqrt(1 / candidates[i / 3] + 1 / 100.0);
      Verdict distance = distances.get(i);
      assertTrue(distance.value() < distance.greatest() + chance, distance.toString());
    }
    assertEquals(15, comparison.verdicts().size());
  }

  private static List<Verdict> verdicts(Finding comparison, String name) {
    return comparison.verdicts().stream().filter(one -> one.name().contains(name)).toList();
  }

  /// A file of `../shared/data`; the test is skipped where it is absent.
  private static Path shared(String name) {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path file = at.resolve("shared/data").resolve(name);
      if (Files.exists(file)) {
        return file;
      }
    }
    return Assumptions.abort("skipped: ../shared/data/" + name + " is not there");
  }

  private static Cluster cluster(int... pixels) {
    int n = pixels.length / 2;
    short[] x = new short[n];
    short[] y = new short[n];
    for (int i = 0; i < n; i++) {
      x[i] = (short) pixels[2 * i];
      y[i] = (short) pixels[2 * i + 1];
    }
    return new Cluster(0, 0, x, y, new float[n], new float[n]);
  }

  @Test
  void candidatesAreThoseOfCernAtSchool() {
    assertFalse(BetaCandidate.is(cluster(5, 5, 6, 5), 256));
    assertFalse(BetaCandidate.is(cluster(5, 5, 6, 5, 5, 6), 256), "corner");
    assertTrue(BetaCandidate.is(cluster(5, 5, 6, 5, 7, 5), 256), "three in a row");
    assertFalse(BetaCandidate.is(cluster(5, 5, 6, 5, 5, 6, 6, 6), 256), "square");
    assertTrue(BetaCandidate.is(cluster(5, 5, 6, 5, 7, 5, 7, 6), 256), "four");
    assertFalse(BetaCandidate.is(cluster(0, 5, 1, 5, 2, 5, 3, 5), 256), "edge");
    assertFalse(BetaCandidate.is(cluster(9, 252, 9, 253, 9, 254, 9, 255), 256), "edge");
    assertEquals(1, BetaCandidate.linearity(cluster(5, 5, 6, 6, 7, 7, 8, 8)));
    // Two of eight stand off on both sides of a row of six.
    assertEquals(
        0.75, BetaCandidate.linearity(cluster(3, 5, 4, 5, 5, 5, 6, 5, 7, 5, 8, 5, 5, 6, 6, 4)));
  }

  @Test
  void responseIsFittedToFrequencies() {
    Random random = new Random(6);
    double[] energies = random.doubles(20_000, 5, 80).toArray();
    TotResponse truth = new TotResponse(0.9, 12, 30, 2);
    double[] ticks = new double[energies.length];
    for (int i = 0; i < ticks.length; i++) {
      ticks[i] = truth.ticks(energies[i]);
    }
    TotResponse fitted = TotResponse.fit(new Distribution(energies), new Distribution(ticks));
    for (double energy : new double[] {8, 15, 40, 75}) {
      assertEquals(truth.ticks(energy), fitted.ticks(energy), 0.2, energy + " keV");
    }
    assertEquals(1, truth.ticks(2.1));
  }

  @Test
  void thicknessIsInTheName(@TempDir Path folder) throws Exception {
    Path named = Files.createDirectory(folder.resolve("0-23_mm"));
    InputException twice =
        assertThrows(InputException.class, () -> StrontiumFrames.of(List.of(named, folder)));
    assertTrue(twice.getMessage().contains("twice"), twice.getMessage());
    Path other = Files.createDirectory(folder.resolve("other"));
    InputException empty =
        assertThrows(InputException.class, () -> StrontiumFrames.of(List.of(other)));
    assertTrue(empty.getMessage().contains("thickness"), empty.getMessage());
    assertThrows(
        InputException.class, () -> StrontiumFrames.of(List.of(folder.resolve("frames.zip"))));
  }
}
