package org.pixelwake.jcuda;

import static org.pixelwake.engine.ffi.Symbol.I32;
import static org.pixelwake.engine.ffi.Symbol.I64;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

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

  /// A tensor with its descriptor.
  private record Operand(MemorySegment descriptor, MemorySegment memory) {}

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
    int type = shape.type().cudnn();
    cudnn.check("cudnnSetTensor4dDescriptor", made, NHWC, type, shape.n(), c, h, w);
    return made;
  }

  private MemorySegment filter() {
    MemorySegment made = descriptors.make("cudnnCreateFilterDescriptor");
    int type = shape.type().cudnn();
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
    int sums = ElementType.F32.cudnn();
    cudnn.check(
        "cudnnSetConvolution2dDescriptor", made, pad, pad, stride, stride, 1, 1, mode, sums);
    cudnn.check("cudnnSetConvolutionGroupCount", made, shape.groups());
    // The default would compute f32 in TF32, with 10 bits of mantissa.
    int math = shape.type() == ElementType.F32 ? FMA_MATH : TENSOR_OP_MATH;
    cudnn.check("cudnnSetConvolutionMathType", made, math);
    return made;
  }

  private Operand[] operands(ConvolutionPass pass, long x, long w, long y) {
    Operand ofX = new Operand(input, MemorySegment.ofAddress(x));
    Operand ofW = new Operand(filter, MemorySegment.ofAddress(w));
    Operand ofY = new Operand(output, MemorySegment.ofAddress(y));
    return switch (pass) {
      case FORWARD -> new Operand[] {ofX, ofW, ofY};
      case BACKWARD_DATA -> new Operand[] {ofW, ofY, ofX};
      case BACKWARD_FILTER -> new Operand[] {ofX, ofY, ofW};
    };
  }

  @Override
  List<Algorithm> propose(ConvolutionPass pass) {
    Operand[] o = operands(pass, 0, 0, 0);
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment count = scratch.allocate(I32);
      MemorySegment found = scratch.allocate(PERFORMANCE, CANDIDATES);
      cudnn.check(
          pass.propose(),
          cudnn.handle(),
          o[0].descriptor(),
          o[1].descriptor(),
          convolution,
          o[2].descriptor(),
          CANDIDATES,
          count,
          found);
      return read(count, found);
    }
  }

  @Override
  long size(ConvolutionPass pass, int algorithm) {
    Operand[] o = operands(pass, 0, 0, 0);
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment bytes = scratch.allocate(I64);
      cudnn.check(
          pass.workspace(),
          cudnn.handle(),
          o[0].descriptor(),
          o[1].descriptor(),
          convolution,
          o[2].descriptor(),
          algorithm,
          bytes);
      return bytes.get(I64, 0);
    }
  }

  static List<Algorithm> read(MemorySegment count, MemorySegment found) {
    List<Algorithm> all = new ArrayList<>();
    for (int i = 0; i < count.get(I32, 0); i++) {
      MemorySegment one = found.asSlice(i * PERFORMANCE.byteSize(), PERFORMANCE);
      all.add(new Algorithm(one.get(I32, 0), one.get(I32, 4), one.get(I64, 16)));
    }
    return all;
  }

  @Override
  List<Algorithm> measure(
      ConvolutionPass pass, long x, long w, long y, long workspace, long bytes) {
    Operand[] o = operands(pass, x, w, y);
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment count = scratch.allocate(I32);
      MemorySegment found = scratch.allocate(PERFORMANCE, CANDIDATES);
      cudnn.check(
          pass.measure(),
          cudnn.handle(),
          o[0].descriptor(),
          o[0].memory(),
          o[1].descriptor(),
          o[1].memory(),
          convolution,
          o[2].descriptor(),
          o[2].memory(),
          CANDIDATES,
          count,
          found,
          MemorySegment.ofAddress(workspace),
          bytes);
      return read(count, found);
    }
  }

  @Override
  public void run(ConvolutionPass pass, long x, long w, long y, long workspace) {
    Operand[] o = operands(pass, x, w, y);
    Algorithm algorithm = algorithm(pass);
    cudnn.check(
        pass.compute(),
        cudnn.handle(),
        descriptors.one,
        o[0].descriptor(),
        o[0].memory(),
        o[1].descriptor(),
        o[1].memory(),
        convolution,
        algorithm.number(),
        MemorySegment.ofAddress(workspace),
        algorithm.workspace(),
        descriptors.zero,
        o[2].descriptor(),
        o[2].memory());
  }

  @Override
  public void close() {
    descriptors.close();
  }
}
