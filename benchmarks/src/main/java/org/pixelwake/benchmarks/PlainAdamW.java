package org.pixelwake.benchmarks;

import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.TensorVector;

/// `torch::optim::AdamW` of the C++ library: one operation after another on every parameter.
final class PlainAdamW implements LibtorchOptimizer {
  private final AdamW optimizer;

  PlainAdamW(TensorVector parameters) {
    AdamWOptions options = new AdamWOptions(RATE);
    options.betas().put(0, BETA1).put(1, BETA2);
    options.eps().put(EPSILON);
    options.weight_decay().put(WEIGHT_DECAY);
    optimizer = new AdamW(parameters, options);
  }

  @Override
  public void step() {
    optimizer.step();
    optimizer.zero_grad(true);
  }
}
