package org.pixelwake.training;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.Program;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.op.Loss;
import org.pixelwake.engine.op.Rasterize;
import org.pixelwake.network.HitsArchitecture;
import org.pixelwake.network.Network;
import org.pixelwake.timepix.dataset.ClusterTable;

/// The sparse hits of one batch: host buffers that are filled from a table, and the graph's inputs
/// that they are copied to. No dense image crosses to the device.
final class StagedBatch implements AutoCloseable {
  private final int batch;
  private final Rasterize.Hits hits;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment x;
  private final MemorySegment y;
  private final MemorySegment energy;
  private final MemorySegment toa;
  private final MemorySegment offsets;
  private final MemorySegment ids;
  private final @Nullable Ordering ordering;
  private final @Nullable Hidden hidden;

  // What an autoencoder over hits is given beside the hits: which of them are hidden, and what it
  // is
  // asked.
  private record Hidden(
      HitHiding hiding, HitHiding.Buffers buffers, Tensor hidden, Tensor target) {}

  /// @param network that is to see the hits
  /// @param capacity hits that a batch may have
  StagedBatch(Graph graph, Network network, int batch, int capacity) {
    this(graph, batch, capacity, network.shape() instanceof HitsArchitecture);
  }

  /// For an autoencoder over hits.
  ///
  /// @param hiding hides hits of the clusters
  StagedBatch(Graph graph, int batch, int capacity, HitHiding hiding) {
    this(graph, batch, capacity, true, hiding);
  }

  /// @param ordered whether hits are ordered by y and x, and those of one pixel joined
  StagedBatch(Graph graph, int batch, int capacity, boolean ordered) {
    this(graph, batch, capacity, ordered, null);
  }

  private StagedBatch(
      Graph graph, int batch, int capacity, boolean ordered, @Nullable HitHiding hiding) {
    this.batch = batch;
    ordering = ordered ? new Ordering() : null;
    // i16 travels as bf16, i32 and i64 as f32: the engine only needs to know how many bytes there
    // are.
    this.hits =
        new Rasterize.Hits(
            graph.input("hits.x", Storage.BF16, capacity),
            graph.input("hits.y", Storage.BF16, capacity),
            graph.input("hits.energy", Storage.F32, capacity),
            graph.input("hits.toa", Storage.F32, capacity),
            graph.input("hits.offsets", Storage.F32, batch + 1),
            graph.input("hits.ids", Storage.F32, 2 * batch));
    x = arena.allocate(2L * capacity, 64);
    y = arena.allocate(2L * capacity, 64);
    energy = arena.allocate(4L * capacity, 64);
    toa = arena.allocate(4L * capacity, 64);
    offsets = arena.allocate(4L * (batch + 1), 64);
    ids = arena.allocate(8L * batch, 64);
    hidden = hiding == null ? null : hidden(graph, capacity, hiding);
  }

  private Hidden hidden(Graph graph, int capacity, HitHiding hiding) {
    MemorySegment marks = arena.allocate(4L * capacity, 64);
    MemorySegment target = arena.allocate(4L * capacity * Loss.HIT_HEADS, 64);
    return new Hidden(
        hiding,
        new HitHiding.Buffers(x, y, energy, toa, marks, target),
        graph.input("hits.hidden", Storage.F32, capacity, 1),
        graph.input("hits.target", Storage.F32, capacity, Loss.HIT_HEADS));
  }

  /// Hits that any batch of these rows can have at most.
  static int capacity(ClusterTable table, int[] rows, int batch) {
    int largest = Math.max(1, Arrays.stream(rows).map(table::size).max().orElse(1));
    return Math.multiplyExact(largest, batch);
  }

  Rasterize.Hits tensors() {
    return hits;
  }

  /// Returns which hits are hidden (capacity, 1).
  Tensor hidden() {
    return whatIsHidden().hidden;
  }

  /// Returns what an autoencoder is asked of each hit (capacity, 12).
  Tensor target() {
    return whatIsHidden().target;
  }

  /// Returns the buffers of the last batch that hits were hidden from.
  HitHiding.Buffers buffers() {
    return whatIsHidden().buffers;
  }

  /// Returns where the hits of a cluster of the last batch start.
  int start(int cluster) {
    return offsets.getAtIndex(ValueLayout.JAVA_INT, cluster);
  }

  private Hidden whatIsHidden() {
    if (hidden == null) {
      throw new IllegalStateException("no hits are hidden here");
    }
    return hidden;
  }

  /// Returns the rows of the batch that begins at `first`; one that is not full repeats its first
  /// row, and what comes of that is not looked at.
  static int[] rows(int[] all, int first, int batch) {
    int[] rows = new int[batch];
    Arrays.setAll(rows, i -> all[first + i < all.length ? first + i : first]);
    return rows;
  }

  /// Fills the batch with rows of a table and copies it to the device. The number of a row keys its
  /// random numbers.
  ///
  /// @param index of the step, which hidden hits depend on
  void upload(Program program, ClusterTable table, int[] rows, long index) {
    if (rows.length != batch) {
      throw new IllegalStateException(rows.length + " clusters in a batch of " + batch);
    }
    int used = 0;
    for (int i = 0; i < batch; i++) {
      int size = table.size(rows[i]);
      int start = table.start(rows[i]);
      ids.setAtIndex(ValueLayout.JAVA_LONG, i, rows[i]);
      if (hidden != null) {
        used = hidden.hiding.copy(table, rows[i], index, hidden.buffers, used);
        offsets.setAtIndex(ValueLayout.JAVA_INT, i + 1, used);
        continue;
      }
      if (ordering != null) {
        used = ordering.copy(table, start, size, x, y, energy, toa, used);
        offsets.setAtIndex(ValueLayout.JAVA_INT, i + 1, used);
        continue;
      }
      MemorySegment.copy(table.x(), start, x, ValueLayout.JAVA_SHORT, 2L * used, size);
      MemorySegment.copy(table.y(), start, y, ValueLayout.JAVA_SHORT, 2L * used, size);
      MemorySegment.copy(table.energy(), start, energy, ValueLayout.JAVA_FLOAT, 4L * used, size);
      MemorySegment.copy(table.toa(), start, toa, ValueLayout.JAVA_FLOAT, 4L * used, size);
      used += size;
      offsets.setAtIndex(ValueLayout.JAVA_INT, i + 1, used);
    }
    used = Math.max(1, used);
    program.upload(x.asSlice(0, 2L * used), hits.x());
    program.upload(y.asSlice(0, 2L * used), hits.y());
    program.upload(energy.asSlice(0, 4L * used), hits.energy());
    program.upload(toa.asSlice(0, 4L * used), hits.toa());
    program.upload(offsets, hits.offsets());
    program.upload(ids, hits.ids());
    if (hidden != null) {
      HitHiding.Buffers buffers = hidden.buffers;
      program.upload(buffers.hidden().asSlice(0, 4L * used), hidden.hidden);
      program.upload(buffers.target().asSlice(0, 4L * used * Loss.HIT_HEADS), hidden.target);
    }
  }

  @Override
  public void close() {
    arena.close();
  }

  // Puts the hits of clusters into the order that networks over hits take them in: by y, then x, a
  // hit a pixel. Of several hits of one pixel the largest energy and the earliest time stay, as
  // images show them.
  private static final class Ordering {
    // y and x as unsigned numbers of 16 bits, then the place in the cluster: sorted, they give the
    // order.
    private static final int SIGN = 0x8000;

    private long[] keys = new long[64];

    /// Copies a cluster behind what was copied before.
    ///
    /// @param start of its hits in the table
    /// @param used hits before it
    /// @return hits with it
    int copy(
        ClusterTable table,
        int start,
        int size,
        MemorySegment x,
        MemorySegment y,
        MemorySegment energy,
        MemorySegment toa,
        int used) {
      if (keys.length < size) {
        keys = new long[Math.max(size, 2 * keys.length)];
      }
      short[] xs = table.x();
      short[] ys = table.y();
      for (int i = 0; i < size; i++) {
        long pixel = (long) (ys[start + i] + SIGN) << 16 | (xs[start + i] + SIGN);
        keys[i] = pixel << 31 | i;
      }
      Arrays.sort(keys, 0, size);
      int to = used;
      for (int i = 0; i < size; i++) {
        int hit = start + (int) (keys[i] & Integer.MAX_VALUE);
        float e = table.energy()[hit];
        float t = table.toa()[hit];
        if (i > 0 && keys[i] >>> 31 == keys[i - 1] >>> 31) {
          to--;
          e = Math.max(e, energy.getAtIndex(ValueLayout.JAVA_FLOAT, to));
          t = Math.min(t, toa.getAtIndex(ValueLayout.JAVA_FLOAT, to));
        }
        x.setAtIndex(ValueLayout.JAVA_SHORT, to, xs[hit]);
        y.setAtIndex(ValueLayout.JAVA_SHORT, to, ys[hit]);
        energy.setAtIndex(ValueLayout.JAVA_FLOAT, to, e);
        toa.setAtIndex(ValueLayout.JAVA_FLOAT, to, t);
        to++;
      }
      return to;
    }
  }
}
