package org.pixelwake.benchmarks;

import org.pixelwake.engine.Spec;

/// Pooling, a linear layer or dropout.
final class PoolLinearProblem {
  private PoolLinearProblem() {}

  static Problem of(Spec spec) {
    return switch (spec.function()) {
      case "pool_forward", "pool_backward" -> new PoolProblem(spec);
      case "linear_forward", "linear_backward" -> new LinearProblem(spec);
      case "dropout_forward" -> new DropoutProblem(spec);
      default -> throw Problem.unknown(spec);
    };
  }
}
