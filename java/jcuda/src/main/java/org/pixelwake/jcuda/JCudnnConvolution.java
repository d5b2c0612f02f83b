package org.pixelwake.jcuda;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
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
final class JCudnnConvolution implements CudnnConvolution {
  private static final int CANDIDATES = 8;

  private final JCudnnBinding cudnn;
  private final ConvolutionShape shape;
  private final Deque<Runnable> destroy = new ArrayDeque<>();
  private final Map<Pass, Algorithm> chosen = new EnumMap<>(Pass.class);
  private final Pointer one = Pointer.to(new float[] {1});
  private final Pointer zero = Pointer.to(new float[] {0});
  private final cudnnTensorDescriptor input = new cudnnTensorDescriptor();
  private final cudnnTensorDescriptor output = new cudnnTensorDescriptor();
  private final cudnnFilterDescriptor filter = new cudnnFilterDescriptor();
  private final cudnnConvolutionDescriptor convolution = new cudnnConvolutionDescriptor();

  JCudnnConvolution(JCudnnBinding cudnn, ConvolutionShape shape) {
    this.cudnn = cudnn;
    this.shape = shape;
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
        JCudnn.cudnnSetTensor4dDescriptor(tensor, nhwc, shape.type().cudnn(), shape.n(), c, h, w));
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
            filter, shape.type().cudnn(), nhwc, shape.cOut(), perGroup, k, k));
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

  @Override
  public ConvolutionShape shape() {
    return shape;
  }

  @Override
  public long workspaceBytes(Pass pass) {
    return algorithm(pass).workspace();
  }

  private Algorithm algorithm(Pass pass) {
    Algorithm known = chosen.get(pass);
    if (known == null) {
      Algorithm best = Algorithm.first(propose(pass), Long.MAX_VALUE, pass + " of " + shape);
      known = new Algorithm(best.number(), 0, size(pass, best.number()));
      chosen.put(pass, known);
    }
    return known;
  }

  private List<Algorithm> propose(Pass pass) {
    int[] count = new int[1];
    var h = cudnn.handle();
    return switch (pass) {
      case FORWARD -> {
        var all = forwards();
        cudnn.check(
            pass.propose(),
            JCudnn.cudnnGetConvolutionForwardAlgorithm_v7(
                h, input, filter, convolution, output, CANDIDATES, count, all));
        yield ofForward(all, count[0]);
      }
      case BACKWARD_DATA -> {
        var all = backwardDatas();
        cudnn.check(
            pass.propose(),
            JCudnn.cudnnGetConvolutionBackwardDataAlgorithm_v7(
                h, filter, output, convolution, input, CANDIDATES, count, all));
        yield ofBackwardData(all, count[0]);
      }
      case BACKWARD_FILTER -> {
        var all = backwardFilters();
        cudnn.check(
            pass.propose(),
            JCudnn.cudnnGetConvolutionBackwardFilterAlgorithm_v7(
                h, input, output, convolution, filter, CANDIDATES, count, all));
        yield ofBackwardFilter(all, count[0]);
      }
    };
  }

  private long size(Pass pass, int algorithm) {
    long[] bytes = new long[1];
    var h = cudnn.handle();
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
    cudnn.check(pass.workspace(), status);
    return bytes[0];
  }

  @Override
  public void tune(Pass pass, long x, long w, long y, long workspace, long bytes) {
    List<Algorithm> measured =
        measure(
            pass,
            Interop.pointer(x),
            Interop.pointer(w),
            Interop.pointer(y),
            Interop.pointer(workspace),
            bytes);
    Algorithm best = Algorithm.first(measured, bytes, pass + " of " + shape);
    chosen.put(pass, new Algorithm(best.number(), 0, size(pass, best.number())));
  }

  private List<Algorithm> measure(
      Pass pass, Pointer x, Pointer w, Pointer y, Pointer workspace, long bytes) {
    int[] count = new int[1];
    var h = cudnn.handle();
    return switch (pass) {
      case FORWARD -> {
        var all = forwards();
        cudnn.check(
            pass.measure(),
            JCudnn.cudnnFindConvolutionForwardAlgorithmEx(
                h,
                input,
                x,
                filter,
                w,
                convolution,
                output,
                y,
                CANDIDATES,
                count,
                all,
                workspace,
                bytes));
        yield ofForward(all, count[0]);
      }
      case BACKWARD_DATA -> {
        var all = backwardDatas();
        cudnn.check(
            pass.measure(),
            JCudnn.cudnnFindConvolutionBackwardDataAlgorithmEx(
                h,
                filter,
                w,
                output,
                y,
                convolution,
                input,
                x,
                CANDIDATES,
                count,
                all,
                workspace,
                bytes));
        yield ofBackwardData(all, count[0]);
      }
      case BACKWARD_FILTER -> {
        var all = backwardFilters();
        cudnn.check(
            pass.measure(),
            JCudnn.cudnnFindConvolutionBackwardFilterAlgorithmEx(
                h,
                input,
                x,
                output,
                y,
                convolution,
                filter,
                w,
                CANDIDATES,
                count,
                all,
                workspace,
                bytes));
        yield ofBackwardFilter(all, count[0]);
      }
    };
  }

  @Override
  public void run(Pass pass, long xAddress, long wAddress, long yAddress, long workspace) {
    Pointer x = Interop.pointer(xAddress);
    Pointer w = Interop.pointer(wAddress);
    Pointer y = Interop.pointer(yAddress);
    Pointer scratch = Interop.pointer(workspace);
    Algorithm a = algorithm(pass);
    int k = a.number();
    long bytes = a.workspace();
    var h = cudnn.handle();
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
    cudnn.check(pass.compute(), status);
  }

  // JCudnn fills objects that are there; each pass has a class of its own for them.
  private static cudnnConvolutionFwdAlgoPerf[] forwards() {
    var all = new cudnnConvolutionFwdAlgoPerf[CANDIDATES];
    java.util.Arrays.setAll(all, i -> new cudnnConvolutionFwdAlgoPerf());
    return all;
  }

  private static cudnnConvolutionBwdDataAlgoPerf[] backwardDatas() {
    var all = new cudnnConvolutionBwdDataAlgoPerf[CANDIDATES];
    java.util.Arrays.setAll(all, i -> new cudnnConvolutionBwdDataAlgoPerf());
    return all;
  }

  private static cudnnConvolutionBwdFilterAlgoPerf[] backwardFilters() {
    var all = new cudnnConvolutionBwdFilterAlgoPerf[CANDIDATES];
    java.util.Arrays.setAll(all, i -> new cudnnConvolutionBwdFilterAlgoPerf());
    return all;
  }

  private static List<Algorithm> ofForward(cudnnConvolutionFwdAlgoPerf[] all, int count) {
    List<Algorithm> list = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      list.add(new Algorithm(all[i].algo, all[i].status, all[i].memory));
    }
    return list;
  }

  private static List<Algorithm> ofBackwardData(cudnnConvolutionBwdDataAlgoPerf[] all, int count) {
    List<Algorithm> list = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      list.add(new Algorithm(all[i].algo, all[i].status, all[i].memory));
    }
    return list;
  }

  private static List<Algorithm> ofBackwardFilter(
      cudnnConvolutionBwdFilterAlgoPerf[] all, int count) {
    List<Algorithm> list = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      list.add(new Algorithm(all[i].algo, all[i].status, all[i].memory));
    }
    return list;
  }

  @Override
  public void close() {
    while (!destroy.isEmpty()) {
      destroy.pop().run();
    }
  }
}
