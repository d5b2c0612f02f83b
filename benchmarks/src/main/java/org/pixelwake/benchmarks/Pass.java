package org.pixelwake.benchmarks;

import java.util.Locale;
import org.pixelwake.engine.Spec;

/// What of an operation is computed.
enum Pass {
  FORWARD,
  /// The gradients, from that of the output.
  BACKWARD,
  /// What cannot be told apart: a loss with its gradient, an update.
  WHOLE;

  /// Returns the direction that a case computes.
  static Pass of(Spec spec) {
    return switch (spec.family()) {
      case "loss", "optimizer" -> WHOLE;
      default -> spec.function().endsWith("backward") ? BACKWARD : FORWARD;
    };
  }

  /// As results write it.
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
