package org.pixelwake.timepix.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.Fixtures;

/// Every format from its fixture: found by content, read whole, from files, folders, zips and gzip.
class FixtureFilesTest {
  @TempDir Path temp;

  @Test
  void xycFramesOfAFolderComeInNaturalOrderWithTheirDescription() throws IOException {
    Fixtures.Read read = Fixtures.read(Fixtures.path("xyc"));
    assertEquals("xyc", read.info().format());
    assertEquals("Timepix", read.info().detector());
    assertEquals("E09-W0211", read.info().chipId());
    assertEquals(EnergyUnit.TOT, read.info().unit());
    assertEquals("94.500000", read.info().metadata().get("HV"));
    assertEquals(3, read.report().read().frames());
    assertEquals(1.5e9, read.report().read().exposure(), 1);
    Set<Set<String>> expected = new HashSet<>();
    long hits = 0;
    for (int i = 0; i < 3; i++) {
      String name = "xyc/data" + (i == 2 ? 10 : i) + ".txt";
      String text = Files.readString(Fixtures.path(name), StandardCharsets.ISO_8859_1);
      List<Set<String>> clusters = Fixtures.flood(text);
      expected.addAll(clusters);
      long frame = i;
      assertEquals(
          clusters.size(), read.clusters().stream().filter(c -> c.frame() == frame).count(), name);
      hits += text.lines().filter(l -> !l.isBlank()).count();
    }
    assertEquals(hits, read.report().read().hits());
    assertEquals(expected, Fixtures.pixelSets(read.clusters()));
    assertTrue(read.clusters().get(0).time() > 1.3e18, "Unix time in ns");
  }

  @Test
  void zipFolderAndGzipOfTheSameFramesGiveTheSame() throws IOException {
    List<String> expected = Fixtures.texts(Fixtures.read(Fixtures.path("xyc")).clusters());
    Path zip = Fixtures.zip(Fixtures.path("xyc").getParent().resolve("xyc"), temp.resolve("a.zip"));
    assertEquals(expected, Fixtures.texts(Fixtures.read(zip).clusters()));
    Path nested = Files.createDirectories(temp.resolve("deep/er"));
    try (var files = Files.list(Fixtures.path("xyc"))) {
      for (Path file : files.toList()) {
        try (OutputStream out =
            new GZIPOutputStream(
                Files.newOutputStream(nested.resolve(file.getFileName() + ".gz")))) {
          out.write(Files.readAllBytes(file));
        }
      }
    }
    assertEquals(expected, Fixtures.texts(Fixtures.read(temp.resolve("deep")).clusters()));
  }

  @Test
  void matrixFramesAreStackedAndDecimalCommasAreRead() {
    Fixtures.Read read = Fixtures.read(Fixtures.path("matrix"));
    assertEquals("matrix", read.info().format());
    assertEquals("Timepix3", read.info().detector(), "numbering of the newer Mpx type");
    assertEquals("F07-W0060", read.info().chipId());
    assertEquals(2, read.report().read().frames());
    assertEquals(1e9, read.report().read().exposure(), 1);
    assertEquals(2, read.clusters().size());
    Cluster first = read.clusters().get(0);
    assertEquals(Set.of("20,10", "21,10", "20,11", "21,11"), Fixtures.pixels(first));
    assertEquals(1487059068.912743e9, first.time(), 1000);
    assertEquals(1487059069.912743e9, read.clusters().get(1).time(), 1000);
    assertEquals("1487059068,912743", read.info().metadata().get("Start time"));
    assertEquals(1, read.clusters().get(1).frame());
  }

  @Test
  void emptyFilesAreEmptyFrames() {
    Fixtures.write(temp, "f/1.txt", "1\t2\t30\n");
    Fixtures.write(temp, "f/2.txt", "");
    Fixtures.write(temp, "f/3.txt", "5,6\t7\r\n5,7\t8\r\n");
    Fixtures.Read read = Fixtures.read(temp.resolve("f"));
    assertEquals(3, read.report().read().frames());
    assertEquals(1, read.report().read().emptyFrames());
    assertEquals(2, read.clusters().size());
    assertEquals(2, read.clusters().get(1).frame());
    assertEquals(2, read.clusters().get(1).size());
  }

  @Test
  void anEmptyFileAloneIsAFrameOnlyWithItsDescriptionOrWhenForced() {
    Path bare = Fixtures.write(temp, "bare.txt", "");
    assertThrows(InputException.class, () -> Fixtures.read(bare));
    Fixtures.Read forced = Fixtures.read(bare, OpenOptions.defaults().withFormat(Format.XYC));
    assertEquals(1, forced.report().read().emptyFrames());
    Path described = Fixtures.write(temp, "described.txt", "");
    Fixtures.write(
        temp, "described.txt.dsc", "A000000001\n[F0]\nType=i16 [X,Y,C] width=256 height=256\n");
    assertEquals(1, Fixtures.read(described).report().read().emptyFrames());
  }

  @Test
  void maskedPixelsOfAFolderHoldForTheFramesBelowIt() {
    Fixtures.write(temp, "m/a/masked_pixels.txt", "1\t2\t1\n9\t9\t0\n");
    Fixtures.write(temp, "m/a/raw/1.txt", "1\t2\t30\n3\t4\t5\n9\t9\t1\n");
    Fixtures.write(temp, "m/b/1.txt", "1\t2\t30\n");
    Fixtures.Read read = Fixtures.read(temp.resolve("m"));
    assertEquals(1, read.report().read().maskedHits());
    assertEquals(3, read.clusters().size());
    Fixtures.Read all =
        Fixtures.read(temp.resolve("m"), OpenOptions.defaults().withMaskFromSource(false));
    assertEquals(4, all.clusters().size());
  }

  @Test
  void malformedPixelsAreLocatedAndCounted() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      text.append(i).append('\t').append(3 * (i % 80)).append("\t9\n");
    }
    text.append("256\t1\t5\nx\ty\tz\n7\t255\t0\n0\t0\t9\n5\t200\t-4\n");
    Fixtures.Read read = Fixtures.read(Fixtures.write(temp, "a.txt", text.toString()));
    var skipped = read.report().read().skipped();
    assertEquals(200, read.report().read().hits());
    assertEquals(4, skipped.size(), skipped.toString());
    assertTrue(skipped.get(0).reason().contains("outside the 256 x 256"), skipped.toString());
    assertTrue(skipped.get(0).first().endsWith("a.txt: line 201"), skipped.toString());
    assertTrue(skipped.get(1).first().endsWith("line 202"), skipped.toString());
    assertEquals("pixel without counts", skipped.get(2).reason());
    assertEquals(2, skipped.get(2).count());
    assertFalse(skipped.get(2).malformed());
    assertTrue(skipped.get(3).reason().contains("twice"), skipped.toString());
  }

  @Test
  void clusterLogsOfBothDetectors() {
    Fixtures.Read timepix = Fixtures.read(Fixtures.path("clog/timepix.clog"));
    assertEquals("clog", timepix.info().format());
    assertEquals(3, timepix.report().read().frames());
    assertEquals(1, timepix.report().read().emptyFrames());
    assertEquals(List.of(4, 1, 2), timepix.clusters().stream().map(Cluster::size).toList());
    assertEquals(1, timepix.clusters().get(0).frame());
    assertEquals(1686735310.522632e9, timepix.clusters().get(0).time(), 1000);
    assertEquals(EnergyUnit.TOT, timepix.info().unit());
    assertEquals(15e9, timepix.report().read().exposure(), 1);
    Fixtures.Read timepix3 = Fixtures.read(Fixtures.path("clog/timepix3.clog"));
    assertTrue(timepix3.info().hasToa());
    assertEquals(EnergyUnit.KEV, timepix3.info().unit());
    assertEquals(
        "0 @1000.0: (10,11,5.25,0.0) (11,11,7.0,1.5625)",
        Fixtures.text(timepix3.clusters().get(0)));
  }

  @Test
  void aWholeFourthValueOfAClusterLogIsACount() {
    Path file =
        Fixtures.write(temp, "a.clog", "Frame 1 (5,5, 1,25 s)\n[1, 2, 3, 1] [2, 2, 4, 2] \n");
    Fixtures.Read read = Fixtures.read(file);
    assertFalse(read.info().hasToa());
    assertEquals(1.25e9, read.report().read().exposure(), 1);
    assertEquals(5.5e9, read.clusters().get(0).time(), 1);
    assertTrue(read.report().notices().get(0).contains("number of counts"));
  }

  @Test
  void mmTripletsFromAnyOfTheThreeFiles() {
    List<String> expected =
        List.of(
            "0 @15540.0: (123,128,14.23,0.0) (124,128,6.1,1.5) (124,129,5.02,10.0)",
            "0 @20000.0: (10,10,3.5,0.0)");
    for (String name : List.of("mm/a.ini", "mm/a_cl.txt", "mm/a_px.txt", "mm")) {
      Fixtures.Read read = Fixtures.read(Fixtures.path(name));
      assertEquals(expected, Fixtures.texts(read.clusters()), name);
      assertEquals(EnergyUnit.KEV, read.info().unit());
      assertEquals("130", read.info().metadata().get("Bias"));
      assertEquals(0, read.report().read().skippedTotal());
    }
    Path zip = Fixtures.zip(Fixtures.path("mm"), temp.resolve("mm.zip"));
    assertEquals(expected, Fixtures.texts(Fixtures.read(zip).clusters()));
  }

  @Test
  void mmSeparatorsMayComeBeforeTheClustersOrNotAtAll() {
    Fixtures.write(temp, "b_px.txt", "#\n1 2 10.0 5\n1 3 11.5 6\n#\n9 9 50.0 7\n");
    Fixtures.Read before = Fixtures.read(temp.resolve("b_px.txt"));
    assertEquals(List.of(2, 1), before.clusters().stream().map(Cluster::size).toList());
    assertEquals(EnergyUnit.TOT, before.info().unit());
    Fixtures.write(temp, "c_px.txt", "1 2 10.0 5\n1 3 11.5 6\n9 9 50.0 7\n");
    Path cl = Fixtures.write(temp, "c_cl.txt", "10.0 2 0 0\n50.0 1 2 20\n");
    Fixtures.Read none = Fixtures.read(cl);
    assertEquals(List.of(2, 1), none.clusters().stream().map(Cluster::size).toList());
    assertEquals(0, none.report().read().skippedTotal());
  }

  @Test
  void mmWithoutItsHitsIsAnError() {
    Path cl = Fixtures.write(temp, "d_cl.txt", "10.0 2 0 0\n");
    InputException e = assertThrows(InputException.class, () -> Fixtures.read(cl));
    assertTrue(e.getMessage().contains("d_px.txt"), e.getMessage());
  }

  @Test
  void mmThatDisagreesWithItsClusterFileIsCounted() {
    StringBuilder px = new StringBuilder();
    StringBuilder cl = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      px.append("1 2 ").append(i * 1000).append(".5 3.5\n#\n");
      cl.append(i * 1000).append(".5 ").append(i == 20 ? 2 : 1).append(" 0 0\n");
    }
    Fixtures.write(temp, "e_px.txt", px.toString());
    Fixtures.Read read = Fixtures.read(Fixtures.write(temp, "e_cl.txt", cl.toString()));
    assertEquals(50, read.clusters().size());
    assertEquals(1, read.report().read().skippedTotal());
  }

  @Test
  void severalFormatsInOneFolderNeedAChoice() throws IOException {
    Path folder = Files.createDirectories(temp.resolve("mixed"));
    Files.copy(Fixtures.path("clog/timepix.clog"), folder.resolve("a.clog"));
    Files.copy(Fixtures.path("t3pa/tabs.t3pa"), folder.resolve("b.t3pa"));
    InputException e = assertThrows(InputException.class, () -> Fixtures.read(folder));
    assertTrue(e.getMessage().contains("t3pa (1)"), e.getMessage());
    Fixtures.Read read = Fixtures.read(folder, OpenOptions.defaults().withFormat(Format.CLOG));
    assertEquals(3, read.clusters().size());
  }

  @Test
  void namesOfFormats() {
    for (Format format : Format.values()) {
      assertEquals(format, Format.of(format.id()));
    }
    assertThrows(InputException.class, () -> Format.of("root"));
  }
}
