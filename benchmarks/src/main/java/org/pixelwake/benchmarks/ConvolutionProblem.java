package org.pixelwake.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.pixelwake.engine.Spec;
import org.pixelwake.engine.View;
import org.pixelwake.engine.op.Convolution;
import org.pixelwake.engine.plan.Gradients;

/// A convolution of a plain activation by itself: no statistics, no transform, as the peers have
/// it. Its backward pass gives the gradients of weight and bias, and but for the stem that of the
/// input.
final class ConvolutionProblem extends Problem {
  private final Convolution.Attributes attributes;
  private final Shape shape;
  private final boolean biased;
  private final int outH;
  private final int outW;

  static Problem of(Spec spec) {
    return new ConvolutionProblem(spec);
  }

  ConvolutionProblem(Spec spec) {
    super(spec);
    attributes =
        new Convolution.Attributes(
            Convolution.Family.valueOf(spec.family().toUpperCase(Locale.ROOT)),
            spec.number("k", 1),
            spec.number("s", 1),
            spec.number("t", 0) == 1);
    shape = Shape.of(spec);
    biased = spec.has("bias");
    outH = attributes.outputSide(shape.h());
    outW = attributes.outputSide(shape.w());
    activation("x", shape.n(), shape.h(), shape.w(), shape.in());
    parameter("weight", -0.5, 0.5, attributes.weightShape(shape.in(), shape.out()));
    if (biased) {
      parameter("bias", -1, 1, shape.out());
    }
    activation("dy", shape.n(), outH, outW, shape.out());
  }

  private boolean depthwise() {
    return attributes.family() == Convolution.Family.DEPTHWISE;
  }

  private boolean ofImages() {
    return shape.in() == 3;
  }

  @Override
  List<String> learned() {
    if (ofImages()) {
      return List.of("weight");
    }
    return biased ? List.of("x", "weight", "bias") : List.of("x", "weight");
  }

  @Override
  void pixelwake(PixelwakeCalls calls) {
    View x = View.of(calls.in("x"));
    int[] y = {shape.n(), outH, outW, shape.out()};
    if (pass() == Pass.FORWARD) {
      calls.add(
          new Convolution.Forward(
              attributes,
              x,
              calls.in("weight"),
              biased ? calls.in("bias") : null,
              calls.result("y", y),
              null));
      return;
    }
    calls.add(
        new Convolution.Backward(
            attributes,
            x,
            calls.in("weight"),
            calls.scratch("y", y),
            Gradients.OfRaw.plain(calls.in("dy")),
            null,
            ofImages() ? null : calls.result("dx", input("x").shape()),
            null,
            calls.result("dweight", input("weight").shape()),
            biased ? calls.result("dbias", shape.out()) : null));
  }

  @Override
  Tensor libtorch(Map<String, Tensor> in) {
    long padding = (attributes.kernel() - 1L) / 2;
    long groups = depthwise() ? shape.in() : 1;
    long[] stride = {attributes.stride(), attributes.stride()};
    long[] pad = {padding, padding};
    TensorOptional bias = biased ? new TensorOptional(in.get("bias")) : new TensorOptional();
    return attributes.transposed()
        ? torch.conv_transpose2d(
            in.get("x"), in.get("weight"), bias, stride, pad, new long[] {1, 1}, groups, 1, 1)
        : torch.conv2d(in.get("x"), in.get("weight"), bias, stride, pad, new long[] {1, 1}, groups);
  }

  /// ND4J pads transposed convolutions as TensorFlow does, which is another operation.
  @Override
  void nd4j(Nd4jWork work) {
    String name = depthwise() ? "depthwise_conv2d" : "conv2d";
    // (k, k, in, out), and (k, k, c, 1) for depthwise ones.
    INDArray weight = depthwise() ? work.in("weight", 2, 3, 0, 1) : work.in("weight", 2, 3, 1, 0);
    int[] back = depthwise() ? new int[] {2, 3, 0, 1} : new int[] {3, 2, 0, 1};
    int k = attributes.kernel();
    int s = attributes.stride();
    int p = (k - 1) / 2;
    // Kernel, stride, padding, dilation; padding as given; channels last; order of the weight.
    int[] arguments = {k, k, s, s, p, p, 1, 1, 0, 1, 0};
    INDArray x = work.in("x");
    if (pass() == Pass.FORWARD) {
      INDArray y = work.out(shape.n(), outH, outW, shape.out());
      work.result("y", y);
      work.add(builder(name, arguments).addInputs(x, weight).addOutputs(y));
      return;
    }
    INDArray dx = work.out(x.shape());
    INDArray dweight = work.out(weight.shape());
    if (!ofImages()) {
      work.result("dx", dx);
    }
    work.result("dweight", dweight, back);
    work.add(
        builder(name + "_bp", arguments)
            .addInputs(x, weight, work.in("dy"))
            .addOutputs(dx, dweight));
  }

  private static DynamicCustomOp.DynamicCustomOpsBuilder builder(String name, int[] arguments) {
    return DynamicCustomOp.builder(name).addIntegerArguments(arguments);
  }
}
