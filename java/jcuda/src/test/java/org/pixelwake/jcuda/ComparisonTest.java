package org.pixelwake.jcuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.library.LibrarySearch.Library;
import org.pixelwake.engine.op.Convolution.Attributes;
import org.pixelwake.engine.op.Convolution.Family;

/// Our kernels against NVIDIA's libraries where there is a GPU, and against sums in double
/// precision everywhere, so that the comparison itself is tested.
final class ComparisonTest {
  private static final long SCRATCH = 64L << 20;

  /// A convolution in a storage.
  record Case(ConvolutionLayer layer, Storage storage) {}

  static List<Case> cases() {
    Attributes pointwise = new Attributes(Family.POINTWISE, 1, 1, false);
    Attributes dense = new Attributes(Family.DENSE, 3, 2, false);
    List<ConvolutionLayer> layers =
        new ArrayList<>(
            List.of(
                new ConvolutionLayer(pointwise, 2, 6, 5, 32, 192),
                new ConvolutionLayer(pointwise, 1, 12, 12, 144, 24),
                new ConvolutionLayer(dense, 2, 16, 16, 3, 48)));
    for (int kernel : new int[] {3, 5}) {
      for (int stride : new int[] {1, 2}) {
        Attributes depthwise = new Attributes(Family.DEPTHWISE, kernel, stride, false);
        layers.add(new ConvolutionLayer(depthwise, 2, 12, 10, 48, 48));
      }
    }
    List<Case> cases = new ArrayList<>();
    for (ConvolutionLayer layer : layers) {
      for (Storage storage : Storage.values()) {
        cases.add(new Case(layer, storage));
      }
    }
    return cases;
  }

  static List<Case> pointwise() {
    return cases().stream().filter(c -> c.layer.attributes().family() == Family.POINTWISE).toList();
  }

  private static void agree(Comparison comparison, Storage storage) {
    // Of different programs, so not equal to the last bit everywhere; but equal.
    assertTrue(comparison.worst() <= Comparison.tolerance(storage), comparison.toString());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void oursEqualsSumsInDoublePrecision(Case c) {
    try (Device device = Device.cpu(2);
        Operands o = new Operands(device, c.layer, c.storage, ElementType.F32);
        Side ours = new OurConvolution(device, o)) {
      agree(Comparison.of(device, o, ours, new DirectSums(device, o), ElementType.F32), c.storage);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void oursEqualsCudnn(Case c) {
    ElementType type = ElementType.of(c.storage);
    try (Device device = Gpu.open();
        Cudnn cudnn = Gpu.open(Library.CUDNN, () -> Cudnn.open(0));
        Operands o = new Operands(device, c.layer, c.storage, type);
        Side ours = new OurConvolution(device, o);
        Side theirs = new CudnnSide(cudnn, device, o, SCRATCH)) {
      agree(Comparison.of(device, o, ours, theirs, type), c.storage);
    } catch (LibraryException e) {
      // Not every version has an algorithm for every shape and type; any other failure is one.
      String why = String.valueOf(e.getMessage());
      Assumptions.assumeFalse(
          why.contains("has no algorithm") || why.contains("NOT_SUPPORTED"), "skipped: " + why);
      throw e;
    }
  }

  @ParameterizedTest
  @MethodSource("pointwise")
  void oursEqualsCublasLt(Case c) {
    try (Device device = Gpu.open();
        CublasLt cublas = Gpu.open(Library.CUBLASLT, () -> CublasLt.open(0));
        Stopwatch watch = new Stopwatch(device, 2);
        Operands o = new Operands(device, c.layer, c.storage, ElementType.F32);
        Side ours = new OurConvolution(device, o);
        Side theirs = new CublasLtSide(cublas, device, o, SCRATCH, watch)) {
      agree(Comparison.of(device, o, ours, theirs, ElementType.F32), c.storage);
    }
  }

  @ParameterizedTest
  @MethodSource("pointwise")
  void stopwatchTellsTime(Case c) {
    try (Device device = Device.cpu(1);
        Stopwatch watch = new Stopwatch(device, 2);
        Operands o = new Operands(device, c.layer, c.storage, ElementType.F32);
        Side ours = new OurConvolution(device, o)) {
      int[] calls = new int[1];
      double time =
          watch.milliseconds(() -> {
            calls[0]++;
            ours.forward();
          });
      assertTrue(time > 0, "took " + time);
      // 3 to warm up, then 5 rounds of 2.
      assertEquals(13, calls[0]);
    }
  }
}
