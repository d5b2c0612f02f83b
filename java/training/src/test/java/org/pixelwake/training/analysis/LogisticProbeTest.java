package org.pixelwake.training.analysis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;

class LogisticProbeTest {
  /// One feature of -1 and 1 and nearly no regularisation: the log odds of each side are those of
  /// the counts.
  @Test
  void twoSidesHaveTheOddsOfTheirCounts() {
    float[][] points = new float[80][1];
    int[] labels = new int[80];
    for (int i = 0; i < 80; i++) {
      points[i][0] = i < 40 ? -1 : 1;
      labels[i] = i < 40 ? (i < 10 ? 1 : 0) : (i < 50 ? 0 : 1);
    }
    LogisticProbe probe = LogisticProbe.fit(points, labels, 2, 1e-6);
    assertEquals(Math.log(3), probe.coefficients()[0][0], 1e-4);
    assertEquals(0, probe.coefficients()[0][1], 1e-4);
    float[][] told = probe.probabilities(new float[][] {{-1}, {1}, {0}});
    assertEquals(0.25, told[0][1], 1e-4);
    assertEquals(0.75, told[1][1], 1e-4);
    assertEquals(0.5, told[2][0], 1e-4);
  }

  /// Against Newton's method in a few lines of the test's own.
  @Test
  void coefficientsAreThoseOfAnotherOptimiser() {
    for (int classes : new int[] {2, 3}) {
      Data data = Data.noisy(120, 4, classes, 3);
      for (double strength : new double[] {0.03, 1, 30}) {
        LogisticProbe probe = LogisticProbe.fit(data.points, data.labels, classes, strength);
        double[][] found = probe.coefficients();
        assertEquals(classes == 2 ? 1 : 3, found.length);
        for (int f = 0; f < found.length; f++) {
          double[] wanted = newton(data, classes, classes == 2 ? 1 : f, strength);
          assertArrayEquals(wanted, found[f], 2e-4, "strength " + strength);
        }
      }
    }
  }

  private static double[] newton(Data data, int classes, int own, double strength) {
    int n = data.points.length;
    int d = data.points[0].length;
    double[][] x = new double[n][d + 1];
    for (int k = 0; k < d; k++) {
      int feature = k;
      double mean = Arrays.stream(data.points).mapToDouble(p -> p[feature]).average().orElse(0);
      double square =
          Arrays.stream(data.points).mapToDouble(p -> Math.pow(p[feature] - mean, 2)).sum();
      for (int i = 0; i < n; i++) {
        x[i][k] = (data.points[i][k] - mean) / Math.sqrt(square / n);
        x[i][d] = 1;
      }
    }
    long positive = Arrays.stream(data.labels).filter(label -> label == own).count();
    double[] w = new double[d + 1];
    for (int step = 0; step < 50; step++) {
      DMatrixRMaj gradient = new DMatrixRMaj(d + 1, 1);
      DMatrixRMaj hessian = new DMatrixRMaj(d + 1, d + 1);
      for (int k = 0; k < d; k++) {
        gradient.set(k, 0, strength * w[k]);
        hessian.set(k, k, strength);
      }
      for (int i = 0; i < n; i++) {
        boolean is = data.labels[i] == own;
        double weight =
            is ? n / (double) classes / positive : n * (classes - 1.0) / classes / (n - positive);
        double[] row = x[i];
        double score = IntStream.rangeClosed(0, d).mapToDouble(k -> row[k] * w[k]).sum();
        double p = 1 / (1 + Math.exp(-score));
        for (int k = 0; k <= d; k++) {
          gradient.add(k, 0, weight * (p - (is ? 1 : 0)) * row[k]);
          for (int j = 0; j <= d; j++) {
            hessian.add(k, j, weight * p * (1 - p) * row[k] * row[j]);
          }
        }
      }
      DMatrixRMaj move = new DMatrixRMaj(d + 1, 1);
      assertTrue(CommonOps_DDRM.solve(hessian, gradient, move));
      Arrays.setAll(w, k -> w[k] - move.get(k));
    }
    return w;
  }

  @Test
  void separableClassesStayFinite() {
    Data data = Data.separable(60, 5);
    double before = 0;
    for (double strength : new double[] {10, 0.1, 1e-3}) {
      LogisticProbe probe = LogisticProbe.fit(data.points, data.labels, 2, strength);
      float[][] told = probe.probabilities(data.points);
      double size = Math.abs(probe.coefficients()[0][0]);
      assertTrue(Double.isFinite(size) && size > before, strength + " gives " + size);
      before = size;
      for (int i = 0; i < told.length; i++) {
        assertTrue(told[i][data.labels[i]] > 0.5, "point " + i);
      }
    }
    LogisticProbe chosen = LogisticProbe.fit(data.points, data.labels, 2, 1L);
    assertTrue(chosen.chosen() < 0.1, "weak for classes without overlap: " + chosen.chosen());
  }

  @Test
  void scalesAndShiftsOfFeaturesDoNotCount() {
    Data data = Data.noisy(200, 6, 2, 9);
    float[][] scaled = new float[200][6];
    float[][] moved = new float[200][6];
    for (int i = 0; i < 200; i++) {
      for (int k = 0; k < 6; k++) {
        scaled[i][k] = data.points[i][k] * (1 << 3 * k);
        moved[i][k] = data.points[i][k] * 1000 / (k + 1) - 77 * k;
      }
    }
    LogisticProbe probe = LogisticProbe.fit(data.points, data.labels, 2, 4L);
    LogisticProbe same = LogisticProbe.fit(scaled, data.labels, 2, 4L);
    LogisticProbe near = LogisticProbe.fit(moved, data.labels, 2, 4L);
    assertEquals(probe.chosen(), same.chosen());
    assertEquals(probe.chosen(), near.chosen());
    float[][] told = probe.probabilities(data.points);
    float[][] toldNear = near.probabilities(moved);
    assertArrayEquals(told, same.probabilities(scaled));
    for (int i = 0; i < 200; i++) {
      assertEquals(told[i][0], toldNear[i][0], 1e-3);
    }
  }

  /// Labels drawn with the odds exp(w x), whose w comes from a normal distribution: the strength is
  /// the inverse of its variance (the ridge is that prior), and noise is suppressed at all costs.
  @Test
  void crossValidationFindsTheStrength() {
    Random random = new Random(5);
    for (double variance : new double[] {0.01, 1}) {
      int d = 30;
      float[][] points = PcaTest.gaussian(1500, d, 8);
      double[] w =
          random.doubles(d).map(u -> random.nextGaussian() * Math.sqrt(variance)).toArray();
      int[] labels = new int[points.length];
      for (int i = 0; i < labels.length; i++) {
        double score = 0;
        for (int k = 0; k < d; k++) {
          score += w[k] * points[i][k];
        }
        labels[i] = random.nextDouble() < 1 / (1 + Math.exp(-score)) ? 1 : 0;
      }
      double chosen = LogisticProbe.fit(points, labels, 2, 2L).chosen();
      assertEquals(Math.log10(1 / variance), Math.log10(chosen), 1.01);
    }
    float[][] noise = PcaTest.gaussian(80, 60, 4);
    int[] labels = IntStream.range(0, 80).map(i -> i % 2).toArray();
    double chosen = LogisticProbe.fit(noise, labels, 2, 2L).chosen();
    assertTrue(chosen >= 100, "noise is suppressed: " + chosen);
  }

  @Test
  void classesOfUnequalSizeCountTheSame() {
    Random random = new Random(6);
    float[][] points = new float[2000][1];
    int[] labels = new int[2000];
    for (int i = 0; i < 2000; i++) {
      labels[i] = i % 20 == 0 ? 1 : 0;
      points[i][0] = (float) (random.nextGaussian() + 2 * labels[i]);
    }
    LogisticProbe probe = LogisticProbe.fit(points, labels, 2, 1L);
    // Halfway between the means, though 19 of 20 points are of the first class.
    assertEquals(0.5, probe.probabilities(new float[][] {{1}})[0][1], 0.06);
  }

  @Test
  void severalClassesAddUpToOne() {
    Data data = Data.noisy(300, 5, 4, 2);
    LogisticProbe probe = LogisticProbe.fit(data.points, data.labels, 4, 1L);
    float[][] told = probe.probabilities(data.points);
    int right = 0;
    for (int i = 0; i < told.length; i++) {
      float[] p = told[i];
      assertEquals(1, p[0] + p[1] + p[2] + p[3], 1e-5);
      int best = 0;
      for (int c = 1; c < 4; c++) {
        best = p[c] > p[best] ? c : best;
      }
      right += best == data.labels[i] ? 1 : 0;
    }
    assertTrue(right > 180, right + " of 300 are right");
    // Far from all points nothing underflows.
    float[] far = probe.probabilities(new float[][] {{1e6f, -1e6f, 1e6f, 0, 0}})[0];
    assertEquals(1, far[0] + far[1] + far[2] + far[3], 1e-5);
  }

  @Test
  void anyNumberOfThreadsGivesTheSameBits() {
    Data data = Data.noisy(400, 8, 3, 12);
    Supplier<float[][]> work =
        () -> LogisticProbe.fit(data.points, data.labels, 3, 1L).probabilities(data.points);
    try (ForkJoinPool one = new ForkJoinPool(1);
        ForkJoinPool five = new ForkJoinPool(5)) {
      float[][] told = one.submit(work::get).join();
      assertArrayEquals(told, five.submit(work::get).join());
      assertArrayEquals(told, work.get());
    }
  }

  @Test
  void constantFeaturesTellNothing() {
    Data data = Data.noisy(100, 3, 2, 1);
    float[][] more = new float[100][];
    for (int i = 0; i < 100; i++) {
      float[] p = data.points[i];
      more[i] = new float[] {p[0], 7, p[1], 0, p[2], 1e7f + i % 2};
    }
    LogisticProbe probe = LogisticProbe.fit(data.points, data.labels, 2, 1L);
    LogisticProbe padded = LogisticProbe.fit(more, data.labels, 2, 1L);
    assertArrayEquals(probe.coefficients()[0], padded.coefficients()[0]);
    float[][] none = new float[100][2];
    float[] told = LogisticProbe.fit(none, data.labels, 2, 1L).probabilities(none)[0];
    assertEquals(0.5, told[0], 1e-6);
  }

  @Test
  void whatCannotBeFittedIsRefused() {
    Data data = Data.noisy(20, 2, 2, 1);
    refused("needs 2", () -> LogisticProbe.fit(data.points, new int[20], 2, 1L));
    int[] rare = new int[20];
    rare[7] = 1;
    refused("[19, 1]", () -> LogisticProbe.fit(data.points, rare, 2, 1L));
    refused(
        "none of 2", () -> LogisticProbe.fit(data.points, Data.noisy(20, 1, 3, 1).labels, 2, 1L));
    refused("labels", () -> LogisticProbe.fit(data.points, new int[19], 2, 1L));
    refused("strength", () -> LogisticProbe.fit(data.points, data.labels, 2, 0.0));
    LogisticProbe probe = LogisticProbe.fit(data.points, data.labels, 2, 1L);
    refused("a probe of 2", () -> probe.probabilities(new float[][] {{1}}));
    data.points[3][1] = Float.NaN;
    refused("point 3", () -> LogisticProbe.fit(data.points, data.labels, 2, 1L));
  }

  private static void refused(String part, Supplier<?> work) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, work::get);
    assertTrue(e.getMessage().contains(part), e::getMessage);
  }

  /// Points and their classes.
  record Data(float[][] points, int[] labels) {
    /// Classes of unequal size that overlap: each is shifted along a feature of its own.
    static Data noisy(int count, int features, int classes, long seed) {
      float[][] points = PcaTest.gaussian(count, features, seed);
      int[] labels = new int[count];
      for (int i = 0; i < count; i++) {
        labels[i] = i % 7 < classes ? i % 7 : 0;
        points[i][labels[i] % features] += 1.5f;
      }
      return new Data(points, labels);
    }

    static Data separable(int count, long seed) {
      float[][] points = PcaTest.gaussian(count, 3, seed);
      int[] labels = new int[count];
      for (int i = 0; i < count; i++) {
        labels[i] = i % 2;
        points[i][0] = (labels[i] == 0 ? -1 : 1) * (1 + Math.abs(points[i][0]));
      }
      return new Data(points, labels);
    }
  }
}
