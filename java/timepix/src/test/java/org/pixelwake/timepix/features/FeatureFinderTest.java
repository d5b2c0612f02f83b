package org.pixelwake.timepix.features;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.ClusterBuilder;
import org.pixelwake.timepix.Fixtures;

class FeatureFinderTest {
  private static final SensorShape TIMEPIX = new SensorShape(256, 256, 55, 300);

  /// Columns of ADVACAM's cluster lists and ours.
  private static final Map<String, FeatureColumn> PEER =
      Map.ofEntries(
          Map.entry("X", FeatureColumn.X),
          Map.entry("Y", FeatureColumn.Y),
          Map.entry("E", FeatureColumn.ENERGY),
          Map.entry("Size", FeatureColumn.SIZE),
          Map.entry("Height", FeatureColumn.HEIGHT),
          Map.entry("BorderPixCount", FeatureColumn.BORDER),
          Map.entry("Roundness", FeatureColumn.ROUNDNESS),
          Map.entry("AngleAzim", FeatureColumn.AZIMUTH),
          Map.entry("Linearity", FeatureColumn.LINEARITY),
          Map.entry("LengthProj", FeatureColumn.LENGTH),
          Map.entry("WidthProj", FeatureColumn.WIDTH),
          Map.entry("IsSensEdge", FeatureColumn.EDGE),
          Map.entry("StdAlong", FeatureColumn.STD_ACROSS),
          Map.entry("StdPerp", FeatureColumn.STD_ALONG),
          Map.entry("Thin", FeatureColumn.THIN),
          Map.entry("Thick", FeatureColumn.THICK),
          Map.entry("CurlyThin", FeatureColumn.CURLY_THIN),
          Map.entry("EpixMean", FeatureColumn.ENERGY_MEAN),
          Map.entry("EpixStd", FeatureColumn.ENERGY_STD),
          Map.entry("LengthCorrStd", FeatureColumn.LENGTH_CORRECTED),
          Map.entry("Length3DCorrStd", FeatureColumn.LENGTH_3D),
          Map.entry("AngleElev", FeatureColumn.ELEVATION),
          Map.entry("LET", FeatureColumn.LET),
          Map.entry("Diameter", FeatureColumn.DIAMETER));

  private static Cluster cluster(int[][] hits) {
    ClusterBuilder builder = new ClusterBuilder();
    for (int[] hit : hits) {
      builder.add(hit[0], hit[1], hit[2], hit.length > 3 ? hit[3] : 0);
    }
    return builder.build(0);
  }

  private static Cluster line(int n, int dx, int dy) {
    int[][] hits = new int[n][];
    for (int i = 0; i < n; i++) {
      hits[i] = new int[] {100 + i * dx, 100 + i * dy, 20, 2 * i};
    }
    return cluster(hits);
  }

  private static Cluster disc(int radius) {
    List<int[]> hits = new ArrayList<>();
    for (int x = -radius; x <= radius; x++) {
      for (int y = -radius; y <= radius; y++) {
        if (x * x + y * y <= radius * radius) {
          hits.add(new int[] {50 + x, 50 + y, 100 - x * x - y * y});
        }
      }
    }
    return cluster(hits.toArray(int[][]::new));
  }

  /// The list of 64 clusters that DPE made of `advacam-tot-toa.t3pa`: every number of it is ours,
  /// within the six digits that it is written with. The features of the small list come from a
  /// computation apart from this program, whose numbers for DPE's clusters are DPE's.
  @ParameterizedTest
  @CsvSource({"clist/peer.clist, 7", "shared/advacam-tot-toa.clist, 64"})
  void featuresAreThoseOfAdvacamsClusterList(String list, int clusters) throws IOException {
    List<String> lines = Files.readAllLines(Fixtures.file(list), StandardCharsets.ISO_8859_1);
    String[] names = lines.getFirst().split("\t");
    FeatureFinder finder = new FeatureFinder(new SensorShape(256, 256, 55, 1000));
    Map<String, Integer> compared = new TreeMap<>();
    for (String line : lines.subList(2, lines.size())) {
      String[] values = line.split("\t");
      ClusterFeatures found = finder.of(pixels(values[names.length - 1]));
      for (int c = 0; c < names.length; c++) {
        FeatureColumn column = PEER.get(names[c]);
        if (column != null) {
          double expected = Double.parseDouble(values[c]);
          double tolerance = Math.max(1e-6, 1e-5 * Math.abs(expected));
          assertEquals(expected, column.of(found), tolerance, names[c] + " of " + line);
          compared.merge(names[c], 1, Integer::sum);
        }
      }
    }
    assertEquals(PEER.keySet(), compared.keySet());
    assertTrue(
        compared.values().stream().allMatch(count -> count == clusters), compared.toString());
  }

  /// The way from the hits: the clusters that this program finds in the `.t3pa` have the features
  /// of DPE's, cluster by cluster.
  @ParameterizedTest
  @CsvSource({
    "t3pa/peer.t3pa, clist/peer.clist, 7",
    "shared/advacam-tot-toa.t3pa, shared/advacam-tot-toa.clist, 64"
  })
  void clustersFoundInTheHitsHaveThePeersFeatures(String hits, String list, int clusters)
      throws IOException {
    List<String> lines = Files.readAllLines(Fixtures.file(list), StandardCharsets.ISO_8859_1);
    List<String> names = List.of(lines.getFirst().split("\t"));
    FeatureFinder finder = new FeatureFinder(new SensorShape(256, 256, 55, 1000));
    List<ClusterFeatures> ours = new ArrayList<>();
    for (Cluster c : Fixtures.read(Fixtures.file(hits)).clusters()) {
      ours.add(finder.of(c));
    }
    assertEquals(clusters, ours.size());
    for (String line : lines.subList(2, lines.size())) {
      String[] values = line.split("\t");
      int like = 0;
      while (like < ours.size() && !alike(ours.get(like), names, values)) {
        like++;
      }
      assertTrue(like < ours.size(), "no cluster like " + line);
      ours.remove(like);
    }
    assertTrue(ours.isEmpty());
  }

  private static boolean alike(ClusterFeatures ours, List<String> names, String[] values) {
    return PEER.entrySet().stream()
        .allMatch(column -> {
          double peer = Double.parseDouble(values[names.indexOf(column.getKey())]);
          double tolerance = Math.max(1e-6, 1e-5 * Math.abs(peer));
          return Math.abs(column.getValue().of(ours) - peer) <= tolerance;
        });
  }

  private static Cluster pixels(String text) {
    ClusterBuilder builder = new ClusterBuilder();
    for (MatchResult hit : Pattern.compile("\\[([^\\]]*)\\]").matcher(text).results().toList()) {
      String[] part = hit.group(1).split(", *");
      builder.add(
          Integer.parseInt(part[0]),
          Integer.parseInt(part[1]),
          Float.parseFloat(part[2]),
          Double.parseDouble(part[3]));
    }
    return builder.build(0);
  }

  @Test
  void aStraightTrack() {
    ClusterFeatures f = new FeatureFinder(TIMEPIX).of(line(11, 1, 1));
    assertEquals(45, f.azimuth(), 1e-9);
    assertEquals(1, f.linearity(), 1e-9);
    assertEquals(10 * Math.sqrt(2), f.length(), 1e-9);
    assertEquals(0, f.width(), 1e-9);
    // tan of the elevation: 10 diagonals of 55 um in 300 um.
    assertEquals(Math.toDegrees(Math.atan(10 * Math.sqrt(2) * 55 / 300)), f.elevation(), 1e-9);
    assertEquals(220 / Math.hypot(300, 10 * Math.sqrt(2) * 55), f.let(), 1e-9);
    assertEquals(20, f.duration(), 1e-6);
    assertEquals(MorphologicalClass.STRAIGHT_TRACK, f.shape());
    assertEquals(105.5, f.x(), 1e-9);
  }

  @Test
  void featuresDoNotDependOnThePlaceNorTurnWithTheAxes() {
    FeatureFinder finder = new FeatureFinder(TIMEPIX);
    ClusterFeatures along = finder.of(line(7, 1, 0));
    ClusterFeatures up = finder.of(line(7, 0, 1));
    ClusterFeatures down = finder.of(line(7, 1, -1));
    assertEquals(0, along.azimuth(), 1e-9);
    assertEquals(90, up.azimuth(), 1e-9);
    assertEquals(-45, down.azimuth(), 1e-9);
    assertEquals(along.length(), up.length(), 1e-9);
    assertEquals(along.let(), up.let(), 1e-9);
  }

  @Test
  void classes() {
    FeatureFinder finder = new FeatureFinder(TIMEPIX);
    assertEquals(MorphologicalClass.DOT, finder.of(line(2, 1, 0)).shape());
    int[][] square = {{4, 4, 9}, {4, 5, 9}, {5, 4, 9}};
    assertEquals(MorphologicalClass.SMALL_BLOB, finder.of(cluster(square)).shape());
    ClusterFeatures blob = finder.of(disc(5));
    assertEquals(MorphologicalClass.HEAVY_BLOB, blob.shape());
    assertEquals(81, blob.size());
    assertEquals(81 - blob.border(), blob.inner());
    List<int[]> thick = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      for (int j = 0; j < 4; j++) {
        thick.add(new int[] {20 + i, 20 + j, 50});
      }
    }
    assertEquals(
        MorphologicalClass.HEAVY_TRACK, finder.of(cluster(thick.toArray(int[][]::new))).shape());
    List<int[]> bent = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      bent.add(new int[] {20 + i, 20, 10});
      bent.add(new int[] {29, 21 + i, 10});
    }
    assertEquals(
        MorphologicalClass.CURLY_TRACK, finder.of(cluster(bent.toArray(int[][]::new))).shape());
  }

  /// Chips give hits of ToT 0 now and then; no feature of them is without a value.
  @Test
  void hitsWithoutEnergy() {
    FeatureFinder finder = new FeatureFinder(TIMEPIX);
    ClusterFeatures none = finder.of(cluster(new int[][] {{7, 7, 0}, {8, 7, 0}, {9, 7, 0}}));
    for (FeatureColumn column : FeatureColumn.values()) {
      assertTrue(Double.isFinite(column.of(none)), column.column());
    }
    assertEquals(8.5, none.x(), 1e-12);
    assertEquals(0, none.azimuth(), 1e-12);
    ClusterFeatures one = finder.of(cluster(new int[][] {{7, 7, 0}, {8, 7, 30}, {8, 8, 0}}));
    assertEquals(8.5, one.x(), 1e-12);
    assertEquals(7.5, one.y(), 1e-12);
    assertEquals((7 + 8 + 8) / 3.0 + 0.5, one.meanX(), 1e-12);
  }

  @Test
  void densityIsOneOfAFilledBox() {
    FeatureFinder finder = new FeatureFinder(TIMEPIX);
    assertEquals(1, finder.of(line(7, 1, 0)).density(), 1e-9);
    assertEquals(7 / (6 * Math.sqrt(2) + 1), finder.of(line(7, 1, 1)).density(), 1e-9);
  }

  @Test
  void theEdgeOfTheSensor() {
    FeatureFinder finder = new FeatureFinder(TIMEPIX);
    assertTrue(finder.of(cluster(new int[][] {{0, 9, 5}})).edge());
    assertTrue(finder.of(cluster(new int[][] {{9, 255, 5}})).edge());
    assertFalse(finder.of(cluster(new int[][] {{254, 1, 5}})).edge());
    assertThrows(
        IllegalArgumentException.class, () -> finder.of(cluster(new int[][] {{256, 0, 5}})));
    // What was marked for the one before is forgotten.
    assertEquals(1, finder.of(cluster(new int[][] {{9, 255, 5}})).border());
  }
}
