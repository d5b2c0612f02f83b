package org.pixelwake.jcuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemoryLayout.PathElement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pixelwake.engine.op.Convolution.Family;
import org.pixelwake.network.Architecture;

/// Sizes, layouts and choices, which need no GPU.
final class ShapesTest {
  @Test
  void convolutionHasItsSizes() {
    ConvolutionShape stem = ConvolutionShape.dense(2, 33, 20, 3, 48, 3, 2, ElementType.BF16);
    assertEquals(1, stem.padding());
    assertEquals(17, stem.ho());
    assertEquals(10, stem.wo());
    assertEquals(2L * 33 * 20 * 3 * 2, stem.inputBytes());
    assertEquals(2L * 17 * 10 * 48 * 2, stem.outputBytes());
    assertEquals(48L * 9 * 3 * 2, stem.filterBytes());
    ConvolutionShape depthwise = ConvolutionShape.depthwise(1, 8, 8, 16, 5, 1, ElementType.F32);
    assertEquals(16, depthwise.groups());
    assertEquals(16L * 25 * 4, depthwise.filterBytes());
  }

  @ParameterizedTest
  @CsvSource({"0, 3, 1", "8, 2, 1", "8, 3, 3", "8, -1, 1"})
  void impossibleConvolutionIsRefused(int channels, int kernel, int groups) {
    assertThrows(
        IllegalArgumentException.class,
        () -> new ConvolutionShape(1, 4, 4, channels, 8, kernel, 1, groups, ElementType.F32));
  }

  // Element (row, column) of op(X), computed as cuBLASLt does: column-major, with the leading
  // dimension equal to the rows.
  private static double at(double[] x, GemmShape.Layout l, boolean transposed, int r, int c) {
    long row = transposed ? c : r;
    long column = transposed ? r : c;
    assertTrue(row < l.rows() && column < l.columns());
    return x[Math.toIntExact(column * l.rows() + row)];
  }

  @ParameterizedTest
  @CsvSource({"false, false", "true, false", "false, true", "true, true"})
  void columnMajorViewGivesTheRowMajorProduct(boolean transposeA, boolean transposeB) {
    int m = 3;
    int n = 4;
    int k = 5;
    GemmShape shape =
        new GemmShape(m, n, k, transposeA, transposeB, ElementType.F32, ElementType.F32);
    double[] a = new double[m * k];
    double[] b = new double[k * n];
    java.util.Arrays.setAll(a, i -> 1 + i);
    java.util.Arrays.setAll(b, i -> 100 - 3 * i);
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double expected = 0;
        double actual = 0;
        for (int p = 0; p < k; p++) {
          expected +=
              (transposeA ? a[p * m + i] : a[i * k + p])
                  * (transposeB ? b[j * k + p] : b[p * n + j]);
          actual +=
              at(b, shape.first(), transposeB, j, p) * at(a, shape.second(), transposeA, p, i);
        }
        assertEquals(expected, actual);
      }
    }
    assertEquals(new GemmShape.Layout(n, m), shape.product());
  }

  @Test
  void structsAreAsInC() {
    assertEquals(48, PanamaConvolution.PERFORMANCE.byteSize());
    assertEquals(16, PanamaConvolution.PERFORMANCE.byteOffset(PathElement.groupElement("memory")));
    assertEquals(96, Gemm.CANDIDATE.byteSize());
    assertEquals(64, Gemm.CANDIDATE.byteOffset(PathElement.groupElement("workspaceSize")));
    assertEquals(72, Gemm.CANDIDATE.byteOffset(PathElement.groupElement("state")));
  }

  @Test
  void fastestAlgorithmThatFitsIsTaken() {
    List<Algorithm> all =
        List.of(new Algorithm(6, 9, 0), new Algorithm(1, 0, 4096), new Algorithm(0, 0, 0));
    assertEquals(1, Algorithm.first(all, 4096, "it").number());
    assertEquals(0, Algorithm.first(all, 4095, "it").number());
    LibraryException none =
        assertThrows(
            LibraryException.class, () -> Algorithm.first(all.subList(0, 2), 10, "a test"));
    assertEquals(
        "cuDNN has no algorithm for a test with 10 bytes of scratch; 1 need more",
        none.getMessage());
    none =
        assertThrows(
            LibraryException.class, () -> Algorithm.first(all.subList(0, 1), 10, "a test"));
    assertEquals("cuDNN has no algorithm for a test", none.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "F32, 0.1, 0.1",
    "BF16, 1.00390625, 1",
    "BF16, 1.01171875, 1.015625",
    "BF16, -3.1415927, -3.140625",
    "F16, 0.1, 0.099975586",
    "F16, -65504, -65504"
  })
  void numbersAreRoundedToNearestEven(ElementType type, float value, float expected) {
    assertEquals(expected, DeviceValues.decode(DeviceValues.encode(value, type), type));
    assertEquals(expected, DeviceValues.decode(DeviceValues.encode(expected, type), type));
  }

  @Test
  void filterIsReordered() {
    float[] weight = new float[2 * 3 * 9];
    for (int i = 0; i < weight.length; i++) {
      weight[i] = i;
    }
    float[] filter = DeviceValues.filter(weight, 2, 3, 3);
    // Output channel 1, row 2, column 0, input channel 2.
    assertEquals((1 * 3 + 2) * 9 + 6, filter[(1 * 9 + 6) * 3 + 2]);
  }

  @Test
  void layersOfB4AreDistinctAndWithItsSizes() {
    List<ConvolutionLayer> layers =
        ConvolutionLayer.of(Architecture.named("efficientnet_b4"), 384, 8);
    assertEquals(layers.size(), layers.stream().distinct().count());
    List<String> names = layers.stream().map(ConvolutionLayer::toString).toList();
    // The first block works on the stem's 48 channels at half the side; the last convolution
    // widens 448 channels to 1792 at 1/32.
    assertEquals("depthwise 192x192 48->48 k3 s1", names.getFirst());
    assertEquals("pointwise 12x12 448->1792", names.getLast());
    assertTrue(names.contains("depthwise 192x192 144->144 k3 s2"), names.toString());
    assertTrue(names.contains("depthwise 12x12 1632->1632 k5 s1"), names.toString());
    assertTrue(names.contains("pointwise 24x24 160->960"), names.toString());
    assertTrue(layers.stream().noneMatch(l -> l.attributes().family() == Family.DENSE));
    assertTrue(layers.stream().allMatch(l -> l.n() == 8));
  }
}
