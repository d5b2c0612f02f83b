package org.pixelwake.timepix.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.Fixtures;

/// Cluster lists of ADVACAM's DPE.
class ClistTest {
  private static final String NAMES = "DetectorID\tT\tE\tClusterPixels\n-\tns\tkeV\t-\n";

  @TempDir Path temp;

  @Test
  void clustersWithTheirTimes() {
    Fixtures.Read read = Fixtures.read(Fixtures.path("clist/list.clist"));
    assertEquals("clist", read.info().format());
    assertEquals(EnergyUnit.KEV, read.info().unit());
    assertEquals(256, read.info().width());
    assertEquals(
        List.of(
            "0 @203346.875: (10,20,46.0,0.0)",
            "0 @203600.0: (11,20,5.0,0.0) (12,20,2.5,1.562)",
            "0 @203700.0: (255,0,7.5,0.0)"),
        Fixtures.texts(read.clusters()));
    assertEquals(0, read.report().read().skippedTotal());
  }

  @Test
  void damagedLinesAreCountedAndPlaced() {
    StringBuilder text = new StringBuilder(NAMES);
    for (int i = 0; i < 60; i++) {
      text.append("0\t").append(1000 * i).append("\t5\t[1, 2, 5.0, 0.0]\n");
    }
    text.append("0\t1\t5\t[256, 2, 5.0, -1.5][1, 2\n0\tx\t5\t[1, 2, 5.0, 0.0]\n");
    Path file = Fixtures.write(temp, "a.clist", text.toString());
    Fixtures.Read read = Fixtures.read(file);
    assertEquals(60, read.clusters().size());
    assertEquals(512, read.info().width());
    assertEquals(
        Set.of("hit that is not [x, y, E, t]", "cluster without a time"),
        new HashSet<>(
            read.report().read().skipped().stream().map(ReadReport.Skipped::reason).toList()));
    assertTrue(read.report().read().skipped().getFirst().first().endsWith("line 63"));
  }

  @Test
  void aListWithoutTimesIsRefused() {
    Path file =
        Fixtures.write(temp, "b.clist", "Size\tClusterPixels\npx\t-\n1\t[1, 2, 5.0, 0.0]\n");
    InputException e = assertThrows(InputException.class, () -> Fixtures.read(file));
    assertTrue(String.valueOf(e.getMessage()).contains("line 1"), e.getMessage());
  }

  /// The peer's clusters are those that we find in the hits that it had. Of their times
  /// `RealFilesTest` tells.
  @ParameterizedTest
  @CsvSource({
    "t3pa/peer.t3pa, clist/peer.clist",
    "shared/advacam-tot-toa.t3pa, shared/advacam-tot-toa.clist"
  })
  void clustersOfAdvacamsListAreOurs(String hits, String list) {
    assertEquals(pixels(Fixtures.file(hits)), pixels(Fixtures.file(list)));
  }

  private static List<String> pixels(Path file) {
    List<String> texts = new ArrayList<>();
    for (Cluster cluster : Fixtures.read(file).clusters()) {
      Set<String> hits = new TreeSet<>();
      for (int i = 0; i < cluster.size(); i++) {
        hits.add(cluster.x()[i] + "," + cluster.y()[i] + "," + cluster.energy()[i]);
      }
      texts.add(hits.toString());
    }
    Collections.sort(texts);
    return texts;
  }
}
