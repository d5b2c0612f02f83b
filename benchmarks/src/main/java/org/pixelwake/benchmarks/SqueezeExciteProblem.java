package org.pixelwake.benchmarks;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.pixelwake.engine.Spec;
import org.pixelwake.engine.Transform;
import org.pixelwake.engine.op.SqueezeExcite;

/// The gate (n, c) of squeeze-excite, of the activation.
final class SqueezeExciteProblem extends NormProblem {
  static Problem of(Spec spec) {
    return new SqueezeExciteProblem(spec);
  }

  SqueezeExciteProblem(Spec spec) {
    super(spec);
    parameter("w1", -0.5, 0.5, shape.out(), shape.in());
    parameter("b1", -0.5, 0.5, shape.out());
    parameter("w2", -0.5, 0.5, shape.in(), shape.out());
    parameter("b2", -0.5, 0.5, shape.in());
  }

  @Override
  void pixelwake(PixelwakeCalls calls) {
    calls.add(
        new SqueezeExcite.Forward(
            calls.normalised(Transform.BN_SILU),
            null,
            calls.in("w1"),
            calls.in("b1"),
            calls.in("w2"),
            calls.in("b2"),
            calls.scratch("pooled", 3, shape.n(), shape.in()),
            calls.scratch("hidden", shape.n(), shape.out()),
            calls.result("y", shape.n(), shape.in())));
  }

  @Override
  Tensor libtorch(Map<String, Tensor> in) {
    Tensor pooled = torch.silu(normalised(in)).mean(2, 3);
    Tensor hidden = torch.linear(pooled, in.get("w1"), new TensorOptional(in.get("b1")));
    return torch.sigmoid(
        torch.linear(torch.silu(hidden), in.get("w2"), new TensorOptional(in.get("b2"))));
  }
}
