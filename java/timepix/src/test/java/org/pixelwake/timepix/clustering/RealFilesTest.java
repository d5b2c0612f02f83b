package org.pixelwake.timepix.clustering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.Fixtures;
import org.pixelwake.timepix.io.EventSource;
import org.pixelwake.timepix.io.HitBlock;
import org.pixelwake.timepix.io.HitSources;
import org.pixelwake.timepix.io.OpenOptions;

/// Measured files against published numbers, a peer's clusters, and a decoding of their own. Each
/// test runs on a small file that comes with the tests too, by cuts of the measured ones or in
/// their shape; what these hold was counted apart from this program.
class RealFilesTest {
  private static final Pattern PIXEL =
      Pattern.compile("\\[(\\d+), (\\d+), ([0-9.]+), ([0-9.]+)\\]");

  /// The published clusters are plain 8-connected ones. The `masked_pixels.txt` of these
  /// measurements are empty, so obeying them changes nothing.
  @Tag("slow")
  @ParameterizedTest
  @CsvSource({
    "cernatschool/sr90/0-00-mm, 2, 109, 584",
    "cernatschool/sr90/0-23-mm, 2, 54, 242",
    "shared/cernatschool-sr90-0-00-mm.zip, 600, 43281, 269369",
    "shared/cernatschool-sr90-0-23-mm.zip, 600, 22198, 139611",
    "shared/cernatschool-sr90-1-01-mm.zip, 600, 5873, 38470"
  })
  void strontium(String name, long frames, int clusters, long hits) {
    Path source = Fixtures.file(name);
    for (boolean masks : new boolean[] {true, false}) {
      Fixtures.Read read = Fixtures.read(source, OpenOptions.defaults().withMaskFromSource(masks));
      assertEquals(clusters, read.clusters().size());
      assertEquals(hits, read.report().read().hits());
      assertEquals(frames, read.report().read().frames());
      assertEquals(0, read.report().read().maskedHits());
      assertEquals(0, read.report().read().skippedTotal());
      assertEquals("E09-W0211", read.info().chipId());
    }
  }

  /// Advacam's clusters come out for every window of 50 to 500 ns, so for our 200 ns too: the sets
  /// of pixels with their ToT, and the times of the hits after the first one, are equal. The time
  /// of the cluster itself is one fine tick (1.5625 ns) later in Advacam's list for four of them,
  /// though it has the same first hits at 0; the file does not tell why. The small list is made up,
  /// in the same columns.
  @ParameterizedTest
  @CsvSource({
    "clist/peer.clist, t3pa/peer.t3pa, 7, 27, 0, 50",
    "clist/peer.clist, t3pa/peer.t3pa, 7, 27, 0, 200",
    "clist/peer.clist, t3pa/peer.t3pa, 7, 27, 0, 500",
    "shared/advacam-tot-toa.clist, shared/advacam-tot-toa.t3pa, 64, 1491, 4, 50",
    "shared/advacam-tot-toa.clist, shared/advacam-tot-toa.t3pa, 64, 1491, 4, 200",
    "shared/advacam-tot-toa.clist, shared/advacam-tot-toa.t3pa, 64, 1491, 4, 500"
  })
  void advacam(
      String list, String hitFile, int clusters, long hitCount, int laterClusters, double window)
      throws IOException {
    Map<String, Double> expected = new TreeMap<>();
    List<String> lines = Files.readAllLines(Fixtures.file(list), StandardCharsets.ISO_8859_1);
    for (String line : lines.subList(2, lines.size())) {
      Matcher m = PIXEL.matcher(line);
      Set<String> hits = new TreeSet<>();
      while (m.find()) {
        float tot = Float.parseFloat(m.group(3));
        hits.add(hit(m.group(1), m.group(2), tot, Double.parseDouble(m.group(4))));
      }
      put(expected, hits, Double.parseDouble(line.split("\t")[5]));
    }
    assertEquals(clusters, expected.size());
    Path t3pa = Fixtures.file(hitFile);
    Fixtures.Read read = Fixtures.read(t3pa, ClusterOptions.defaults().withWindowNs(window));
    Map<String, Double> found = new TreeMap<>();
    for (Cluster c : read.clusters()) {
      Set<String> hits = new TreeSet<>();
      for (int i = 0; i < c.size(); i++) {
        hits.add(hit("" + c.x()[i], "" + c.y()[i], c.energy()[i], c.toa()[i]));
      }
      put(found, hits, c.time());
    }
    assertTrue(expected.keySet().equals(found.keySet()), "the same clusters");
    int later = 0;
    for (Map.Entry<String, Double> cluster : expected.entrySet()) {
      double time = Objects.requireNonNull(found.get(cluster.getKey()));
      long ticks = Math.round((cluster.getValue() - time) / 1.5625);
      assertTrue(ticks == 0 || ticks == 1, ticks + " ticks");
      later += (int) ticks;
    }
    assertEquals(laterClusters, later);
    assertEquals(hitCount, read.report().read().hits());
  }

  /// Clusters alike, such as single hits of one pixel, are numbered in their order.
  private static void put(Map<String, Double> clusters, Set<String> hits, double time) {
    int number = 0;
    while (clusters.containsKey(number + " " + hits)) {
      number++;
    }
    clusters.put(number + " " + hits, time);
  }

  private static String hit(String x, String y, float tot, double after) {
    return x + "," + y + " " + tot + " +" + Math.round(after / 1.5625);
  }

  @ParameterizedTest
  @CsvSource({"t3pa/three-columns-quad.t3pa, 5", "shared/timepix3-three-column.t3pa, 999"})
  void threeColumns(String name, long hits) {
    Fixtures.Read read = Fixtures.read(Fixtures.file(name));
    assertEquals(hits, read.report().read().hits());
    assertEquals(512, read.info().width());
    assertTrue(read.report().notices().stream().anyMatch(n -> n.contains("rows have 3")));
    assertTrue(read.report().notices().stream().anyMatch(n -> n.contains("sorting window")));
    assertEquals(0, read.report().lateHits());
  }

  /// Clusters of 2^k hits and more in the bins of their sizes, counted apart from this program.
  @ParameterizedTest
  @CsvSource({
    "mm, 4, 3, 1 1",
    "shared/antiproton-timepix3-mm.zip, 380878, 5710,"
        + " 3770 2760 2565 1950 1181 642 339 241 150 84 37 9 4"
  })
  void antiprotons(String name, long hits, int largest, String sizes) {
    Fixtures.Read read = Fixtures.read(Fixtures.file(name));
    long[] expected = Stream.of(sizes.split(" ", -1)).mapToLong(Long::parseLong).toArray();
    assertEquals(LongStream.of(expected).sum(), read.clusters().size());
    assertEquals(hits, read.report().read().hits());
    assertEquals(0, read.report().read().skippedTotal());
    assertEquals(EnergyUnit.KEV, read.info().unit());
    assertEquals(largest, read.clusters().stream().mapToInt(Cluster::size).max().orElse(0));
    long[] found = new long[expected.length];
    for (Cluster c : read.clusters()) {
      found[31 - Integer.numberOfLeadingZeros(c.size())]++;
    }
    assertEquals(Arrays.toString(expected), Arrays.toString(found));
  }

  @ParameterizedTest
  @CsvSource({"clog/timepix.clog, 3, 3, 7", "shared/odz-flight-example.clog, 1000, 989, 5465"})
  void flightClusterLog(String name, long frames, int clusters, long hits) {
    Fixtures.Read read = Fixtures.read(Fixtures.file(name));
    assertEquals(frames, read.report().read().frames());
    assertEquals(0, read.report().read().skippedTotal());
    assertEquals(clusters, read.clusters().size());
    assertEquals(hits, read.report().read().hits());
  }

  /// Clusters as counted from the files apart from this program.
  @ParameterizedTest
  @CsvSource({"lsc, 5", "shared/cernatschool-radium226-lsc.zip, 474"})
  void commaSeparatedFrames(String name, int clusters) {
    Fixtures.Read read = Fixtures.read(Fixtures.file(name));
    assertEquals("xyc", read.info().format());
    assertEquals(clusters, read.clusters().size());
    assertEquals(0, read.report().read().skippedTotal());
  }

  @ParameterizedTest
  @CsvSource({
    "cernatschool/background, 2, 15, 18",
    "cernatschool/kcl, 2, 242, 0",
    "lsc, 2, 9, 0",
    "shared/cernatschool-background.zip, 120, 4381, 530",
    "shared/cernatschool-kcl-measured-and-simulated.zip, 319, 83113, 0",
    "shared/cernatschool-radium226-lsc.zip, 5, 4520, 0"
  })
  void otherFrames(String name, long frames, long hits, long masked) {
    var report = Fixtures.read(Fixtures.file(name)).report().read();
    assertEquals(frames, report.frames());
    assertEquals(hits, report.hits());
    assertEquals(masked, report.maskedHits());
  }

  private record Raw(int x, int y, int tot, double toa) {}

  private static int bits(BigInteger word, int high, int low) {
    return word.shiftRight(low)
        .and(BigInteger.ONE.shiftLeft(high - low + 1).subtract(BigInteger.ONE))
        .intValueExact();
  }

  /// Every word of the file, by the layout of the bits; periods of 26.84 s counted where the time
  /// of a hit falls by more than half of one.
  private static List<Raw> decode(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    List<Raw> hits = new ArrayList<>();
    int chip = -1;
    int left = 0;
    long period = 0;
    double last = 0;
    for (int at = 0; at < bytes.length; at += 8) {
      byte[] turned = new byte[8];
      for (int i = 0; i < 8; i++) {
        turned[i] = bytes[at + 7 - i];
      }
      BigInteger word = new BigInteger(1, turned);
      if (left == 0) {
        assertEquals("TPX3", new String(bytes, at, 4, StandardCharsets.US_ASCII));
        chip = bits(word, 39, 32);
        left = bits(word, 63, 48) / 8;
        continue;
      }
      left--;
      if (bits(word, 63, 60) != 0xB) {
        continue;
      }
      int pix = bits(word, 46, 44);
      int column = bits(word, 59, 53) * 2 + pix / 4;
      int row = bits(word, 52, 47) * 4 + pix % 4;
      int x = List.of(column + 256, 511 - column, 255 - column, column).get(chip);
      int y = List.of(row, 511 - row, 511 - row, row).get(chip);
      double raw = (bits(word, 15, 0) * 16384.0 + bits(word, 43, 30)) * 25;
      double toa = raw + period * 26.8435456e9;
      if (toa < last - 13e9) {
        period++;
        toa += 26.8435456e9;
      } else if (toa > last + 13e9) {
        period--;
        toa -= 26.8435456e9;
      }
      last = toa;
      hits.add(new Raw(x, y, bits(word, 29, 20), toa - bits(word, 19, 16) * 1.5625));
    }
    return hits;
  }

  @ParameterizedTest
  @CsvSource({
    "tpx3/made.tpx3, 79, 3",
    "tpx3/hermes-cut.tpx3, 34, 1",
    "shared/tpx3cam-00.tpx3, 0, 0",
    "shared/tpx3cam-01.tpx3, 12, 1",
    "shared/ornl-background-serval32.tpx3, 98548, 5"
  })
  void rawStreams(String name, int hits, int periods) throws IOException {
    Path file = Fixtures.file(name);
    List<Raw> expected = decode(file);
    List<Raw> found = new ArrayList<>();
    try (EventSource source = (EventSource) HitSources.open(file, OpenOptions.defaults())) {
      HitBlock batch = new HitBlock(1000);
      while (source.next(batch)) {
        for (int i = 0; i < batch.size; i++) {
          found.add(new Raw(batch.x(i), batch.y(i), (int) batch.energy[i], batch.toa[i]));
        }
      }
    }
    assertEquals(hits, expected.size());
    assertEquals(expected, found);
    double latest = found.stream().mapToDouble(Raw::toa).max().orElse(-1);
    assertEquals(periods, (int) Math.ceil(latest / 26.8435456e9));
    Fixtures.Read read = Fixtures.read(file);
    assertEquals(hits, read.clusters().stream().mapToInt(Cluster::size).sum());
    assertEquals(0, read.report().lateHits());
    System.out.printf(
        "%s: %d hits, %d clusters, last hit at %.3f s, %s%n",
        name, hits, read.clusters().size(), latest / 1e9, read.report().read().packets());
  }
}
