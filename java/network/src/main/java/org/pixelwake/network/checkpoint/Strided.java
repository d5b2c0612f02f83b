package org.pixelwake.network.checkpoint;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.pixelwake.network.checkpoint.TorchObjects.Tensor;

/// Views into storages as contiguous data.
final class Strided {
  private Strided() {}

  /// Why `tensor` cannot lie in a storage of `bytes` bytes; null where it can.
  static @Nullable String problem(Tensor tensor, long bytes) {
    OptionalLong size = Shapes.bytes(tensor.shape(), tensor.dtype());
    if (size.isEmpty()) {
      return "has a shape with more than 2^63 elements";
    }
    if (size.getAsLong() == 0) {
      return null;
    }
    long available = bytes / tensor.dtype().bytes();
    long last = tensor.offset();
    for (int i = 0; i < tensor.shape().length; i++) {
      long steps = tensor.shape()[i] - 1;
      long stride = tensor.strides()[i];
      // steps * stride < available, without overflow
      if (steps > 0 && stride > available / steps) {
        return "reaches beyond its storage";
      }
      last += steps * stride;
      if (last < 0 || last >= available) {
        return "reaches beyond its storage";
      }
    }
    return last < available ? null : "reaches beyond its storage";
  }

  /// Whether the elements of `tensor` follow each other in C order.
  static boolean isContiguous(Tensor tensor) {
    long expected = 1;
    for (int i = tensor.shape().length - 1; i >= 0; i--) {
      if (tensor.shape()[i] != 1 && tensor.strides()[i] != expected) {
        return false;
      }
      expected *= tensor.shape()[i];
    }
    return true;
  }

  /// The elements in C order: a view where they lie so already, else a copy in `arena`. [#problem]
  /// has said null.
  static MemorySegment data(Tensor tensor, MemorySegment storage, Arena arena) {
    int width = tensor.dtype().bytes();
    long bytes = Shapes.bytes(tensor.shape(), tensor.dtype()).orElseThrow();
    if (bytes == 0) {
      return MemorySegment.ofArray(new byte[0]).asReadOnly();
    }
    if (isContiguous(tensor)) {
      return storage.asSlice(tensor.offset() * width, bytes);
    }
    MemorySegment copy = arena.allocate(bytes, Long.BYTES);
    long[] index = new long[tensor.shape().length];
    long from = tensor.offset();
    for (long to = 0; to < bytes; to += width) {
      MemorySegment.copy(storage, from * width, copy, to, width);
      from += step(tensor, index);
    }
    return copy.asReadOnly();
  }

  /// Moves `index` to the next element in C order and returns by how far that is in the storage.
  private static long step(Tensor tensor, long[] index) {
    long distance = 0;
    for (int i = index.length - 1; i >= 0; i--) {
      distance += tensor.strides()[i];
      if (++index[i] < tensor.shape()[i]) {
        return distance;
      }
      distance -= tensor.shape()[i] * tensor.strides()[i];
      index[i] = 0;
    }
    return distance;
  }
}
