package org.pixelwake.network.checkpoint;

import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;

/// See [TensorSource#lazy].
record LazyTensor(String name, Dtype dtype, long[] shape, Supplier<MemorySegment> source)
    implements TensorSource {
  LazyTensor {
    shape = shape.clone();
  }

  @Override
  public long[] shape() {
    return shape.clone();
  }

  @Override
  public MemorySegment data() {
    return source.get();
  }
}
