package org.pixelwake.jcuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Memory;
import org.pixelwake.engine.library.LibrarySearch.Library;

/// The Panama bindings against libraries that stand in for cuDNN 9 and cuBLASLt and compute on the
/// processor, so that every machine tests what the bindings pass.
@Isolated("It changes where the process looks for libraries.")
final class StandInTest {
  private static final long SCRATCH = 1 << 16;

  @TempDir private static Path folder;

  @BeforeAll
  static void build() throws IOException, InterruptedException {
    String compiler = System.getenv().getOrDefault("CXX", "g++");
    compile(compiler, "cudnn.cpp", "libcudnn.so.9");
    compile(compiler, "cublaslt.cpp", "libcublasLt.so.13");
    System.setProperty(Library.CUDNN.property(), folder.toString());
    System.setProperty(Library.CUBLASLT.property(), folder.toString());
  }

  @AfterAll
  static void forget() {
    System.clearProperty(Library.CUDNN.property());
    System.clearProperty(Library.CUBLASLT.property());
  }

  private static void compile(String compiler, String source, String library)
      throws IOException, InterruptedException {
    Path log = folder.resolve("log");
    Path out = folder.resolve(library);
    List<String> command =
        List.of(
            compiler,
            "-std=c++20",
            "-O1",
            "-Wall",
            "-shared",
            "-fPIC",
            "-o",
            out.toString(),
            "src/test/cpp/" + source);
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
    } catch (IOException e) {
      Assumptions.abort("skipped: no compiler: " + e.getMessage());
      return;
    }
    assertTrue(process.waitFor(2, TimeUnit.MINUTES), "the compiler takes too long");
    assertEquals(0, process.exitValue(), Files.readString(log));
  }

  private static int stillOpen(String library) {
    return new NativeLibrary(folder.resolve(library)).call("standin_open");
  }

  static List<ComparisonTest.Case> cases() {
    return ComparisonTest.cases();
  }

  static List<ComparisonTest.Case> pointwise() {
    return ComparisonTest.pointwise();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void cudnnIsGivenWhatItExpects(ComparisonTest.Case c) {
    ElementType type = ElementType.of(c.storage());
    try (Device device = Device.cpu(2);
        Cudnn cudnn = Cudnn.open(0);
        Operands o = new Operands(device, c.layer(), c.storage(), type);
        Side ours = new OurConvolution(device, o);
        Side theirs = new CudnnSide(cudnn, device, o, SCRATCH)) {
      Comparison comparison = Comparison.of(device, o, ours, theirs, type);
      assertTrue(
          comparison.worst() <= Comparison.tolerance(c.storage()), () -> comparison.toString());
    }
    assertEquals(0, stillOpen("libcudnn.so.9"), "handles and descriptors are closed");
  }

  @ParameterizedTest
  @MethodSource("pointwise")
  void cublasLtIsGivenWhatItExpects(ComparisonTest.Case c) {
    try (Device device = Device.cpu(2);
        CublasLt cublas = CublasLt.open(0);
        Stopwatch watch = new Stopwatch(device, 1);
        Operands o = new Operands(device, c.layer(), c.storage(), ElementType.F32);
        Side ours = new OurConvolution(device, o);
        Side theirs = new CublasLtSide(cublas, device, o, SCRATCH, watch)) {
      Comparison comparison = Comparison.of(device, o, ours, theirs, ElementType.F32);
      assertTrue(
          comparison.worst() <= Comparison.tolerance(c.storage()), () -> comparison.toString());
    }
    assertEquals(0, stillOpen("libcublasLt.so.13"), "handles and descriptors are closed");
  }

  @Test
  void heuristicsSkipWhatDoesNotWork() {
    ConvolutionShape shape = ConvolutionShape.depthwise(1, 8, 8, 16, 3, 2, ElementType.F32);
    try (Cudnn cudnn = Cudnn.open(0);
        CudnnConvolution convolution = cudnn.convolution(shape)) {
      for (ConvolutionPass pass : ConvolutionPass.values()) {
        assertEquals(4096, convolution.workspaceBytes(pass));
      }
    }
    GemmShape product = new GemmShape(4, 5, 6, false, false, ElementType.F32, ElementType.F32);
    try (CublasLt cublas = CublasLt.open(0);
        Gemm gemm = cublas.gemm(product, 512)) {
      assertEquals(2, gemm.algorithms());
      assertEquals(0, gemm.workspaceBytes());
      gemm.use(1);
      assertEquals(512, gemm.workspaceBytes());
      assertThrows(IndexOutOfBoundsException.class, () -> gemm.use(2));
    }
  }

  @Test
  void failuresNameTheCallAndRepeatTheLibrarysWords() {
    try (Device device = Device.cpu(1);
        Memory memory = device.allocate(4096);
        Cudnn cudnn = Cudnn.open(0);
        CublasLt cublas = CublasLt.open(0)) {
      assertTrue(cudnn.version().startsWith("cuDNN 9.1.0 ("), cudnn.version());
      assertTrue(cublas.version().startsWith("cuBLASLt 13.1.0 ("), cublas.version());
      // The stand-in knows no f16.
      ConvolutionShape half = ConvolutionShape.depthwise(1, 8, 8, 16, 3, 2, ElementType.F16);
      try (CudnnConvolution convolution = cudnn.convolution(half)) {
        expect(
            "cudnnGetConvolutionForwardAlgorithm_v7: CUDNN_STATUS_BAD_PARAM, candidates (",
            () -> convolution.workspaceBytes(ConvolutionPass.FORWARD));
      }
      GemmShape shape = new GemmShape(4, 5, 6, false, false, ElementType.F32, ElementType.F32);
      long address = memory.address().address();
      try (Gemm gemm = cublas.gemm(shape, 0)) {
        expect(
            "cublasLtMatmul: CUBLAS_STATUS_INVALID_VALUE, an unsupported value (",
            () -> gemm.run(address, address, address, 0));
        assertThrows(
            IllegalArgumentException.class, () -> gemm.run(address + 64, address, address, 0));
      }
    }
  }

  private static void expect(String start, Runnable call) {
    String message = assertThrows(LibraryException.class, call::run).getMessage();
    assertTrue(message.startsWith(start), message);
  }
}
