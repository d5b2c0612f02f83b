package org.pixelwake.training;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.Program;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.op.Rasterize;
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

  /// @param capacity hits that a batch may have
  StagedBatch(Graph graph, int batch, int capacity) {
    this.batch = batch;
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
  }

  /// Hits that any batch of these rows can have at most.
  static int capacity(ClusterTable table, int[] rows, int batch) {
    int largest = Math.max(1, Arrays.stream(rows).map(table::size).max().orElse(1));
    return Math.multiplyExact(largest, batch);
  }

  Rasterize.Hits tensors() {
    return hits;
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
  void upload(Program program, ClusterTable table, int[] rows) {
    if (rows.length != batch) {
      throw new IllegalStateException(rows.length + " clusters in a batch of " + batch);
    }
    int used = 0;
    for (int i = 0; i < batch; i++) {
      int size = table.size(rows[i]);
      int start = table.start(rows[i]);
      MemorySegment.copy(table.x(), start, x, ValueLayout.JAVA_SHORT, 2L * used, size);
      MemorySegment.copy(table.y(), start, y, ValueLayout.JAVA_SHORT, 2L * used, size);
      MemorySegment.copy(table.energy(), start, energy, ValueLayout.JAVA_FLOAT, 4L * used, size);
      MemorySegment.copy(table.toa(), start, toa, ValueLayout.JAVA_FLOAT, 4L * used, size);
      ids.setAtIndex(ValueLayout.JAVA_LONG, i, rows[i]);
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
  }

  @Override
  public void close() {
    arena.close();
  }
}
