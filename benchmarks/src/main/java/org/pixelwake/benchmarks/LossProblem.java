package org.pixelwake.benchmarks;

import org.pixelwake.engine.Spec;

/// A loss with the gradient of what it is of.
final class LossProblem {
  private LossProblem() {}

  static Problem of(Spec spec) {
    return switch (spec.function()) {
      case "autoencoder" -> new AutoencoderProblem(spec);
      case "supervised" -> new SupervisedProblem(spec);
      default -> throw Problem.unknown(spec);
    };
  }
}
