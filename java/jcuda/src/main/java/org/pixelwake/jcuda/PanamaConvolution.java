package org.pixelwake.jcuda;

import static org.pixelwake.engine.ffi.Symbol.I32;
import static org.pixelwake.engine.ffi.Symbol.I64;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.BiConsumer;

/// A convolution of [PanamaCudnn]'s.
///
/// cuDNN's functions for the three passes take the same arguments in the same order: two tensors
/// that are read and the one that is written.
final class PanamaConvolution extends ChosenConvolution {
  /// `cudnnConvolutionFwdAlgoPerf_t` and its likes.
  static final StructLayout PERFORMANCE =
      MemoryLayout.structLayout(
          I32.withName("algo"),
          I32.withName("status"),
          ValueLayout.JAVA_FLOAT.withName("time"),
          MemoryLayout.paddingLayout(4),
          I64.withName("memory"),
          I32.withName("determinism"),
          I32.withName("mathType"),
          MemoryLayout.sequenceLayout(3, I32).withName("reserved"),
          MemoryLayout.paddingLayout(4));

  private static final int NHWC = 1;
  private static final int CROSS_CORRELATION = 1;
  private static final int TENSOR_OP_MATH = 1;
  private static final int FMA_MATH = 3;

  private final PanamaCudnn cudnn;
  private final Descriptors descriptors;
  private final MemorySegment input;
  private final MemorySegment filter;
  private final MemorySegment output;
  private final MemorySegment convolution;

  PanamaConvolution(PanamaCudnn cudnn, ConvolutionShape shape) {
    super(shape);
    this.cudnn = cudnn;
    this.descriptors = new Descriptors(cudnn::check);
    try {
      input = tensor(shape.cIn(), shape.h(), shape.w());
      output = tensor(shape.cOut(), shape.ho(), shape.wo());
      filter = filter();
      convolution = convolution();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private MemorySegment tensor(int c, int h, int w) {
    MemorySegment made = descriptors.make("cudnnCreateTensorDescriptor");
    int type = shape.type().cudnn;
    cudnn.check("cudnnSetTensor4dDescriptor", made, NHWC, type, shape.n(), c, h, w);
    return made;
  }

  private MemorySegment filter() {
    MemorySegment made = descriptors.make("cudnnCreateFilterDescriptor");
    int type = shape.type().cudnn;
    int k = shape.kernel();
    int perGroup = shape.cIn() / shape.groups();
    cudnn.check("cudnnSetFilter4dDescriptor", made, type, NHWC, shape.cOut(), perGroup, k, k);
    return made;
  }

  private MemorySegment convolution() {
    MemorySegment made = descriptors.make("cudnnCreateConvolutionDescriptor");
    int pad = shape.padding();
    int stride = shape.stride();
    int mode = CROSS_CORRELATION;
    int sums = ElementType.F32.cudnn;
    cudnn.check(
        "cudnnSetConvolution2dDescriptor", made, pad, pad, stride, stride, 1, 1, mode, sums);
    cudnn.check("cudnnSetConvolutionGroupCount", made, shape.groups());
    // The default would compute f32 in TF32, with 10 bits of mantissa.
    int math = shape.type() == ElementType.F32 ? FMA_MATH : TENSOR_OP_MATH;
    cudnn.check("cudnnSetConvolutionMathType", made, math);
    return made;
  }

  // The two that a pass reads and the one that it writes.
  private static MemorySegment[] ordered(
      ConvolutionPass pass, MemorySegment x, MemorySegment w, MemorySegment y) {
    return switch (pass) {
      case FORWARD -> new MemorySegment[] {x, w, y};
      case BACKWARD_DATA -> new MemorySegment[] {w, y, x};
      case BACKWARD_FILTER -> new MemorySegment[] {x, y, w};
    };
  }

  private MemorySegment[] descriptors(ConvolutionPass pass) {
    return ordered(pass, input, filter, output);
  }

  private static MemorySegment[] memory(ConvolutionPass pass, long x, long w, long y) {
    return ordered(
        pass, MemorySegment.ofAddress(x), MemorySegment.ofAddress(w), MemorySegment.ofAddress(y));
  }

  @Override
  List<Algorithm> propose(ConvolutionPass pass) {
    MemorySegment[] d = descriptors(pass);
    MemorySegment h = cudnn.handle;
    return filled((count, all) ->
        cudnn.check(pass.propose, h, d[0], d[1], convolution, d[2], MOST, count, all));
  }

  @Override
  long size(ConvolutionPass pass, int algorithm) {
    MemorySegment[] d = descriptors(pass);
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment bytes = scratch.allocate(I64);
      cudnn.check(pass.workspace, cudnn.handle, d[0], d[1], convolution, d[2], algorithm, bytes);
      return bytes.get(I64, 0);
    }
  }

  private static List<Algorithm> filled(BiConsumer<MemorySegment, MemorySegment> call) {
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment count = scratch.allocate(I32);
      MemorySegment found = scratch.allocate(PERFORMANCE, MOST);
      call.accept(count, found);
      return found
          .elements(PERFORMANCE)
          .limit(count.get(I32, 0))
          .map(one -> new Algorithm(one.get(I32, 0), one.get(I32, 4), one.get(I64, 16)))
          .toList();
    }
  }

  @Override
  List<Algorithm> measure(
      ConvolutionPass pass, long x, long w, long y, long workspace, long bytes) {
    MemorySegment[] d = descriptors(pass);
    MemorySegment[] m = memory(pass, x, w, y);
    MemorySegment h = cudnn.handle;
    MemorySegment s = MemorySegment.ofAddress(workspace);
    String name = pass.measure;
    var c = convolution;
    return filled((n, all) ->
        cudnn.check(name, h, d[0], m[0], d[1], m[1], c, d[2], m[2], MOST, n, all, s, bytes));
  }

  @Override
  public void run(ConvolutionPass pass, long x, long w, long y, long workspace) {
    MemorySegment[] d = descriptors(pass);
    MemorySegment[] m = memory(pass, x, w, y);
    MemorySegment h = cudnn.handle;
    MemorySegment one = descriptors.one;
    MemorySegment zero = descriptors.zero;
    MemorySegment scratch = MemorySegment.ofAddress(workspace);
    String name = pass.compute;
    int k = algorithm(pass).number();
    long bytes = algorithm(pass).workspace();
    cudnn.check(
        name, h, one, d[0], m[0], d[1], m[1], convolution, k, scratch, bytes, zero, d[2], m[2]);
  }

  @Override
  public void close() {
    descriptors.close();
  }
}
