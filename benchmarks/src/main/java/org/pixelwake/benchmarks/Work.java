package org.pixelwake.benchmarks;

import java.util.Map;

/// A problem made ready in one contestant: its inputs in place, its calls prepared.
interface Work extends AutoCloseable {
  /// The measured part.
  void run();

  /// What the last run computed, by name; activations as (n, h, w, c), the others in PyTorch's
  /// order.
  Map<String, float[]> results();

  @Override
  void close();
}
