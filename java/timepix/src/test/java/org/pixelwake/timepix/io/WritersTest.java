package org.pixelwake.timepix.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.Fixtures;
import org.pixelwake.timepix.clustering.ClusterOptions;

/// What is written reads back as what it was written from.
class WritersTest {
  @TempDir Path temp;

  private Writers.Written convert(Path from, Format to, Path output) {
    return Writers.convert(from, ClusterOptions.defaults(), to, output, Progress.NONE);
  }

  private static List<String> clusters(Path path) {
    return Fixtures.texts(Fixtures.read(path).clusters());
  }

  @Test
  void hitsToMmAndBackToHits() throws IOException {
    Path source = Fixtures.path("t3pa/tabs.t3pa");
    Writers.Written written = convert(source, Format.MM, temp.resolve("a.ini"));
    assertEquals(4, written.hits());
    assertEquals(4, written.clusters());
    assertEquals(clusters(source), clusters(temp.resolve("a_cl.txt")));
    assertEquals(3, written.report().read().markers());
    assertEquals(
        "203350.000000 1 0 0\n203351.562500 1 2 25\n",
        Files.readString(temp.resolve("a_cl.txt"))
            .lines()
            .limit(2)
            .collect(java.util.stream.Collectors.joining("\n", "", "\n")));
    convert(temp.resolve("a.ini"), Format.T3PA, temp.resolve("b.t3pa"));
    assertEquals(clusters(source), clusters(temp.resolve("b.t3pa")));
    assertFalse(Files.exists(temp.resolve("a.ini.part")));
  }

  @Test
  void hitsToBurdaText() throws IOException {
    Path source = Fixtures.path("burda/burda.txt");
    Writers.Written written = convert(source, Format.BURDA, temp.resolve("b.txt"));
    assertEquals(3, written.hits());
    assertEquals(
        "19839\t8135\t15\t9\n",
        Files.readString(temp.resolve("b.txt")).lines().skip(1).findFirst().orElse("") + "\n");
    Fixtures.Read read = Fixtures.read(temp.resolve("b.txt"));
    assertEquals("burda", read.info().format());
    assertEquals(clusters(source), Fixtures.texts(read.clusters()));
    convert(Fixtures.path("t3pa/tabs.t3pa"), Format.BURDA, temp.resolve("t.txt"));
    assertEquals(clusters(Fixtures.path("t3pa/tabs.t3pa")), clusters(temp.resolve("t.txt")));
  }

  @Test
  void hitsInOrderOfTime() throws IOException {
    Path from =
        Fixtures.write(
            temp,
            "u.t3pa",
            "Index\tMatrix Index\tToA\tToT\tFToA\tOverflow\n0\t5\t90\t7\t31\t0\n1\t9\t10\t8\t0\t0\n");
    convert(from, Format.T3PA, temp.resolve("o.t3pa"));
    assertEquals(
        "Index\tMatrix Index\tToA\tToT\tFToA\tOverflow\n0\t9\t10\t8\t0\t0\n1\t5\t89\t7\t15\t0\n",
        Files.readString(temp.resolve("o.t3pa")));
    assertEquals(clusters(from), clusters(temp.resolve("o.t3pa")));
  }

  @Test
  void framesToClusterLogKeepEmptyFramesAndTimes() {
    Path folder = temp.resolve("f");
    Fixtures.write(folder, "1.txt", "");
    Fixtures.write(
        folder,
        "1.txt.dsc",
        "A000000001\n[F0]\nType=i16 [X,Y,C] width=256 height=256\n\"Acq time\" (\"\"):\ndouble[1]\n0,5\n");
    Fixtures.write(folder, "2.txt", "1\t1\t5\n2\t2\t6\n9\t9\t7\n");
    Fixtures.write(folder, "3.txt", "");
    Writers.Written written = convert(folder, Format.CLOG, temp.resolve("a.clog"));
    assertEquals(3, written.frames());
    Fixtures.Read read = Fixtures.read(temp.resolve("a.clog"));
    assertEquals(clusters(folder), Fixtures.texts(read.clusters()));
    assertEquals(2, read.report().read().emptyFrames());
    assertEquals(5e8, read.report().read().exposure());
  }

  @Test
  void hitsToClusterLog() {
    convert(Fixtures.path("mm/a.ini"), Format.CLOG, temp.resolve("m.clog"));
    assertEquals(clusters(Fixtures.path("mm/a.ini")), clusters(temp.resolve("m.clog")));
  }

  @Test
  void framesToFrames() {
    Path output = temp.resolve("frames");
    Writers.Written written = convert(Fixtures.path("xyc"), Format.XYC, output);
    assertEquals(3, written.frames());
    Fixtures.Read read = Fixtures.read(output);
    assertEquals(clusters(Fixtures.path("xyc")), Fixtures.texts(read.clusters()));
    assertEquals("E09-W0211", read.info().chipId());
    assertEquals("Timepix", read.info().detector());
    InputException e =
        assertThrows(InputException.class, () -> convert(Fixtures.path("xyc"), Format.XYC, output));
    assertTrue(e.getMessage().contains("not an empty folder"), e.getMessage());
  }

  @Test
  void whatATargetCannotHoldIsRefused() {
    Path to = temp.resolve("x");
    assertThrows(InputException.class, () -> convert(Fixtures.path("xyc"), Format.T3PA, to));
    assertThrows(InputException.class, () -> convert(Fixtures.path("mm/a.ini"), Format.T3PA, to));
    assertThrows(InputException.class, () -> convert(Fixtures.path("mm/a.ini"), Format.XYC, to));
    assertThrows(InputException.class, () -> convert(Fixtures.path("xyc"), Format.TPX3, to));
    assertFalse(Files.exists(to));
  }

  @Test
  void aSourceThatTurnsOutDamagedLeavesNothingBehind() throws IOException {
    Path bad =
        Fixtures.write(
            temp, "bad.t3pa", "Index\tMatrix Index\tToA\tToT\tFToA\tOverflow\n" + "x\n".repeat(50));
    Path folder = Files.createDirectories(temp.resolve("out"));
    for (Format format : List.of(Format.MM, Format.CLOG, Format.T3PA)) {
      assertThrows(InputException.class, () -> convert(bad, format, folder.resolve("o")));
    }
    Path frames = Fixtures.write(temp, "bad.txt", "x\n".repeat(50));
    ClusterOptions forced =
        ClusterOptions.defaults().withOpen(OpenOptions.defaults().withFormat(Format.XYC));
    assertThrows(
        InputException.class,
        () -> Writers.convert(frames, forced, Format.XYC, folder.resolve("o"), Progress.NONE));
    try (var left = Files.list(folder)) {
      assertEquals(List.of(), left.toList());
    }
  }
}
