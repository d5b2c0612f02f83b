package org.pixelwake.timepix.clustering;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Objects;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.ClusterBuilder;

/// Clusters of hits that come in the order of [org.pixelwake.timepix.HitOrder]: 8-connected pixels
/// (a pixel also neighbours itself), each within a time window of a neighbour. Clusters are given
/// in the order of their first hits, each as soon as it can grow no more and all before it are
/// given.
///
/// A hit needs to be compared with the latest hit of each of the nine pixels only: an earlier one
/// of the same pixel that is in the window is in its cluster already.
final class TimeClusterer {
  /// A cluster that may still grow, in order of its first hit.
  private static final class Open {
    @Nullable Open mergedInto;
    @Nullable Cluster closed;
    final long id;
    int head;
    int last;
    long lastSequence;
    int count;

    Open(long id) {
      this.id = id;
    }
  }

  private static final int FEW = 16;

  private final int stride;
  private final double window;
  private final int maxHits;
  private final double[] lastTime;
  private final int[] lastSlot;
  private final ClusterBuilder builder = new ClusterBuilder();
  private final ArrayDeque<Open> order = new ArrayDeque<>();

  // Hits of open clusters, in slots; `next` chains the hits of a cluster, and the free slots.
  private int capacity = 1 << 12;
  private short[] x = new short[capacity];
  private short[] y = new short[capacity];
  private float[] energy = new float[capacity];
  private double[] toa = new double[capacity];
  private int[] next = new int[capacity];
  private @Nullable Open[] owner = new @Nullable Open[capacity];
  private int free;

  // Slots of the hits that are still in the window, by time: a ring.
  private int[] ring = new int[1 << 12];
  private int ringHead;
  private int ringSize;

  private long sequence;
  private long cut;

  TimeClusterer(int width, int height, double window, int maxHits) {
    this.stride = width + 2;
    this.window = window;
    this.maxHits = maxHits;
    int cells = stride * (height + 2);
    lastTime = new double[cells];
    lastSlot = new int[cells];
    Arrays.fill(lastTime, Double.NEGATIVE_INFINITY);
    chainFree(0);
  }

  /// Clusters cut at the most hits allowed.
  long cut() {
    return cut;
  }

  /// Takes the next hit, and adds the clusters that are ready to the queue.
  void add(int column, int row, float value, double time, Queue<Cluster> ready) {
    boolean closed = false;
    while (ringSize > 0 && time - toa[ring[ringHead]] > window) {
      int slot = ring[ringHead];
      ringHead = (ringHead + 1) & (ring.length - 1);
      ringSize--;
      Open open = root(owner[slot]);
      if (open.last == slot) {
        close(open);
        closed = true;
      }
    }
    if (closed) {
      give(ready);
    }
    int slot = take(column, row, value, time);
    int cell = (row + 1) * stride + column + 1;
    Open mine = ringSize <= FEW ? neighbourOfFew(column, row) : neighbour(cell, time);
    if (mine == null || mine.count >= maxHits) {
      cut += mine == null ? 0 : 1;
      mine = new Open(sequence);
      mine.head = slot;
      order.add(mine);
    } else {
      next[mine.last] = slot;
    }
    mine.last = slot;
    mine.lastSequence = sequence++;
    mine.count++;
    owner[slot] = mine;
    lastTime[cell] = time;
    lastSlot[cell] = slot;
    push(slot);
  }

  /// The cluster of the hits beside a pixel, joined to one; null where there are none.
  private @Nullable Open neighbour(int cell, double time) {
    Open mine = null;
    for (int line = cell - stride; line <= cell + stride; line += stride) {
      for (int near = line - 1; near <= line + 1; near++) {
        if (time - lastTime[near] <= window) {
          mine = join(mine, root(owner[lastSlot[near]]));
        }
      }
    }
    return mine;
  }

  /// The same where few hits are in the window, which are sooner looked at than nine pixels. The
  /// latest first: where an earlier cluster is full, the one that continues it is found before.
  private @Nullable Open neighbourOfFew(int column, int row) {
    Open mine = null;
    for (int i = ringSize - 1; i >= 0; i--) {
      int near = ring[(ringHead + i) & (ring.length - 1)];
      int right = x[near] - column + 1;
      int below = y[near] - row + 1;
      if (right >= 0 && right <= 2 && below >= 0 && below <= 2) {
        mine = join(mine, root(owner[near]));
      }
    }
    return mine;
  }

  /// Closes all clusters: the end of the source or of a segment of it.
  void flush(Queue<Cluster> ready) {
    while (ringSize > 0) {
      int slot = ring[ringHead];
      ringHead = (ringHead + 1) & (ring.length - 1);
      ringSize--;
      Open open = root(owner[slot]);
      if (open.last == slot) {
        close(open);
      }
    }
    give(ready);
    Arrays.fill(lastTime, Double.NEGATIVE_INFINITY);
  }

  /// Joins two open clusters to the one that began first. Their chains of hits need no order, for
  /// the builder sorts; but the chain ends with the latest hit, which tells when the cluster
  /// closes.
  private Open join(@Nullable Open a, Open b) {
    if (a == null || a == b || a.count + b.count > maxHits) {
      return a == null ? b : a;
    }
    Open first = a.id < b.id ? a : b;
    Open second = a.id < b.id ? b : a;
    if (second.lastSequence > first.lastSequence) {
      next[first.last] = second.head;
      first.last = second.last;
      first.lastSequence = second.lastSequence;
    } else {
      next[second.last] = first.head;
      first.head = second.head;
    }
    first.count += second.count;
    second.mergedInto = first;
    return first;
  }

  private static Open root(@Nullable Open open) {
    Open at = Objects.requireNonNull(open);
    for (Open up = at.mergedInto; up != null; up = at.mergedInto) {
      Open further = up.mergedInto;
      if (further != null) {
        at.mergedInto = further;
      }
      at = up;
    }
    return at;
  }

  private void close(Open open) {
    int slot = open.head;
    for (int left = open.count; left > 0; left--) {
      builder.add(x[slot], y[slot], energy[slot], toa[slot]);
      int following = next[slot];
      owner[slot] = null;
      next[slot] = free;
      free = slot;
      slot = following;
    }
    open.closed = builder.build(0);
  }

  private void give(Queue<Cluster> ready) {
    for (Open first = order.peek(); first != null; first = order.peek()) {
      Cluster cluster = first.closed;
      if (cluster != null) {
        ready.add(cluster);
      } else if (first.mergedInto == null) {
        return;
      }
      order.remove();
    }
  }

  private int take(int column, int row, float value, double time) {
    if (free < 0) {
      int old = capacity;
      capacity = 2 * old;
      x = Arrays.copyOf(x, capacity);
      y = Arrays.copyOf(y, capacity);
      energy = Arrays.copyOf(energy, capacity);
      toa = Arrays.copyOf(toa, capacity);
      next = Arrays.copyOf(next, capacity);
      owner = Arrays.copyOf(owner, capacity);
      chainFree(old);
    }
    int slot = free;
    free = next[slot];
    x[slot] = (short) column;
    y[slot] = (short) row;
    energy[slot] = value;
    toa[slot] = time;
    return slot;
  }

  private void chainFree(int from) {
    for (int i = from; i < capacity; i++) {
      next[i] = i + 1 < capacity ? i + 1 : -1;
    }
    free = from;
  }

  private void push(int slot) {
    if (ringSize == ring.length) {
      int[] larger = new int[2 * ring.length];
      for (int i = 0; i < ringSize; i++) {
        larger[i] = ring[(ringHead + i) & (ring.length - 1)];
      }
      ring = larger;
      ringHead = 0;
    }
    ring[(ringHead + ringSize++) & (ring.length - 1)] = slot;
  }
}
