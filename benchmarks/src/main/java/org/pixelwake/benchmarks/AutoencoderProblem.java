package org.pixelwake.benchmarks;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.pixelwake.engine.Spec;
import org.pixelwake.engine.op.Loss;

/// The loss of the autoencoder's three heads with the gradient of their output.
final class AutoencoderProblem extends Problem {
  private static final int HEADS = 5;

  private final Shape shape;

  AutoencoderProblem(Spec spec) {
    super(spec);
    shape = Shape.of(spec);
    activation("output", shape.n(), shape.h(), shape.w(), HEADS);
    put("target", true, target(), shape.n(), shape.h(), shape.w(), shape.in());
  }

  /// A fifth of the pixels is hit; the last channel is the map of an energy above one half.
  private float[] target() {
    float[] data = new float[ProblemArray.elements(shape.n(), shape.h(), shape.w(), shape.in())];
    for (int i = 0; i < data.length; i += shape.in()) {
      if (random().nextDouble() < 0.2) {
        data[i] = (float) random().nextDouble();
        data[i + 1] = (float) random().nextDouble();
        data[i + 2] = data[i] > 0.5f ? 1 : 0;
      }
    }
    return data;
  }

  @Override
  List<String> learned() {
    return List.of("output");
  }

  @Override
  void pixelwake(PixelwakeCalls calls) {
    org.pixelwake.engine.Tensor losses = calls.out("losses", 4);
    calls.result("y", losses, 0, 1);
    calls.add(
        new Loss.Autoencoder(
            Loss.Weights.PLAIN,
            calls.in("output"),
            calls.in("target"),
            calls.result("doutput", input("output").shape()),
            losses,
            calls.scratch("columns", shape.n(), Loss.COLUMNS)));
  }

  @Override
  Tensor libtorch(Map<String, Tensor> in) {
    return LibtorchTrainer.loss(
        Objects.requireNonNull(in.get("output")), Objects.requireNonNull(in.get("target")));
  }
}
