package org.pixelwake.jcuda;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntSupplier;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;

/// A convolution of [JCudnnBinding]'s.
final class JCudnnConvolution extends ChosenConvolution {
  private final JCudnnBinding cudnn;
  private final Deque<Runnable> destroy = new ArrayDeque<>();
  private final Pointer one = Pointer.to(new float[] {1});
  private final Pointer zero = Pointer.to(new float[] {0});
  private final cudnnTensorDescriptor input = new cudnnTensorDescriptor();
  private final cudnnTensorDescriptor output = new cudnnTensorDescriptor();
  private final cudnnFilterDescriptor filter = new cudnnFilterDescriptor();
  private final cudnnConvolutionDescriptor convolution = new cudnnConvolutionDescriptor();

  JCudnnConvolution(JCudnnBinding cudnn, ConvolutionShape shape) {
    super(shape);
    this.cudnn = cudnn;
    try {
      tensor(input, shape.cIn(), shape.h(), shape.w());
      tensor(output, shape.cOut(), shape.ho(), shape.wo());
      create();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void tensor(cudnnTensorDescriptor tensor, int c, int h, int w) {
    made(
        "cudnnCreateTensorDescriptor",
        JCudnn.cudnnCreateTensorDescriptor(tensor),
        () -> JCudnn.cudnnDestroyTensorDescriptor(tensor));
    int nhwc = cudnnTensorFormat.CUDNN_TENSOR_NHWC;
    cudnn.check(
        "cudnnSetTensor4dDescriptor",
        JCudnn.cudnnSetTensor4dDescriptor(tensor, nhwc, shape.type().cudnn, shape.n(), c, h, w));
  }

  private void create() {
    int k = shape.kernel();
    int pad = shape.padding();
    int stride = shape.stride();
    made(
        "cudnnCreateFilterDescriptor",
        JCudnn.cudnnCreateFilterDescriptor(filter),
        () -> JCudnn.cudnnDestroyFilterDescriptor(filter));
    int nhwc = cudnnTensorFormat.CUDNN_TENSOR_NHWC;
    int perGroup = shape.cIn() / shape.groups();
    cudnn.check(
        "cudnnSetFilter4dDescriptor",
        JCudnn.cudnnSetFilter4dDescriptor(
            filter, shape.type().cudnn, nhwc, shape.cOut(), perGroup, k, k));
    made(
        "cudnnCreateConvolutionDescriptor",
        JCudnn.cudnnCreateConvolutionDescriptor(convolution),
        () -> JCudnn.cudnnDestroyConvolutionDescriptor(convolution));
    int mode = cudnnConvolutionMode.CUDNN_CROSS_CORRELATION;
    int sums = cudnnDataType.CUDNN_DATA_FLOAT;
    cudnn.check(
        "cudnnSetConvolution2dDescriptor",
        JCudnn.cudnnSetConvolution2dDescriptor(
            convolution, pad, pad, stride, stride, 1, 1, mode, sums));
    cudnn.check(
        "cudnnSetConvolutionGroupCount",
        JCudnn.cudnnSetConvolutionGroupCount(convolution, shape.groups()));
    // The default would compute f32 in TF32, with 10 bits of mantissa.
    int math =
        shape.type() == ElementType.F32
            ? cudnnMathType.CUDNN_FMA_MATH
            : cudnnMathType.CUDNN_TENSOR_OP_MATH;
    cudnn.check(
        "cudnnSetConvolutionMathType", JCudnn.cudnnSetConvolutionMathType(convolution, math));
  }

  private void made(String function, int status, IntSupplier undo) {
    cudnn.check(function, status);
    destroy.push(() -> cudnn.check(function.replace("Create", "Destroy"), undo.getAsInt()));
  }

  /// The array that JCudnn fills with candidates: it has a class of its own for each pass.
  private static final class Found {
    final cudnnConvolutionFwdAlgoPerf[] fwd = new cudnnConvolutionFwdAlgoPerf[MOST];
    final cudnnConvolutionBwdDataAlgoPerf[] data = new cudnnConvolutionBwdDataAlgoPerf[MOST];
    final cudnnConvolutionBwdFilterAlgoPerf[] filter = new cudnnConvolutionBwdFilterAlgoPerf[MOST];
    final int[] count = new int[1];

    Found() {
      Arrays.setAll(fwd, i -> new cudnnConvolutionFwdAlgoPerf());
      Arrays.setAll(data, i -> new cudnnConvolutionBwdDataAlgoPerf());
      Arrays.setAll(filter, i -> new cudnnConvolutionBwdFilterAlgoPerf());
    }

    List<Algorithm> algorithms(ConvolutionPass pass) {
      return switch (pass) {
        case FORWARD -> list(fwd, a -> new Algorithm(a.algo, a.status, a.memory));
        case BACKWARD_DATA -> list(data, a -> new Algorithm(a.algo, a.status, a.memory));
        case BACKWARD_FILTER -> list(filter, a -> new Algorithm(a.algo, a.status, a.memory));
      };
    }

    private <T> List<Algorithm> list(T[] all, Function<T, Algorithm> algorithm) {
      return Arrays.stream(all, 0, count[0]).map(algorithm).toList();
    }
  }

  @Override
  List<Algorithm> propose(ConvolutionPass pass) {
    Found all = new Found();
    var h = cudnn.handle;
    int status =
        switch (pass) {
          case FORWARD ->
              JCudnn.cudnnGetConvolutionForwardAlgorithm_v7(
                  h, input, filter, convolution, output, MOST, all.count, all.fwd);
          case BACKWARD_DATA ->
              JCudnn.cudnnGetConvolutionBackwardDataAlgorithm_v7(
                  h, filter, output, convolution, input, MOST, all.count, all.data);
          case BACKWARD_FILTER ->
              JCudnn.cudnnGetConvolutionBackwardFilterAlgorithm_v7(
                  h, input, output, convolution, filter, MOST, all.count, all.filter);
        };
    cudnn.check(pass.propose, status);
    return all.algorithms(pass);
  }

  @Override
  long size(ConvolutionPass pass, int algorithm) {
    long[] bytes = new long[1];
    var h = cudnn.handle;
    int status =
        switch (pass) {
          case FORWARD ->
              JCudnn.cudnnGetConvolutionForwardWorkspaceSize(
                  h, input, filter, convolution, output, algorithm, bytes);
          case BACKWARD_DATA ->
              JCudnn.cudnnGetConvolutionBackwardDataWorkspaceSize(
                  h, filter, output, convolution, input, algorithm, bytes);
          case BACKWARD_FILTER ->
              JCudnn.cudnnGetConvolutionBackwardFilterWorkspaceSize(
                  h, input, output, convolution, filter, algorithm, bytes);
        };
    cudnn.check(pass.workspace, status);
    return bytes[0];
  }

  @Override
  List<Algorithm> measure(
      ConvolutionPass pass, long xAt, long wAt, long yAt, long workspace, long bytes) {
    Pointer x = Interop.pointer(xAt);
    Pointer w = Interop.pointer(wAt);
    Pointer y = Interop.pointer(yAt);
    Pointer work = Interop.pointer(workspace);
    Found all = new Found();
    int[] n = all.count;
    var h = cudnn.handle;
    int status =
        switch (pass) {
          case FORWARD ->
              JCudnn.cudnnFindConvolutionForwardAlgorithmEx(
                  h, input, x, filter, w, convolution, output, y, MOST, n, all.fwd, work, bytes);
          case BACKWARD_DATA ->
              JCudnn.cudnnFindConvolutionBackwardDataAlgorithmEx(
                  h, filter, w, output, y, convolution, input, x, MOST, n, all.data, work, bytes);
          case BACKWARD_FILTER ->
              JCudnn.cudnnFindConvolutionBackwardFilterAlgorithmEx(
                  h, input, x, output, y, convolution, filter, w, MOST, n, all.filter, work, bytes);
        };
    cudnn.check(pass.measure, status);
    return all.algorithms(pass);
  }

  @Override
  public void run(ConvolutionPass pass, long xAt, long wAt, long yAt, long workspace) {
    Pointer x = Interop.pointer(xAt);
    Pointer w = Interop.pointer(wAt);
    Pointer y = Interop.pointer(yAt);
    Pointer scratch = Interop.pointer(workspace);
    Algorithm a = algorithm(pass);
    int k = a.number();
    long bytes = a.workspace();
    var h = cudnn.handle;
    int status =
        switch (pass) {
          case FORWARD ->
              JCudnn.cudnnConvolutionForward(
                  h, one, input, x, filter, w, convolution, k, scratch, bytes, zero, output, y);
          case BACKWARD_DATA ->
              JCudnn.cudnnConvolutionBackwardData(
                  h, one, filter, w, output, y, convolution, k, scratch, bytes, zero, input, x);
          case BACKWARD_FILTER ->
              JCudnn.cudnnConvolutionBackwardFilter(
                  h, one, input, x, output, y, convolution, k, scratch, bytes, zero, filter, w);
        };
    cudnn.check(pass.compute, status);
  }

  @Override
  public void close() {
    while (!destroy.isEmpty()) {
      destroy.pop().run();
    }
  }
}
