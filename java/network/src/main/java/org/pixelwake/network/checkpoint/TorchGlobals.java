package org.pixelwake.network.checkpoint;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    storage(table, "Float", Dtype.F32);
    storage(table, "Double", Dtype.F64);
    storage(table, "Half", Dtype.F16);
    storage(table, "BFloat16", Dtype.BF16);
    storage(table, "Long", Dtype.I64);
    storage(table, "Int", Dtype.I32);
    storage(table, "Short", Dtype.I16);
    storage(table, "Char", Dtype.I8);
    storage(table, "Byte", Dtype.U8);
    storage(table, "Bool", Dtype.BOOL);
    for (String untyped : List.of("UntypedStorage", "_UntypedStorage")) {
      StorageType type = new StorageType(untyped, null);
      table.put(key("torch", untyped), type);
      table.put(key("torch.storage", untyped), type);
    }
    dtypes(table);
    return Map.copyOf(table);
  }

  private static void put(
      Map<String, Object> table, String module, String name, IObjectConstructor constructor) {
    table.put(key(module, name), constructor);
  }

  private static void storage(Map<String, Object> table, String name, Dtype dtype) {
    StorageType type = new StorageType(name + "Storage", dtype);
    table.put(key("torch", type.name()), type);
    table.put(key("torch.storage", type.name()), type);
  }

  private static void dtypes(Map<String, Object> table) {
    table.put(key("torch", "float32"), Dtype.F32);
    table.put(key("torch", "float64"), Dtype.F64);
    table.put(key("torch", "float16"), Dtype.F16);
    table.put(key("torch", "bfloat16"), Dtype.BF16);
    table.put(key("torch", "float8_e4m3fn"), Dtype.F8_E4M3);
    table.put(key("torch", "float8_e5m2"), Dtype.F8_E5M2);
    table.put(key("torch", "int64"), Dtype.I64);
    table.put(key("torch", "int32"), Dtype.I32);
    table.put(key("torch", "int16"), Dtype.I16);
    table.put(key("torch", "int8"), Dtype.I8);
    table.put(key("torch", "uint64"), Dtype.U64);
    table.put(key("torch", "uint32"), Dtype.U32);
    table.put(key("torch", "uint16"), Dtype.U16);
    table.put(key("torch", "uint8"), Dtype.U8);
    table.put(key("torch", "bool"), Dtype.BOOL);
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
    return typed(args);
  }

  /// (storage, offset, shape, strides, requires_grad, backward_hooks); newer files add metadata.
  private static Object tensorV2(Object[] args) {
    arguments("_rebuild_tensor_v2", args, 6, 7);
    return typed(args);
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

  private static Tensor typed(Object[] args) {
    if (!(args[0] instanceof Storage storage)) {
      throw new PickleException("a tensor without a storage");
    }
    // torch reads an untyped storage of the typed forms as bytes.
    Dtype dtype = storage.type().dtype();
    return view(args, dtype == null ? Dtype.U8 : dtype);
  }

  private static Tensor view(Object[] args, Dtype dtype) {
    if (!(args[0] instanceof Storage storage)) {
      throw new PickleException("a tensor without a storage");
    }
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
      throw new PickleException("a shape that is no tuple of at most 16 sizes");
    }
    long[] sizes = new long[tuple.length];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = size(tuple[i]);
    }
    return sizes;
  }

  /// A Python integer that is a size, an offset or a stride.
  static long size(@Nullable Object value) {
    long size =
        switch (value) {
          case Integer i -> i;
          case Long l -> l;
          case null, default -> -1;
        };
    if (size < 0) {
      throw new PickleException("a size that is no number from 0 on");
    }
    return size;
  }
}
