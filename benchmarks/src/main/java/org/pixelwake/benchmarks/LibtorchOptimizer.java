package org.pixelwake.benchmarks;

/// An update of the parameters of a model from their gradients.
interface LibtorchOptimizer {
  double RATE = 1e-3;
  double BETA1 = 0.9;
  double BETA2 = 0.999;
  double EPSILON = 1e-8;
  double WEIGHT_DECAY = 1e-2;

  /// Updates every parameter and releases the gradients.
  void step();
}
