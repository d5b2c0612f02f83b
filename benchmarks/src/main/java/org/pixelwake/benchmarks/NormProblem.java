package org.pixelwake.benchmarks;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.pixelwake.engine.Spec;

/// An operation behind a batch norm of given statistics. Where there is a backward pass, it gives
/// the gradients of gamma and beta, which are all that Pixelwake computes here: the gradient of the
/// input is folded into the backward pass of the convolution that made it.
abstract class NormProblem extends Problem {
  final Shape shape;

  NormProblem(Spec spec) {
    super(spec);
    shape = Shape.of(spec);
    int c = shape.in();
    activation("x", shape.n(), shape.h(), shape.w(), c);
    parameter("gamma", 0.5, 1.5, c);
    parameter("beta", -0.5, 0.5, c);
    parameter("mean", -0.2, 0.2, c);
    parameter("var", 0.5, 1.5, c);
  }

  @Override
  final List<String> learned() {
    return List.of("beta", "gamma");
  }

  final int[] activationShape() {
    return new int[] {shape.n(), shape.h(), shape.w(), shape.in()};
  }

  static Tensor normalised(Map<String, Tensor> in) {
    return torch.batch_norm(
        in.get("x"),
        new TensorOptional(in.get("gamma")),
        new TensorOptional(in.get("beta")),
        new TensorOptional(in.get("mean")),
        new TensorOptional(in.get("var")),
        false,
        PixelwakeCalls.BATCH_NORM.momentum(),
        PixelwakeCalls.BATCH_NORM.eps(),
        false);
  }
}
