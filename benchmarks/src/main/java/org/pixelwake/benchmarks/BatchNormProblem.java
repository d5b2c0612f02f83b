package org.pixelwake.benchmarks;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.pixelwake.engine.Spec;
import org.pixelwake.engine.Transform;
import org.pixelwake.engine.View;
import org.pixelwake.engine.op.BatchNorm;

/// SiLU of the normalised activation, written out.
final class BatchNormProblem extends NormProblem {
  static Problem of(Spec spec) {
    return new BatchNormProblem(spec);
  }

  BatchNormProblem(Spec spec) {
    super(spec);
  }

  @Override
  void pixelwake(PixelwakeCalls calls) {
    View x = calls.normalised(Transform.BN_SILU);
    calls.add(new BatchNorm.Apply(x, calls.result("y", activationShape())));
  }

  @Override
  Tensor libtorch(Map<String, Tensor> in) {
    return torch.silu(normalised(in));
  }

  @Override
  void nd4j(Nd4jWork work) {
    INDArray x = work.in("x");
    INDArray z = work.out(x.shape());
    INDArray y = work.out(x.shape());
    work.result("y", y);
    // With gamma, with beta, along the channels.
    work.add(
        DynamicCustomOp.builder("batchnorm")
            .addInputs(x, work.in("mean"), work.in("var"), work.in("gamma"), work.in("beta"))
            .addOutputs(z)
            .addFloatingPointArguments((double) PixelwakeCalls.BATCH_NORM.eps())
            .addIntegerArguments(1, 1, 3));
    // SiLU's derivative with respect to itself is not needed: x * sigmoid(x) by two operations,
    // for its swish cannot be called as a custom operation.
    work.add(DynamicCustomOp.builder("sigmoid").addInputs(z).addOutputs(y));
    work.add(DynamicCustomOp.builder("multiply").addInputs(z, y).addOutputs(y));
  }
}
