package org.pixelwake.timepix.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.Fixtures;
import org.pixelwake.timepix.calibration.PixelMask;

/// Clusters of mPIXdaq.
class MpixdaqTest {
  private static final Path FIXTURE = Fixtures.path("mpixdaq/clusters.yml");

  @TempDir Path temp;

  private static String text() {
    try {
      return Files.readString(FIXTURE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void clustersWithTheirFrames() {
    Fixtures.Read read = Fixtures.read(FIXTURE);
    assertEquals("mpixdaq", read.info().format());
    assertEquals("Timepix", read.info().detector());
    assertEquals("EduMiniPIX TSWB sn: 1", read.info().chipId());
    assertEquals(EnergyUnit.KEV, read.info().unit());
    assertFalse(read.info().hasToa());
    assertEquals("155.5", read.info().metadata().get("bias"));
    assertEquals(
        List.of(
            "1 @5.0E8: (93,206,133.0,0.0) (94,206,24.0,0.0) (93,207,42.0,0.0) (93,208,60.0,0.0)"
                + " (93,209,7.5,0.0)",
            "1 @5.0E8: (179,210,119.0,0.0)",
            "5 @2.5E9: (58,252,9.0,0.0) (59,252,8.0,0.0)"),
        Fixtures.texts(read.clusters()));
    ReadReport report = read.report().read();
    assertEquals(9, report.frames());
    assertEquals(7, report.emptyFrames());
    assertEquals(4.5e9, report.exposure(), 1);
    assertEquals(0, report.skippedTotal());
  }

  @Test
  void maskedPixels() {
    PixelMask mask = PixelMask.read(Fixtures.write(temp, "mask.txt", "179 210 1\n93 209 1\n"));
    Fixtures.Read read = Fixtures.read(FIXTURE, OpenOptions.defaults().withMask(mask));
    assertEquals(List.of(4, 2), read.clusters().stream().map(Cluster::size).toList());
    assertEquals(2, read.report().read().maskedHits());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[[1.0], [[65536, 5]]]",
        "[[1.0], [[5, -5]]]",
        "[[1.0], [[5, 5, 5]]]",
        "[[1.0], [[5, abc]]]",
        "[[1.0], [[5, {a: [1]}]]]",
        "[[1.0], [[[5, 5]]]]",
        "[[1.0], [[5, 5]], []]",
        "[[.nan], [[5, 5]]]",
        "[1.0, [[5, 5]]]",
        "[]",
        "{a: b}",
        "word"
      })
  void malformedEntriesAreLocatedAndTheOthersRead(String entry) {
    Path file =
        Fixtures.write(
            temp, "a.yml", text().replace(" - [[0.5, 179", " - " + entry + "\n - [[0.5, 179"));
    Fixtures.Read read = Fixtures.read(file);
    assertEquals(3, read.clusters().size());
    var skipped = read.report().read().skipped();
    assertEquals(1, skipped.size(), skipped.toString());
    assertTrue(skipped.get(0).first().endsWith("a.yml: line 29"), skipped.toString());
  }

  @Test
  void aFileThatEndsEarlyGivesWhatItHas() {
    String text = text();
    Path cut = Fixtures.write(temp, "cut.yml", text.substring(0, text.indexOf("[64571")));
    Fixtures.Read read = Fixtures.read(cut);
    assertEquals(2, read.clusters().size());
    assertEquals(2, read.report().read().frames());
    assertEquals("what follows is not YAML", read.report().read().skipped().get(0).reason());
    Path head = Fixtures.write(temp, "head.yml", text.substring(0, text.indexOf("cluster_data")));
    InputException e = assertThrows(InputException.class, () -> Fixtures.read(head));
    assertTrue(e.getMessage().contains("cluster_data"), e.getMessage());
  }

  /// Clusters, hits and energies as counted from the files apart from this program. Each cluster is
  /// one of 8-connected pixels.
  @Tag("slow")
  @ParameterizedTest
  @CsvSource({
    "mpixdaq/clusters.yml, 3, 8, 402.5, 9",
    "shared/mpixdaq-radon-clusters.yml.gz, 47227, 381917, 48272874, 16314",
    "shared/mpixdaq-gamma-clusters.yml.gz, 5621, 24804, 691228, 1047"
  })
  void measured(String name, int clusters, long hits, double keV, long frames) {
    Path file = Fixtures.file(name);
    boolean packed = name.endsWith(".gz");
    Fixtures.Read read =
        Fixtures.read(packed ? file : Fixtures.gzip(file, temp.resolve("clusters.yml.gz")));
    assertEquals(clusters, read.clusters().size());
    assertEquals(hits, read.report().read().hits());
    assertEquals(frames, read.report().read().frames());
    assertEquals(frames * 0.5e9, read.report().read().exposure(), 1);
    assertEquals(0, read.report().read().skippedTotal());
    double sum = 0;
    for (Cluster cluster : read.clusters()) {
      for (float energy : cluster.energy()) {
        sum += energy;
      }
    }
    assertEquals(keV, sum);
  }
}
