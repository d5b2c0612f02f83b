package org.pixelwake.timepix.clustering;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/// Clusters blocks of hits by several threads, the caller's among them, and gives the results in
/// the order of the blocks.
final class BlockStage implements AutoCloseable {
  private final PixelGrid grid;
  private final double window;
  private final int most;
  private final @Nullable ExecutorService workers;
  private final Queue<BlockClusterer> idle = new ConcurrentLinkedQueue<>();
  private final ArrayDeque<FutureTask<BlockClusters>> blocks = new ArrayDeque<>();

  /// @param threads threads that work, the caller's included
  BlockStage(PixelGrid grid, double window, int threads) {
    this.grid = grid;
    this.window = window;
    this.most = threads == 1 ? 1 : 2 * threads;
    this.workers =
        threads == 1
            ? null
            : Executors.newFixedThreadPool(
                threads - 1, Thread.ofPlatform().daemon().name("clusterer-", 0).factory());
  }

  /// Takes the next block.
  void add(HitBlock block) {
    FutureTask<BlockClusters> task = new FutureTask<>(() -> cluster(block));
    blocks.add(task);
    if (workers != null) {
      workers.execute(task);
    }
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
    return result(first);
  }

  private static BlockClusters result(FutureTask<BlockClusters> task) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true; // a block takes a millisecond
        }
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private BlockClusters cluster(HitBlock block) {
    BlockClusterer taken = idle.poll();
    BlockClusterer clusterer = taken == null ? new BlockClusterer(grid, window) : taken;
    BlockClusters found = clusterer.cluster(block);
    idle.add(clusterer);
    found.buildInner(window);
    return found;
  }

  @Override
  public void close() {
    if (workers != null) {
      workers.shutdownNow();
    }
  }
}
