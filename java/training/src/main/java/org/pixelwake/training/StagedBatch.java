package org.pixelwake.training;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.Program;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.op.Rasterize;
import org.pixelwake.timepix.dataset.ClusterTable;

/// The sparse hits of one batch: host buffers that are filled from a table, and the graph's inputs
/// that they are copied to. No dense image crosses to the device.
final class StagedBatch implements AutoCloseable {
  private final int batch;
  private final int capacity;
  private final Rasterize.Hits hits;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment x;
  private final MemorySegment y;
  private final MemorySegment energy;
  private final MemorySegment toa;
  private final MemorySegment offsets;
  private final MemorySegment ids;
  private int filled;

  /// @param capacity hits that a batch may have
  StagedBatch(Graph graph, int batch, int capacity) {
    this.batch = batch;
    this.capacity = capacity;
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
    int largest = 1;
    for (int row : rows) {
      largest = Math.max(largest, table.size(row));
    }
    return Math.multiplyExact(largest, batch);
  }

  /// The tensors for the rasterize operation.
  Rasterize.Hits tensors() {
    return hits;
  }

  /// Starts a new batch.
  void clear() {
    filled = 0;
    offsets.setAtIndex(ValueLayout.JAVA_INT, 0, 0);
  }

  /// Adds the hits of a table's row; its number keys its random numbers.
  void add(ClusterTable table, int row) {
    int from = offsets.getAtIndex(ValueLayout.JAVA_INT, filled);
    int size = table.size(row);
    int start = table.start(row);
    if (filled == batch || from + size > capacity) {
      throw new IllegalStateException("batch of " + batch + " clusters is full");
    }
    MemorySegment.copy(table.x(), start, x, ValueLayout.JAVA_SHORT, 2L * from, size);
    MemorySegment.copy(table.y(), start, y, ValueLayout.JAVA_SHORT, 2L * from, size);
    MemorySegment.copy(table.energy(), start, energy, ValueLayout.JAVA_FLOAT, 4L * from, size);
    MemorySegment.copy(table.toa(), start, toa, ValueLayout.JAVA_FLOAT, 4L * from, size);
    ids.setAtIndex(ValueLayout.JAVA_LONG, filled, row);
    filled++;
    offsets.setAtIndex(ValueLayout.JAVA_INT, filled, from + size);
  }

  /// Copies the batch to the device.
  void upload(Program program) {
    if (filled != batch) {
      throw new IllegalStateException(filled + " clusters in a batch of " + batch);
    }
    int used = Math.max(1, offsets.getAtIndex(ValueLayout.JAVA_INT, batch));
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
