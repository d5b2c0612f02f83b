package org.pixelwake.training.baseline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.features.FeatureColumn;
import org.pixelwake.timepix.features.SensorShape;
import org.pixelwake.training.metrics.Bootstrap;
import org.pixelwake.training.metrics.Classification;
import org.pixelwake.training.metrics.Predictions;

class FeatureBaselineTest {
  private static final SensorShape SENSOR = new SensorShape(256, 256, 55, 500);
  private static final BaselineOptions FEW = few(20, BaselineOptions.DEFAULT.features());

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void shapesAreToldApart(int classes) {
    ClusterTable table = shapes(900, classes, 1);
    int[] labels = labels(900, classes);
    int[] train = IntStream.range(0, 600).toArray();
    int[] test = IntStream.range(600, 900).toArray();
    FeatureBaseline baseline = fit(table, train, Arrays.copyOf(labels, 600), classes, 1, FEW);
    Predictions predictions =
        Predictions.of(Arrays.copyOfRange(labels, 600, 900), baseline.probabilities(table, test));
    Classification found = Classification.of(predictions, Bootstrap.NONE);
    assertTrue(found.accuracy().value() > 0.95, () -> found.accuracy().toString());
    assertTrue(found.auc().value() > 0.98, () -> found.auc().toString());
  }

  @Test
  void sameSeedSameBitsOtherSeedOthers() {
    ClusterTable table = shapes(300, 2, 3);
    int[] labels = labels(300, 2);
    int[] rows = IntStream.range(0, 300).toArray();
    float[][] one = fit(table, rows, labels, 2, 5, FEW).probabilities(table, rows);
    assertArrayEquals(one, fit(table, rows, labels, 2, 5, FEW).probabilities(table, rows));
    assertFalse(
        Arrays.deepEquals(one, fit(table, rows, labels, 2, 6, FEW).probabilities(table, rows)));
  }

  @Test
  void importanceFindsWhatTellsTheClassesApart() {
    // Lines and discs of like size: the shape tells, not the place of the time.
    ClusterTable table = shapes(400, 2, 7);
    FeatureBaseline baseline =
        fit(table, IntStream.range(0, 400).toArray(), labels(400, 2), 2, 1, FEW);
    Map<FeatureColumn, Double> importance = baseline.importance();
    assertEquals(FEW.features(), importance.keySet());
    assertEquals(1, importance.values().stream().mapToDouble(Double::doubleValue).sum(), 1e-9);
    assertEquals(0, importance.get(FeatureColumn.DURATION));
    double shape = 0;
    for (FeatureColumn column :
        EnumSet.of(
            FeatureColumn.ROUNDNESS,
            FeatureColumn.LINEARITY,
            FeatureColumn.LENGTH,
            FeatureColumn.WIDTH,
            FeatureColumn.STD_ACROSS,
            FeatureColumn.STD_ALONG,
            FeatureColumn.BORDER,
            FeatureColumn.INNER,
            FeatureColumn.THIN,
            FeatureColumn.THICK,
            FeatureColumn.CURLY_THIN,
            FeatureColumn.LENGTH_CORRECTED,
            FeatureColumn.LENGTH_3D,
            FeatureColumn.ELEVATION)) {
      shape += importance.get(column);
    }
    assertTrue(shape > 0.8, importance::toString);
  }

  @Test
  void balancedClassesCountTheSame() {
    // One feature that tells nothing: the probability is that of the class as it is weighed.
    ClusterTable table = shapes(400, 1, 7);
    int[] labels = new int[400];
    Arrays.fill(labels, 0, 40, 1);
    int[] rows = IntStream.range(0, 400).toArray();
    BaselineOptions blind = few(20, EnumSet.of(FeatureColumn.DURATION));
    float plain = fit(table, rows, labels, 2, 1, blind).probabilities(table, rows)[0][1];
    float balanced =
        fit(table, rows, labels, 2, 1, blind.withBalanced(true)).probabilities(table, rows)[0][1];
    assertEquals(0.1, plain, 0.03);
    assertEquals(0.5, balanced, 0.05);
  }

  @Test
  void featuresWithoutAValueAreMissing() {
    float nan = Float.NaN;
    List<Cluster> clusters = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      float energy = i % 3 == 0 ? nan : i % 2 == 0 ? 10 : 100;
      clusters.add(cluster(new short[] {5, 6}, new short[] {5, 5}, energy));
    }
    ClusterTable table = ClusterTable.of(clusters, 0);
    int[] rows = IntStream.range(0, 60).toArray();
    int[] labels = Arrays.stream(rows).map(i -> i % 2).toArray();
    FeatureMatrix matrix = FeatureMatrix.of(table, rows, SENSOR, EnumSet.of(FeatureColumn.ENERGY));
    assertTrue(Float.isNaN(matrix.values()[0]));
    float[][] p = fit(table, rows, labels, 2, 1, FEW).probabilities(table, rows);
    assertTrue(p[1][1] > 0.7 && p[2][1] < 0.3, Arrays.deepToString(p));
    assertEquals(0.5, p[0][1], 0.1);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    ClusterTable table = shapes(4, 2, 1);
    assertThrows(
        IllegalArgumentException.class,
        () -> fit(table, new int[] {0, 1}, new int[] {0}, 2, 1, FEW));
    assertThrows(
        IllegalArgumentException.class,
        () -> fit(table, new int[] {0, 1}, new int[] {0, 2}, 2, 1, FEW));
    assertThrows(IllegalArgumentException.class, () -> few(0, FEW.features()));
  }

  private static BaselineOptions few(int rounds, Set<FeatureColumn> features) {
    return new BaselineOptions(rounds, 6, 0.1, 0.8, 0.8, 1, false, features);
  }

  private static FeatureBaseline fit(
      ClusterTable table,
      int[] rows,
      int[] labels,
      int classes,
      long seed,
      BaselineOptions options) {
    return FeatureBaseline.fit(table, rows, labels, classes, SENSOR, seed, options);
  }

  private static int[] labels(int count, int classes) {
    return IntStream.range(0, count).map(i -> i % classes).toArray();
  }

  // Lines, discs and wide lines, all of about 20 hits and of the same energies.
  private static ClusterTable shapes(int count, int classes, long seed) {
    Random random = new Random(seed);
    List<Cluster> clusters = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double angle = random.nextDouble() * Math.PI;
      double width = new double[] {0.6, 2.5, 1.3}[i % classes];
      double length = (18 + 4 * random.nextDouble()) / (2 * width);
      boolean[][] hit = new boolean[64][64];
      for (int x = 0; x < 64; x++) {
        for (int y = 0; y < 64; y++) {
          double along = (x - 32) * Math.cos(angle) + (y - 32) * Math.sin(angle);
          double across = (y - 32) * Math.cos(angle) - (x - 32) * Math.sin(angle);
          hit[x][y] = Math.abs(along) <= length / 2 && Math.abs(across) <= width;
        }
      }
      hit[32][32] = true;
      clusters.add(drawn(hit, random));
    }
    return ClusterTable.of(clusters, 0);
  }

  private static Cluster drawn(boolean[][] hit, Random random) {
    int[] cells = IntStream.range(0, 64 * 64).filter(k -> hit[k / 64][k % 64]).toArray();
    short[] x = new short[cells.length];
    short[] y = new short[cells.length];
    float[] energy = new float[cells.length];
    for (int k = 0; k < cells.length; k++) {
      x[k] = (short) (cells[k] / 64);
      y[k] = (short) (cells[k] % 64);
      energy[k] = 5 + 10 * random.nextFloat();
    }
    return new Cluster(0, 0, x, y, energy, new float[cells.length], null);
  }

  private static Cluster cluster(short[] x, short[] y, float energy) {
    float[] energies = new float[x.length];
    Arrays.fill(energies, energy);
    return new Cluster(0, 0, x, y, energies, new float[x.length], null);
  }
}
