package org.pixelwake.benchmarks;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.pixelwake.engine.Spec;
import org.pixelwake.engine.op.PoolLinear;

/// A linear layer on embeddings (n, in).
final class LinearProblem extends Problem {
  private final Shape shape;

  LinearProblem(Spec spec) {
    super(spec);
    shape = Shape.of(spec);
    parameter("x", -1, 1, shape.n(), shape.in());
    parameter("weight", -0.5, 0.5, shape.out(), shape.in());
    parameter("bias", -0.5, 0.5, shape.out());
    parameter("dy", -1, 1, shape.n(), shape.out());
  }

  @Override
  List<String> learned() {
    return List.of("x", "weight", "bias");
  }

  @Override
  void pixelwake(PixelwakeCalls calls) {
    calls.add(
        pass() == Pass.FORWARD
            ? new PoolLinear.LinearForward(
                calls.in("x"),
                calls.in("weight"),
                calls.in("bias"),
                calls.result("y", shape.n(), shape.out()))
            : new PoolLinear.LinearBackward(
                calls.in("x"),
                calls.in("weight"),
                calls.in("dy"),
                calls.result("dx", shape.n(), shape.in()),
                calls.result("dweight", shape.out(), shape.in()),
                calls.result("dbias", shape.out())));
  }

  @Override
  Tensor libtorch(Map<String, Tensor> in) {
    return torch.linear(in.get("x"), in.get("weight"), new TensorOptional(in.get("bias")));
  }

  @Override
  void nd4j(Nd4jWork work) {
    INDArray weight = work.in("weight", 1, 0);
    INDArray x = work.in("x");
    if (pass() == Pass.FORWARD) {
      INDArray y = work.out(shape.n(), shape.out());
      work.result("y", y);
      work.add(
          DynamicCustomOp.builder("xw_plus_b").addInputs(x, weight, work.in("bias")).addOutputs(y));
      return;
    }
    INDArray dx = work.out(x.shape());
    INDArray dweight = work.out(weight.shape());
    INDArray dbias = work.out(shape.out());
    work.result("dx", dx);
    work.result("dweight", dweight, 1, 0);
    work.result("dbias", dbias);
    work.add(
        DynamicCustomOp.builder("xw_plus_b_bp")
            .addInputs(x, weight, work.in("bias"), work.in("dy"))
            .addOutputs(dx, dweight, dbias));
  }
}
