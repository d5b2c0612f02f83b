package org.pixelwake.timepix.clustering;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/// Sorts stretches of hits and clusters them block by block, by several threads, the caller's among
/// them, and gives the results in the order of the stretches.
final class BlockStage {
  /// What was found in a stretch.
  ///
  /// @param hits the stretch
  /// @param clusters of its blocks, in order of time
  record Done(HitBlock hits, List<BlockClusters> clusters) {}

  // What a thread needs for itself.
  private record Tools(HitSorter sorter, BlockClusterer clusterer) {}

  private final PixelGrid grid;
  private final double window;
  private final int blockHits;
  private final int most;
  private final Workers workers;

  // The last one used first: it is still in a cache.
  private final Deque<Tools> tools = new ConcurrentLinkedDeque<>();
  private final Deque<HitBlock> blocks = new ConcurrentLinkedDeque<>();
  private final Deque<BlockClusters> spare = new ConcurrentLinkedDeque<>();
  private final ArrayDeque<FutureTask<Done>> tasks = new ArrayDeque<>();

  BlockStage(PixelGrid grid, double window, Workers workers) {
    this(grid, window, BlockClusterer.MOST_HITS, workers);
  }

  /// @param blockHits most hits of a block
  BlockStage(PixelGrid grid, double window, int blockHits, Workers workers) {
    this.grid = grid;
    this.window = window;
    this.blockHits = blockHits;
    this.most = workers.threads() == 1 ? 1 : 2 * workers.threads();
    this.workers = workers;
  }

  /// Takes the next stretch.
  void add(HitBlock hits) {
    tasks.add(workers.begin(() -> new Done(hits, cluster(hits))));
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
      HitBlock block = clusters.block();
      block.size = 0;
      blocks.push(block);
      clusters.clear();
      spare.push(clusters);
    }
  }

  private List<BlockClusters> cluster(HitBlock hits) {
    Tools idle = tools.poll();
    Tools own = idle == null ? new Tools(new HitSorter(), new BlockClusterer(grid, window)) : idle;
    List<BlockClusters> clusters = new ArrayList<>();
    long[] order = own.sorter.sort(hits);
    for (int from = 0; from < hits.size; from += blockHits) {
      HitBlock used = blocks.poll();
      HitBlock block = used == null ? new HitBlock(blockHits) : used;
      block.append(hits, own.sorter, order, from, Math.min(hits.size, from + blockHits));
      BlockClusters cleared = spare.poll();
      BlockClusters found = cleared == null ? new BlockClusters(blockHits) : cleared;
      own.clusterer.cluster(block, found);
      found.buildInner(window);
      clusters.add(found);
    }
    tools.push(own);
    return clusters;
  }
}
