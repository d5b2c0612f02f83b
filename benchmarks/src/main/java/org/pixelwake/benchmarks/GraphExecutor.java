package org.pixelwake.benchmarks;

import org.bytedeco.pytorch.global.torch;

/// How TorchScript runs a graph. Chosen before a model is loaded; of the calling thread.
enum GraphExecutor {
  /// Specialises the graph on the shapes of the first runs and differentiates parts of it itself.
  PROFILING,
  /// Optimises without profiling; every operation is differentiated by itself.
  SIMPLE,
  /// Older executor of TorchScript: differentiates parts of the graph, no profile.
  LEGACY,
  /// Runs the operations as they stand, as a program without TorchScript would.
  UNOPTIMIZED;

  void choose() {
    torch.getExecutorMode().put(this != LEGACY);
    torch.getProfilingMode().put(this == PROFILING);
    torch.setGraphExecutorOptimize(this != UNOPTIMIZED);
  }
}
