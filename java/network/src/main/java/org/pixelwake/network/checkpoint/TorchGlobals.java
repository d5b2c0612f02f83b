package org.pixelwake.network.checkpoint;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import net.razorvine.pickle.IObjectConstructor;
import net.razorvine.pickle.PickleException;
import org.jspecify.annotations.Nullable;
import org.pixelwake.network.checkpoint.TorchObjects.Dict;
import org.pixelwake.network.checkpoint.TorchObjects.Storage;
import org.pixelwake.network.checkpoint.TorchObjects.StorageType;
import org.pixelwake.network.checkpoint.TorchObjects.Tensor;

/// The names that a pickle of tensors may ask for, all of them, and what stands for each here.
///
/// Taken from what `torch.save` writes for a state dictionary (torch/_tensor.py `__reduce_ex__`,
/// torch/_utils.py `_rebuild_*`, torch/serialization.py `persistent_id`), versions 1.6 to 2.x.
final class TorchGlobals {
  private static final int MOST_DIMENSIONS = 16;
  private static final Map<String, Object> ALLOWED = allowed();

  private TorchGlobals() {}

  /// What stands for `module.name`; null where it is not allowed.
  static @Nullable Object find(String module, String name) {
    return ALLOWED.get(key(module, name));
  }

  private static String key(String module, String name) {
    // A space, as a dot would let "torch._utils" + "x" pass for "torch" + "_utils.x".
    return module + ' ' + name;
  }

  private static Map<String, Object> allowed() {
    Map<String, Object> table = new HashMap<>();
    put(table, "collections", "OrderedDict", TorchGlobals::orderedDict);
    put(table, "torch", "Size", TorchGlobals::size);
    put(table, "torch._utils", "_rebuild_tensor", TorchGlobals::tensorV1);
    put(table, "torch._utils", "_rebuild_tensor_v2", TorchGlobals::tensorV2);
    put(table, "torch._utils", "_rebuild_tensor_v3", TorchGlobals::tensorV3);
    put(table, "torch._utils", "_rebuild_parameter", TorchGlobals::parameter);
    for (Dtype dtype : Dtype.values()) {
      table.put(key("torch", dtype.torch), dtype);
      if (!dtype.torchStorage.isEmpty()) {
        storage(table, dtype.torchStorage + "Storage", dtype);
      }
    }
    storage(table, "UntypedStorage", null);
    storage(table, "_UntypedStorage", null);
    return Map.copyOf(table);
  }

  private static void put(
      Map<String, Object> table, String module, String name, IObjectConstructor constructor) {
    table.put(key(module, name), constructor);
  }

  private static void storage(Map<String, Object> table, String name, @Nullable Dtype dtype) {
    StorageType type = new StorageType(name, dtype);
    table.put(key("torch", name), type);
    table.put(key("torch.storage", name), type);
  }

  /// Whether `o` can be a key here. A list or dictionary that holds itself has no hash code.
  static boolean isKey(@Nullable Object o) {
    return o instanceof String || o instanceof Integer || o instanceof Long;
  }

  /// Items follow by `SETITEMS`. The form with a list of pairs is left out: it would let a few
  /// bytes copy one long list over and over.
  private static Object orderedDict(Object[] args) {
    arguments("OrderedDict", args, 0, 0);
    return new Dict();
  }

  private static Object size(Object[] args) {
    arguments("torch.Size", args, 1, 1);
    if (!(args[0] instanceof Object[] extents)) {
      throw new PickleException("torch.Size without a tuple");
    }
    return extents;
  }

  /// (storage, offset, shape, strides)
  private static Object tensorV1(Object[] args) {
    arguments("_rebuild_tensor", args, 4, 4);
    return view(args, null);
  }

  /// (storage, offset, shape, strides, requires_grad, backward_hooks); newer files add metadata.
  private static Object tensorV2(Object[] args) {
    arguments("_rebuild_tensor_v2", args, 6, 7);
    return view(args, null);
  }

  /// (storage, offset, shape, strides, requires_grad, backward_hooks, dtype), for types that never
  /// had a storage class of their own.
  private static Object tensorV3(Object[] args) {
    arguments("_rebuild_tensor_v3", args, 7, 8);
    if (!(args[6] instanceof Dtype dtype)) {
      throw new PickleException("_rebuild_tensor_v3 without a dtype");
    }
    return view(args, dtype);
  }

  /// (tensor, requires_grad, backward_hooks)
  private static Object parameter(Object[] args) {
    arguments("_rebuild_parameter", args, 3, 3);
    if (!(args[0] instanceof Tensor tensor)) {
      throw new PickleException("_rebuild_parameter without a tensor");
    }
    return tensor;
  }

  /// @param given null: that of the storage; torch reads an untyped storage as bytes
  private static Tensor view(Object[] args, @Nullable Dtype given) {
    if (!(args[0] instanceof Storage storage)) {
      throw new PickleException("a tensor without a storage");
    }
    Dtype own = Objects.requireNonNullElse(storage.type().dtype(), Dtype.U8);
    Dtype dtype = given == null ? own : given;
    long[] shape = sizes(args[2]);
    long[] strides = sizes(args[3]);
    if (shape.length != strides.length) {
      throw new PickleException("a tensor with " + shape.length + " extents and other strides");
    }
    return new Tensor(storage, dtype, size(args[1]), shape, strides);
  }

  private static void arguments(String function, Object[] args, int fewest, int most) {
    if (args.length < fewest || args.length > most) {
      throw new PickleException(function + " with " + args.length + " arguments");
    }
  }

  private static long[] sizes(@Nullable Object value) {
    if (!(value instanceof Object[] tuple) || tuple.length > MOST_DIMENSIONS) {
      throw new PickleException("a shape that is not a tuple of at most 16 sizes");
    }
    return Arrays.stream(tuple).mapToLong(TorchGlobals::size).toArray();
  }

  /// A Python integer that is a size, an offset or a stride.
  static long size(@Nullable Object value) {
    return switch (value) {
      case Integer i when i >= 0 -> i;
      case Long l when l >= 0 -> l;
      case null, default -> throw new PickleException("a size that is not a number from 0 on");
    };
  }
}
