package org.pixelwake.network.checkpoint;

import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;

/// A tensor to be written: what the header says is known at once, the data when it is asked for.
public sealed interface TensorSource permits NamedTensor, TensorSource.Lazy {
  /// Unique in its file; not empty and not `__metadata__`.
  String name();

  /// Element type.
  Dtype dtype();

  /// Extents, outermost first; empty for a scalar.
  long[] shape();

  /// Little-endian elements, contiguous in C order. A writer asks once and holds it no longer than
  /// it writes it.
  MemorySegment data();

  /// A tensor whose data is fetched while it is written, such as a copy out of device memory.
  ///
  /// @param source gives exactly `shape` times `dtype` bytes; the segment may be reused for the
  ///   next tensor
  record Lazy(String name, Dtype dtype, long[] shape, Supplier<MemorySegment> source)
      implements TensorSource {
    @Override
    public MemorySegment data() {
      return source.get();
    }
  }
}
