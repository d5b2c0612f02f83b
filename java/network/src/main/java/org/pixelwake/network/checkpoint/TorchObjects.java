package org.pixelwake.network.checkpoint;

import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/// What a pickle of tensors may hold, as plain values: nothing of it does anything by itself.
final class TorchObjects {
  private TorchObjects() {}

  /// A Python `dict` or `OrderedDict`, in insertion order.
  static final class Dict extends LinkedHashMap<Object, @Nullable Object> {
    private static final long serialVersionUID = 1L;
  }

  /// A storage class, such as `torch.FloatStorage`; no type for the untyped ones.
  record StorageType(String name, @Nullable Dtype dtype) {}

  /// Bytes of an entry of the archive.
  ///
  /// @param key file name under `data/`
  /// @param elements number of elements of `type`, of bytes where it is untyped
  record Storage(String key, StorageType type, long elements) {
    long bytes() {
      Dtype dtype = type.dtype();
      return Math.multiplyExact(elements, dtype == null ? 1 : dtype.bytes());
    }
  }

  /// A view into a storage; offset and strides in elements of `dtype`.
  record Tensor(Storage storage, Dtype dtype, long offset, long[] shape, long[] strides) {}
}
