package org.pixelwake.timepix.clustering;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/// Clusters blocks of hits by several threads, the caller's among them, and gives the results in
/// the order of the blocks.
final class BlockStage {
  private final PixelGrid grid;
  private final double window;
  private final int most;
  private final Workers workers;
  private final Queue<BlockClusterer> idle = new ConcurrentLinkedQueue<>();
  private final ArrayDeque<FutureTask<BlockClusters>> blocks = new ArrayDeque<>();

  BlockStage(PixelGrid grid, double window, Workers workers) {
    this.grid = grid;
    this.window = window;
    this.most = workers.threads() == 1 ? 1 : 2 * workers.threads();
    this.workers = workers;
  }

  /// Takes the next block.
  void add(HitBlock block) {
    blocks.add(workers.begin(() -> cluster(block)));
  }

  /// The clusters of the first block that is not given yet.
  ///
  /// @param all whether to wait for blocks although more could be added
  /// @return null where there is none, or where it is not ready and need not be waited for
  @Nullable BlockClusters poll(boolean all) {
    FutureTask<BlockClusters> first = blocks.peek();
    if (first == null || !all && blocks.size() < most && !first.isDone()) {
      return null;
    }
    for (FutureTask<BlockClusters> task : blocks) {
      if (first.isDone()) {
        break;
      }
      task.run(); // does nothing where a worker has begun it
    }
    blocks.remove();
    return Workers.result(first);
  }

  private BlockClusters cluster(HitBlock block) {
    BlockClusterer taken = idle.poll();
    BlockClusterer clusterer = taken == null ? new BlockClusterer(grid, window) : taken;
    BlockClusters found = clusterer.cluster(block);
    idle.add(clusterer);
    found.buildInner(window);
    return found;
  }
}
