package org.pixelwake.timepix.clustering;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.io.HitBlock;
import org.pixelwake.timepix.io.hit.HitSorter;

/// Sorts stretches of hits and clusters them block by block, by several threads, the caller's among
/// them, and gives the results in the order of the stretches.
final class BlockStage implements AutoCloseable {
  /// What was found in a stretch.
  ///
  /// @param hits the stretch
  /// @param clusters of its blocks, in order of time
  /// @param by whose they are
  record Done(HitBlock hits, List<BlockClusters> clusters, Bench by) {}

  /// What a thread works with, a megabyte or two that its own cache keeps: handed to another
  /// thread, every line of it would travel.
  private static final class Bench {
    final HitSorter sorter = new HitSorter();
    final BlockClusterer clusterer;

    // Given back by the caller's thread. The last one used first: it is still in the cache.
    final Deque<BlockClusters> spare = new ConcurrentLinkedDeque<>();

    Bench(BlockClusterer clusterer) {
      this.clusterer = clusterer;
    }
  }

  private final double window;
  private final int blockHits;
  private final int most;
  private final Workers workers;

  private final ThreadLocal<Bench> benches;
  private final ArrayDeque<FutureTask<Done>> tasks = new ArrayDeque<>();

  /// @param blockHits most hits of a block
  BlockStage(PixelGrid grid, double window, int blockHits, Workers workers) {
    this.window = window;
    this.blockHits = blockHits;
    this.most = workers.threads() == 1 ? 1 : 2 * workers.threads();
    this.workers = workers;
    this.benches = ThreadLocal.withInitial(() -> new Bench(new BlockClusterer(grid, window)));
  }

  /// Takes the next stretch.
  void add(HitBlock hits) {
    tasks.add(workers.begin(() -> cluster(hits)));
  }

  /// The clusters of the first stretch that is not given yet.
  ///
  /// @param all whether to wait for stretches although more could be added
  /// @return null where there is none, or where it is not ready and need not be waited for
  @Nullable Done poll(boolean all) {
    FutureTask<Done> first = tasks.peek();
    if (first == null || !all && tasks.size() < most && !first.isDone()) {
      return null;
    }
    tasks.remove();
    return workers.result(first);
  }

  /// Takes back clusters that were given, for other blocks.
  void recycle(Done done) {
    for (BlockClusters clusters : done.clusters) {
      clusters.clear();
      done.by.spare.push(clusters);
    }
  }

  /// Lets go of what the caller's thread works with; what the workers do goes with their threads.
  @Override
  public void close() {
    benches.remove();
  }

  private Done cluster(HitBlock hits) {
    Bench own = benches.get();
    List<BlockClusters> clusters = new ArrayList<>();
    long[] order = own.sorter.sort(hits);
    for (int from = 0; from < hits.size; from += blockHits) {
      BlockClusters used = own.spare.poll();
      BlockClusters found = used == null ? new BlockClusters(blockHits) : used;
      int to = Math.min(hits.size, from + blockHits);
      own.sorter.append(hits, order, from, to, found.block);
      own.clusterer.cluster(found);
      found.buildInner(window);
      clusters.add(found);
    }
    return new Done(hits, clusters, own);
  }
}
