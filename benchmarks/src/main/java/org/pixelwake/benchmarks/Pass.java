package org.pixelwake.benchmarks;

import java.util.Locale;

/// What of an operation is computed.
enum Pass {
  FORWARD,
  /// The gradients, from that of the output.
  BACKWARD,
  /// What cannot be told apart: a loss with its gradient, an update.
  WHOLE;

  /// As results write it.
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
