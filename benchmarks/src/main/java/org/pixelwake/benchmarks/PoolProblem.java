package org.pixelwake.benchmarks;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.pixelwake.engine.Spec;
import org.pixelwake.engine.Transform;
import org.pixelwake.engine.View;
import org.pixelwake.engine.op.PoolLinear;

/// The embedding (n, c): the mean of the activation.
final class PoolProblem extends NormProblem {
  PoolProblem(Spec spec) {
    super(spec);
    parameter("dy", -1, 1, shape.n(), shape.in());
  }

  @Override
  void pixelwake(PixelwakeCalls calls) {
    View x = calls.normalised(Transform.BN_SILU);
    calls.add(
        pass() == Pass.FORWARD
            ? new PoolLinear.PoolForward(x, null, calls.result("y", shape.n(), shape.in()))
            : new PoolLinear.PoolBackward(
                x,
                null,
                calls.in("dy"),
                calls.scratch("dz", activationShape()),
                calls.batchNormSums(shape.in())));
  }

  @Override
  Tensor libtorch(Map<String, Tensor> in) {
    return torch.silu(normalised(in)).mean(2, 3);
  }
}
