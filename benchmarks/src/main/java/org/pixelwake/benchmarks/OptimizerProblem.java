package org.pixelwake.benchmarks;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.pixelwake.engine.Spec;
import org.pixelwake.engine.StepState;
import org.pixelwake.engine.op.Optimizer;

/// The first step of AdamW and those after it, all with the same gradient.
final class OptimizerProblem extends Problem {
  private static final double RATE = LibtorchOptimizer.RATE;
  private static final double BETA1 = LibtorchOptimizer.BETA1;
  private static final double BETA2 = LibtorchOptimizer.BETA2;
  private static final double EPSILON = LibtorchOptimizer.EPSILON;
  private static final double WEIGHT_DECAY = LibtorchOptimizer.WEIGHT_DECAY;

  private final int count;

  static Problem of(Spec spec) {
    return new OptimizerProblem(spec);
  }

  OptimizerProblem(Spec spec) {
    super(spec);
    count = spec.number("n");
    parameter("parameter", -1, 1, count);
    parameter("gradient", -1, 1, count);
    put("m", false, new float[count], count);
    put("v", false, new float[count], count);
  }

  @Override
  void pixelwake(PixelwakeCalls calls) {
    calls.result("y", calls.in("parameter"), 0, count);
    Optimizer.Parameter parameter =
        new Optimizer.Parameter(
            calls.in("parameter"),
            calls.in("gradient"),
            calls.in("m"),
            calls.in("v"),
            null,
            (float) WEIGHT_DECAY,
            1);
    calls.add(
        new Optimizer.AdamW(
            new Optimizer.Attributes(
                (float) BETA1, (float) BETA2, (float) EPSILON, (float) WEIGHT_DECAY, 0),
            calls.step(new StepState(1, 1, RATE, BETA1, BETA2, 0)),
            null,
            List.of(parameter),
            null));
  }

  @Override
  Tensor libtorch(Map<String, Tensor> in) {
    throw new UnsupportedOperationException("an update has no output");
  }

  @Override
  Work libtorchWork(Layout layout) {
    return new Fused();
  }

  private final class Fused implements Work {
    private final Tensor parameter;
    private final FusedAdamW optimizer;

    Fused() {
      // TorchScript's default executor fails on the fused update.
      GraphExecutor.SIMPLE.choose();
      parameter = LibtorchWork.tensor(input("parameter"), Layout.NCHW, ScalarType.Float);
      parameter.set_requires_grad(true);
      parameter
          .mutable_grad()
          .put(LibtorchWork.tensor(input("gradient"), Layout.NCHW, ScalarType.Float));
      optimizer = new FusedAdamW(new TensorVector(parameter));
    }

    @Override
    public void run() {
      optimizer.update();
    }

    @Override
    public Map<String, float[]> results() {
      return Map.of("y", LibtorchWork.floats(parameter, false));
    }

    @Override
    public void close() {
      parameter.close();
    }
  }

  /// The formulas, in double precision.
  @Override
  Map<String, float[]> expected() {
    float[] parameter = input("parameter").data().clone();
    float[] gradient = input("gradient").data();
    for (int i = 0; i < count; i++) {
      double m = (1 - BETA1) * gradient[i];
      double v = (1 - BETA2) * gradient[i] * gradient[i];
      double step = m / (1 - BETA1) / (Math.sqrt(v / (1 - BETA2)) + EPSILON);
      parameter[i] = (float) (parameter[i] * (1 - RATE * WEIGHT_DECAY) - RATE * step);
    }
    return Map.of("y", parameter);
  }

  @Override
  boolean repeats() {
    return false;
  }
}
