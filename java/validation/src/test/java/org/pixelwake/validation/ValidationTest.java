package org.pixelwake.validation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pixelwake.base.Progress;
import org.pixelwake.report.section.Finding;
import org.pixelwake.report.section.Finding.Verdict;

/// The simulation against what is published, with fewer particles than `pixelwake validate` takes.
@Tag("slow")
class ValidationTest {
  @Test
  void agreesWithWhatIsPublished() {
    int threads = Runtime.getRuntime().availableProcessors();
    Validation validation = new Validation(threads, Validation.QUICK);
    List<Finding> all = validation.run(validation.parts(), Progress.NONE);
    Set<String> ids = new HashSet<>();
    for (Finding comparison : all) {
      ids.add(comparison.id());
      assertFalse(comparison.verdicts().isEmpty());
      assertFalse(comparison.figures().isEmpty());
      for (Verdict check : comparison.verdicts()) {
        assertTrue(check.holds(), check.toString());
      }
    }
    assertEquals(Set.copyOf(validation.parts()), ids);
    assertThrows(
        IllegalArgumentException.class,
        () -> new Validation(1, 1).run(List.of("luck"), Progress.NONE));
  }

  @Test
  void doesNotDependOnTheThreads() {
    List<Finding> one;
    List<Finding> three;
    try (Runner runner = new Runner(1, 0.01, Progress.NONE)) {
      one = List.of(Scatterings.compare(runner));
    }
    try (Runner runner = new Runner(3, 0.01, Progress.NONE)) {
      three = List.of(Scatterings.compare(runner));
    }
    assertEquals(one.getFirst().verdicts(), three.getFirst().verdicts());
  }

  @Test
  void checksHoldWithinTheirBounds() {
    FindingBuilder all = new FindingBuilder();
    assertTrue(all.between("a", 3, "", 3, 4, "b").holds());
    assertFalse(all.between("a", 4.1, "", 3, 4, "b").holds());
    assertFalse(all.between("a", Double.NaN, "", 3, 4, "b").holds());
    assertThrows(IllegalArgumentException.class, () -> all.between("a", 3, "", 3, 4, ""));
    assertThrows(IllegalArgumentException.class, () -> all.between("a", 3, "", 4, 3, "b"));
    double[] ratios = FindingBuilder.ratios(new double[] {1.01, 0.95}, new double[] {1, 1});
    assertEquals(-5, FindingBuilder.worst(ratios), 1e-9);
    double[] none = FindingBuilder.ratios(new double[] {Double.NaN}, new double[] {1});
    assertTrue(Double.isNaN(FindingBuilder.worst(none)));
  }

  @Test
  void tablesHaveSources() {
    ReferenceTable table =
        ReferenceTable.parse("t", "# About.\n# Source: a book\nion,mev\nC12,1.5\nN14,2e3\n");
    assertEquals("a book", table.source());
    assertEquals(List.of("C12", "N14"), table.texts("ion"));
    assertArrayEquals(new double[] {1.5, 2000}, table.column("mev"));
    assertThrows(IllegalArgumentException.class, () -> table.column("kev"));
    assertThrows(IllegalArgumentException.class, () -> ReferenceTable.of("none"));
    assertThrows(IllegalArgumentException.class, () -> ReferenceTable.parse("t", "a,b\n1,2\n"));
    assertThrows(
        IllegalArgumentException.class,
        () -> ReferenceTable.parse("t", "# Source: a book\na,b\n1\n"));
  }

  @Test
  void peakOfKnownDistributions() {
    Random random = new Random(4);
    double[] normal = random.doubles(100_000).map(u -> 80 + 4 * random.nextGaussian()).toArray();
    Distribution.Peak peak = new Distribution(normal).peak(0.25, 2.5);
    assertEquals(80, peak.place(), 0.1);
    assertEquals(2.3548 * 4, peak.fullWidth(), 0.2);
    double[] centred = random.doubles(100_000).map(u -> 3 * random.nextGaussian()).toArray();
    assertEquals(3, new Distribution(centred).normalWidth98(), 0.03);
  }

  @Test
  void distancesOfDistributions() {
    Distribution a = new Distribution(new double[] {1, 2, 3, 4});
    assertEquals(0, a.distance(a));
    assertEquals(0, a.transport(a));
    Distribution b = new Distribution(new double[] {3, 4, 5, 6});
    assertEquals(0.5, a.distance(b), 1e-12);
    assertEquals(0.5, b.distance(a), 1e-12);
    assertEquals(2, a.transport(b), 1e-12);
    assertEquals(1, a.distance(new Distribution(new double[] {9})), 1e-12);
  }
}
