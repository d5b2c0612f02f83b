package org.pixelwake.benchmarks;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.pixelwake.engine.Spec;
import org.pixelwake.engine.Transform;
import org.pixelwake.engine.View;
import org.pixelwake.engine.op.Residual;

/// The normalised projection of a block added to its skip connection.
final class ResidualProblem extends NormProblem {
  static Problem of(Spec spec) {
    return new ResidualProblem(spec);
  }

  ResidualProblem(Spec spec) {
    super(spec);
    activation("skip", shape.n(), shape.h(), shape.w(), shape.in());
    activation("dy", shape.n(), shape.h(), shape.w(), shape.in());
  }

  @Override
  void pixelwake(PixelwakeCalls calls) {
    View x = calls.normalised(Transform.BN);
    calls.add(
        pass() == Pass.FORWARD
            ? new Residual.Forward(
                x, null, View.of(calls.in("skip")), calls.result("y", activationShape()))
            : new Residual.Backward(x, null, calls.in("dy"), calls.batchNormSums(shape.in())));
  }

  @Override
  Tensor libtorch(Map<String, Tensor> in) {
    return normalised(in).add(in.get("skip"));
  }
}
