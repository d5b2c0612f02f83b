package org.pixelwake.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.pixelwake.engine.op.Convolution;
import org.pixelwake.engine.op.Convolution.Attributes;
import org.pixelwake.engine.op.Convolution.Family;
import org.pixelwake.engine.op.Rasterize;

/// The reference itself, against examples worked out by hand from `kernels.h`.
final class ReferenceTest {
  private static Tensor tensor(String name, int... shape) {
    return new Tensor(name, Tensor.Role.INPUT, Storage.F32, shape);
  }

  private static double[] convolve(Attributes a, int h, int w, double[] x, double[] weight) {
    Tensor in = tensor("x", 1, h, w, 1);
    Tensor kernel = tensor("weight", a.weightShape(1, 1));
    Tensor y = tensor("y", 1, a.outputSide(h), a.outputSide(w), 1);
    TensorValues v = new TensorValues();
    v.put(in, x);
    v.put(kernel, weight);
    Reference.run(new Convolution.Forward(a, View.of(in), kernel, null, y, null), v);
    return v.get(y);
  }

  /// Powers of two tell which elements were added.
  private static final double[] KERNEL = {1, 2, 4, 8, 16, 32, 64, 128, 256};

  @Test
  void convolutionIsACrossCorrelationWithZerosAround() {
    double[] x = {1, 0, 0, 0, 0, 1};
    for (Family family : new Family[] {Family.DENSE, Family.DEPTHWISE}) {
      Attributes one = new Attributes(family, 3, 1, false);
      // The pixel (0, 0) is seen by the output (row, column) through kernel[1 - row][1 - column].
      assertArrayEquals(
          new double[] {16, 8 + 256, 128, 2, 1 + 32, 16}, convolve(one, 2, 3, x, KERNEL));
      Attributes two = new Attributes(family, 3, 2, false);
      assertArrayEquals(new double[] {16, 128}, convolve(two, 2, 3, x, KERNEL));
    }
  }

  @Test
  void transposedConvolutionScattersTheKernel() {
    Attributes a = new Attributes(Family.DENSE, 3, 2, true);
    // ConvTranspose2d(kernel 3, stride 2, padding 1, output padding 1) of a single pixel.
    assertArrayEquals(new double[] {16, 32, 128, 256}, convolve(a, 1, 1, new double[] {1}, KERNEL));
    // Between two pixels both count.
    assertArrayEquals(
        new double[] {16, 32 + 8 * 3, 16 * 3, 32 * 3, 128, 256 + 64 * 3, 128 * 3, 256 * 3},
        convolve(a, 1, 2, new double[] {1, 3}, KERNEL));
  }

  @Test
  void siluSlopeIsTheDerivative() {
    for (double z = -8; z < 8; z += 0.37) {
      double slope = (Reference.silu(z + 1e-6) - Reference.silu(z - 1e-6)) / 2e-6;
      assertEquals(slope, Reference.siluSlope(z), 1e-8);
    }
  }

  private static double[] raster(int side, int scale, short[] x, short[] y, double[] energy) {
    Rasterize.Hits hits =
        new Rasterize.Hits(
            tensor("x", 4),
            tensor("y", 4),
            tensor("energy", x.length),
            tensor("toa", x.length),
            tensor("offsets", 2),
            tensor("ids", 2));
    TensorValues v = new TensorValues();
    double[] toa = new double[x.length];
    Arrays.setAll(toa, j -> 25 * j);
    v.put(hits.x(), x);
    v.put(hits.y(), y);
    v.put(hits.energy(), energy);
    v.put(hits.toa(), toa);
    v.put(hits.offsets(), new int[] {0, x.length});
    v.put(hits.ids(), new long[] {5});
    Tensor step = tensor("step", 14);
    v.put(step, new StepState(1, 1, 0, 0, 0, 0));
    Tensor target = tensor("target", 1, side, side, 3);
    Rasterize.Attributes a =
        new Rasterize.Attributes(side, scale, false, 0, 0, 100, 100, 30, Rasterize.Energies.SQRT);
    Reference.run(new Rasterize.Forward(a, step, hits, null, target), v);
    return v.get(target);
  }

  private static double[] channel(double[] image, int k) {
    double[] one = new double[image.length / 3];
    Arrays.setAll(one, i -> image[3 * i + k]);
    return one;
  }

  @Test
  void smallClusterIsEnlargedAndCentred() {
    // Two hits side by side: w 2, h 1, on 5 x 5 the largest factor is 2, and the box 4 x 2 at (1,
    // 0).
    double[] image =
        raster(5, 5, new short[] {100, 101}, new short[] {7, 7}, new double[] {25, 400});
    double[] row = {0.5, 0.5, 1, 1, 0};
    double[] none = new double[5];
    assertArrayEquals(rows(none, row, row, none, none), channel(image, 0));
    double[] toa = {0, 0, 0.5, 0.5, 0};
    assertArrayEquals(rows(none, toa, toa, none, none), channel(image, 1));
    double[] above = {0, 0, 1, 1, 0};
    assertArrayEquals(rows(none, above, above, none, none), channel(image, 2));
  }

  @Test
  void largeClusterIsReducedByMaximaAndFirstTimes() {
    // w 5, h 2 on 2 x 2: three pixels share one; 2 x 1 image pixels at the top.
    double[] image =
        raster(
            2,
            5,
            new short[] {10, 12, 14, 13},
            new short[] {3, 4, 3, 4},
            new double[] {4, 64, 1, 9});
    assertArrayEquals(new double[] {0.8, 0.3, 0, 0}, channel(image, 0), 1e-12);
    assertArrayEquals(new double[] {0, Math.sqrt(0.5), 0, 0}, channel(image, 1), 1e-12);
    assertArrayEquals(new double[] {1, 0, 0, 0}, channel(image, 2));
  }

  private static double[] rows(double[]... rows) {
    return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
  }

  @Test
  void bf16RoundsToNearestEven() {
    assertEquals(1.0, TensorValues.round(1 + 0x1p-8, Storage.BF16));
    assertEquals(1 + 0x1p-6, TensorValues.round(1 + 3 * 0x1p-8, Storage.BF16));
    assertEquals(1 + 0x1p-7, TensorValues.round(1 + 0x1p-8 + 0x1p-20, Storage.BF16));
    assertEquals(-3.140625, TensorValues.round(-Math.PI, Storage.BF16));
    assertEquals(Double.NaN, TensorValues.round(Double.NaN, Storage.BF16));
  }

  @Test
  void misspeltCasesAreRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> OperationCases.parse("pointwise forward n1h1w1c1o1 f32 none stast"));
    assertThrows(
        IllegalArgumentException.class, () -> OperationCases.parse("pointwise forward n1h1 f32"));
    assertThrows(IllegalArgumentException.class, () -> OperationCases.parse("pointwice x n1"));
  }
}
