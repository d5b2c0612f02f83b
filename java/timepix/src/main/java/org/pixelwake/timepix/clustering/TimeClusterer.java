package org.pixelwake.timepix.clustering;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.ClusterBuilder;
import org.pixelwake.timepix.io.HitBlock;

/// Joins the clusters of one block of hits after the other where they belong together, and gives
/// them in the order of their first hits, each as soon as it can grow no more and all before it are
/// given.
final class TimeClusterer {
  /// A cluster that may still grow.
  private static final class Open {
    final long first;
    double last = Double.NEGATIVE_INFINITY;
    @Nullable Open mergedInto;
    HitBlock hits = new HitBlock(16);
    boolean closed;
    @Nullable Cluster cluster;

    /// Clusters that are ready and begin after it and before the next open one.
    final List<Cluster> following = new ArrayList<>();

    /// @param first number of its first hit in the source
    Open(long first) {
      this.first = first;
    }
  }

  private final PixelGrid grid;
  private final double window;
  private final int maxHits;
  private final ClusterBuilder builder = new ClusterBuilder();

  // Time and cluster of the latest hit of each pixel that may have neighbours in a later block.
  private final double[] seamTime;
  private final @Nullable Open[] seamOwner;
  private double seam = Double.NEGATIVE_INFINITY;

  private final ArrayDeque<Open> order = new ArrayDeque<>();
  private final List<Open> growing = new ArrayList<>();
  private @Nullable Open[] owners = new @Nullable Open[0];
  private long hits;
  private long cut;

  /// @param maxHits hits of the source after which a cluster that still grows is cut
  TimeClusterer(PixelGrid grid, double window, int maxHits) {
    this.grid = grid;
    this.window = window;
    this.maxHits = maxHits;
    seamTime = new double[grid.cells()];
    seamOwner = new @Nullable Open[grid.cells()];
    Arrays.fill(seamTime, Double.NEGATIVE_INFINITY);
  }

  /// Clusters cut because they grew too long.
  long cut() {
    return cut;
  }

  /// Takes the clusters of the next block, and adds those that are ready to the queue.
  void add(BlockClusters found, Queue<Cluster> ready) {
    HitBlock block = found.block;
    int tail = tail(block);
    if (owners.length < found.count) {
      owners = new @Nullable Open[found.count];
    }
    joinToSeam(found);
    boolean[] open = new boolean[found.count];
    for (int i = tail; i < block.size; i++) {
      open[found.of(i)] = true;
    }
    for (int c = 0; c < found.count; c++) {
      Open owner = owners[c];
      if (owner != null || open[c]) {
        owners[c] = extend(owner, found, c);
      } else if (order.isEmpty()) {
        ready.add(found.get(c));
      } else {
        order.getLast().following.add(found.get(c));
      }
    }
    for (int i = tail; i < block.size; i++) {
      int cell = grid.cell(block.pixel[i]);
      seamTime[cell] = block.toa[i];
      seamOwner[cell] = owners[found.of(i)];
    }
    Arrays.fill(owners, 0, found.count, null);
    seam = block.last();
    hits += block.size;
    closeOld();
    give(ready);
  }

  /// Closes all clusters: the end of the source or of a segment of it.
  void flush(Queue<Cluster> ready) {
    growing.forEach(this::close);
    growing.clear();
    give(ready);
    Arrays.fill(seamTime, Double.NEGATIVE_INFINITY);
    Arrays.fill(seamOwner, null);
    seam = Double.NEGATIVE_INFINITY;
  }

  /// The first hit of a block that hits of the next may be joined to.
  private int tail(HitBlock block) {
    int at = block.size - 1;
    while (at > 0 && block.last() - block.toa[at - 1] <= window) {
      at--;
    }
    return at;
  }

  /// Finds the open clusters that the first clusters of a block continue.
  private void joinToSeam(BlockClusters found) {
    HitBlock block = found.block;
    int stride = grid.stride();
    for (int i = 0; i < block.size && block.toa[i] - seam <= window; i++) {
      int cell = grid.cell(block.pixel[i]);
      int cluster = found.of(i);
      for (int line = cell - stride; line <= cell + stride; line += stride) {
        for (int near = line - 1; near <= line + 1; near++) {
          Open owner = seamOwner[near];
          if (owner != null && block.toa[i] - seamTime[near] <= window) {
            owners[cluster] = join(owners[cluster], root(owner));
          }
        }
      }
    }
  }

  private @Nullable Open join(@Nullable Open a, Open b) {
    if (b.closed) {
      return a; // it was cut
    }
    if (a == null) {
      return b;
    }
    Open one = root(a);
    if (one == b) {
      return b;
    }
    Open first = one.first < b.first ? one : b;
    Open second = first == b ? one : b;
    first.last = Math.max(first.last, second.last);
    first.hits = first.hits.withRoomFor(second.hits.size);
    first.hits.append(second.hits);
    second.hits = HitBlock.NONE;
    second.mergedInto = first;
    return first;
  }

  private static Open root(Open open) {
    Open at = open;
    for (Open up = at.mergedInto; up != null; up = at.mergedInto) {
      at = up;
    }
    return at;
  }

  /// Adds a cluster of a block to the open one that it continues, or opens one.
  private Open extend(@Nullable Open owner, BlockClusters found, int cluster) {
    Open open;
    if (owner == null) {
      open = new Open(hits + found.first(cluster));
      order.add(open);
      growing.add(open);
    } else {
      open = root(owner);
    }
    open.hits = open.hits.withRoomFor(found.size(cluster));
    found.appendTo(open.hits, cluster);
    open.last = Math.max(open.last, found.block.toa[found.last(cluster)]);
    return open;
  }

  private void closeOld() {
    growing.removeIf(open -> {
      if (open.mergedInto != null) {
        return true;
      }
      boolean old = seam - open.last > window;
      if (!old && hits - open.first < maxHits) {
        return false;
      }
      cut += old ? 0 : 1;
      close(open);
      return true;
    });
  }

  private void close(Open open) {
    if (open.mergedInto == null) {
      HitBlock all = open.hits;
      for (int i = 0; i < all.size; i++) {
        builder.add(all.x(i), all.y(i), all.energy[i], all.toa[i]);
      }
      open.cluster = builder.build(0);
      open.closed = true;
      open.hits = HitBlock.NONE;
    }
  }

  private void give(Queue<Cluster> ready) {
    for (Open first = order.peek(); first != null; first = order.peek()) {
      Cluster cluster = first.cluster;
      if (cluster != null) {
        ready.add(cluster);
        first.cluster = null; // it may be referred to for long by its pixels
      } else if (first.mergedInto == null) {
        return;
      }
      ready.addAll(first.following);
      first.following.clear();
      order.remove();
    }
  }
}
