package org.pixelwake.benchmarks;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.pixelwake.base.Philox;
import org.pixelwake.engine.Spec;
import org.pixelwake.engine.StepState;
import org.pixelwake.engine.op.PoolLinear;

/// Dropout of embeddings (n, in). Peers draw other numbers.
final class DropoutProblem extends Problem {
  private static final int SEED = 1;
  private static final int STEP = 1;

  private final Shape shape;
  private final float probability;

  DropoutProblem(Spec spec) {
    super(spec);
    shape = Shape.of(spec);
    probability = spec.real("p", 0);
    parameter("x", -1, 1, shape.n(), shape.in());
  }

  @Override
  void pixelwake(PixelwakeCalls calls) {
    calls.add(
        new PoolLinear.DropoutForward(
            new PoolLinear.Drop(0, probability, 0),
            calls.step(new StepState(SEED, STEP, 0, 0, 0, 0)),
            calls.in("x"),
            calls.result("y", shape.n(), shape.in())));
  }

  @Override
  Tensor libtorch(Map<String, Tensor> in) {
    throw new UnsupportedOperationException("libtorch draws other numbers");
  }

  /// Element by element, as `kernels.h` numbers them.
  @Override
  Map<String, float[]> expected() {
    float[] y = input("x").data().clone();
    int[] words = new int[4];
    for (int i = 0; i < y.length; i++) {
      int channel = i % shape.in();
      Philox.block(i / shape.in(), channel / 4, STEP, Integer.MIN_VALUE, SEED, 0, words, 0);
      double drawn = Integer.toUnsignedLong(words[channel % 4]) * 0x1p-32;
      y[i] = drawn < probability ? 0 : y[i] / (1 - probability);
    }
    return Map.of("y", y);
  }
}
