package org.pixelwake.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.clustering.ClusterStream;
import org.pixelwake.timepix.dataset.Balancer;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetReader;
import org.pixelwake.timepix.dataset.Shards;

/// The job in Spark's local mode against the same classes without Spark.
@Tag("slow")
class ClusterJobTest {
  private static final Path FIXTURES = Path.of("../timepix/src/test/resources/fixtures");

  @TempDir Path temp;

  @BeforeEach
  void twoThreads() {
    System.setProperty("spark.master", "local[2]");
    System.setProperty("spark.ui.enabled", "false");
  }

  private static Path realFiles() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.isDirectory(at.resolve("shared/data"))) {
        return at.resolve("shared/data");
      }
    }
    return Assumptions.abort("skipped: ../shared/data is not there");
  }

  private Path folder(Path... files) throws IOException {
    Path folder = Files.createDirectory(temp.resolve("raw"));
    for (Path file : files) {
      Files.copy(file, folder.resolve(file.getFileName()));
    }
    return folder;
  }

  private static List<Cluster> onOneMachine(Path source) {
    List<Cluster> clusters = new ArrayList<>();
    try (ClusterStream stream = ClusterStream.open(source, ClusterOptions.defaults())) {
      stream.forEachRemaining(clusters::add);
    }
    return clusters;
  }

  private static List<Cluster> written(Path file) {
    List<Cluster> clusters = new ArrayList<>();
    try (DatasetReader reader = DatasetReader.open(file)) {
      for (ClusterTable batch = reader.nextBatch(); batch != null; batch = reader.nextBatch()) {
        for (int row = 0; row < batch.count(); row++) {
          clusters.add(batch.cluster(row));
        }
      }
    }
    return clusters;
  }

  private static void assertSame(List<Cluster> expected, List<Cluster> found, String what) {
    assertEquals(expected.size(), found.size(), what);
    for (int i = 0; i < found.size(); i++) {
      Cluster a = expected.get(i);
      Cluster b = found.get(i);
      assertEquals(a.frame(), b.frame(), what);
      assertEquals(
          Double.doubleToRawLongBits(a.time()), Double.doubleToRawLongBits(b.time()), what);
      assertArrayEquals(a.x(), b.x(), what);
      assertArrayEquals(a.y(), b.y(), what);
      assertArrayEquals(a.energy(), b.energy(), what);
      assertArrayEquals(a.toa(), b.toa(), what);
    }
  }

  private void assertJobIsAsOneMachine(List<Path> sources, Path input) {
    Path out = temp.resolve("out");
    assertEquals(0, ClusterJob.run(input.toString(), "-o", out.toString()));
    for (int i = 0; i < sources.size(); i++) {
      List<Cluster> expected = onOneMachine(sources.get(i));
      Path part = out.resolve(Shards.fileName(i));
      assertEquals(!expected.isEmpty(), Files.exists(part), sources.get(i).toString());
      if (!expected.isEmpty()) {
        assertSame(expected, written(part), sources.get(i).toString());
      }
    }
  }

  @Test
  void clustersOfFixturesAreThoseOfOneMachine() throws IOException {
    // A folder in the folder is one source: frames with their .dsc, a triplet.
    Path input =
        folder(FIXTURES.resolve("t3pa/tabs.t3pa"), FIXTURES.resolve("t3pa/three-columns.t3pa"));
    List<Path> sources = Sources.of(List.of(input));
    assertEquals(2, sources.size());
    assertJobIsAsOneMachine(sources, input);
    List<Cluster> all = new ArrayList<>();
    sources.forEach(source -> all.addAll(onOneMachine(source)));
    assertSame(all, written(temp.resolve("out")), "the folder as one data set");
  }

  /// Sources of every kind in one folder: the small ones of the tests, and large measured ones.
  @ParameterizedTest(name = "measured: {0}")
  @ValueSource(booleans = {false, true})
  void clustersOfAllKindsAreThoseOfOneMachine(boolean measured) throws IOException {
    Path data = measured ? realFiles() : FIXTURES;
    Path raw =
        measured
            ? folder(
                data.resolve("advacam-tot-toa.t3pa"),
                data.resolve("cernatschool-sr90-1-01-mm.zip"),
                data.resolve("odz-flight-example.clog"),
                data.resolve("ornl-background-serval32.tpx3"),
                data.resolve("antiproton-timepix3-mm.zip"),
                data.resolve("tpx3cam-01.tpx3"))
            : folder(
                data.resolve("t3pa/peer.t3pa"),
                zip(data.resolve("cernatschool/sr90/0-23-mm")),
                data.resolve("clog/timepix.clog"),
                data.resolve("tpx3/made.tpx3"),
                zip(data.resolve("mm")),
                data.resolve("tpx3/hermes-cut.tpx3"));
    List<Path> sources = Sources.of(List.of(raw));
    assertEquals(6, sources.size());
    assertJobIsAsOneMachine(sources, raw);
  }

  private Path zip(Path folder) throws IOException {
    Path target = temp.resolve(folder.getFileName() + ".zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(target));
        Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new ZipEntry(folder.relativize(file).toString()));
        Files.copy(file, out);
      }
    }
    return target;
  }

  /// An MM triplet of as many clusters of one, two and three hits each.
  private Path triplet(int each) throws IOException {
    Path folder = Files.createDirectory(temp.resolve("made"));
    StringBuilder hits = new StringBuilder();
    for (int i = 0; i < 3 * each; i++) {
      for (int hit = 0; hit <= i % 3; hit++) {
        hits.append(hit).append(' ').append(i % 256).append(' ').append(1000 * i).append(" 5.25\n");
      }
      hits.append("#\n");
    }
    Files.writeString(folder.resolve("made_px.txt"), hits);
    Files.writeString(
        folder.resolve("made.ini"), "[Measurement]\nPxFile=made_px.txt\nFormat=txt\n");
    return folder;
  }

  @ParameterizedTest(name = "measured: {0}")
  @ValueSource(booleans = {false, true})
  void balancedOverAllSourcesAsOnOneMachine(boolean measured) throws IOException {
    Path raw =
        measured
            ? folder(
                realFiles().resolve("antiproton-timepix3-mm.zip"),
                realFiles().resolve("cernatschool-sr90-1-01-mm.zip"))
            : folder(zip(triplet(60)), zip(FIXTURES.resolve("cernatschool/sr90/0-00-mm")));
    Path out = temp.resolve("out");
    // Energies of the two have different units, which one data set would refuse; parts may.
    assertEquals(0, ClusterJob.run(raw.toString(), "-o", out.toString(), "--balance"));
    List<Cluster> all = new ArrayList<>();
    Sources.of(List.of(raw)).forEach(source -> all.addAll(onOneMachine(source)));
    int[] sizes = all.stream().mapToInt(Cluster::size).toArray();
    List<Cluster> expected = new ArrayList<>();
    for (int row : Balancer.withSeed(1).select(sizes).rows()) {
      expected.add(all.get(row));
    }
    List<Cluster> found = new ArrayList<>(written(out.resolve(Shards.fileName(0))));
    found.addAll(written(out.resolve(Shards.fileName(1))));
    assertSame(expected, found, "balanced");
    assertTrue(!found.isEmpty() && found.size() < all.size(), "some are left out");
    assertFalse(Files.exists(out.resolve(".part-all")));
  }

  @Test
  void aSourceThatCannotBeReadIsToldAndTheOthersAreWritten() throws IOException {
    Path raw = folder(FIXTURES.resolve("t3pa/tabs.t3pa"));
    Files.writeString(raw.resolve("broken.t3pa"), "no detector wrote this\n");
    Path out = temp.resolve("out");
    assertEquals(2, ClusterJob.run(raw.toString(), "-o", out.toString()));
    List<String> table = Files.readAllLines(out.resolve(SourceTable.NAME));
    assertTrue(table.get(1).contains("broken.t3pa") && table.get(1).contains(",true,"));
    assertTrue(
        table.get(2).startsWith("part-00001.parquet,") && table.get(2).contains("tabs.t3pa"));
    assertFalse(Files.exists(out.resolve(Shards.fileName(0))));
    assertFalse(written(out.resolve(Shards.fileName(1))).isEmpty());
    try (var files = Files.list(out)) {
      // The data set, the table of sources and the list of files.
      assertEquals(3, files.count(), "nothing half-written is left");
    }
  }

  @Test
  void wrongArgumentsAreTold() throws IOException {
    Path raw = folder(FIXTURES.resolve("t3pa/tabs.t3pa"));
    String out = temp.resolve("out").toString();
    assertEquals(2, ClusterJob.run(temp.resolve("nothing").toString(), "-o", out));
    assertEquals(2, ClusterJob.run(raw.toString(), "-o", out, "--window-ns", "-1"));
    assertEquals(2, ClusterJob.run(raw.toString(), "-o", out, "--calibration", "nowhere"));
    assertEquals(0, ClusterJob.run(raw.toString(), "-o", out));
    assertEquals(2, ClusterJob.run(raw.toString(), "-o", out), "the folder is not empty");
    assertEquals(0, ClusterJob.run(raw.toString(), "-o", out, "--force"));
  }
}
