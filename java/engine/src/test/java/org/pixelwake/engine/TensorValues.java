package org.pixelwake.engine;

import java.util.HashMap;
import java.util.Map;

/// What the tensors of a graph or of an operation hold, on the host: `double[]` for activations,
/// parameters and vectors, arrays of their own type for the hits, and the step's state.
public final class TensorValues {
  private final Map<Tensor, Object> all;

  TensorValues() {
    this(new HashMap<>());
  }

  private TensorValues(Map<Tensor, Object> all) {
    this.all = all;
  }

  /// A copy whose arrays are copies too.
  TensorValues copy() {
    Map<Tensor, Object> copies = new HashMap<>();
    all.forEach((tensor, value) ->
        copies.put(tensor, value instanceof double[] array ? array.clone() : value));
    return new TensorValues(copies);
  }

  boolean has(Tensor tensor) {
    return all.containsKey(tensor);
  }

  /// What the tensor holds, in whichever type.
  Object raw(Tensor tensor) {
    Object value = all.get(tensor);
    if (value == null) {
      throw new IllegalStateException(tensor + " has no value");
    }
    return value;
  }

  double[] get(Tensor tensor) {
    return (double[]) raw(tensor);
  }

  short[] shorts(Tensor tensor) {
    return (short[]) raw(tensor);
  }

  int[] ints(Tensor tensor) {
    return (int[]) raw(tensor);
  }

  long[] longs(Tensor tensor) {
    return (long[]) raw(tensor);
  }

  StepState step(Tensor tensor) {
    return (StepState) raw(tensor);
  }

  /// Takes the values as they are.
  void put(Tensor tensor, Object value) {
    if (value instanceof double[] array && array.length != tensor.elements()) {
      throw new IllegalArgumentException(array.length + " values for " + tensor);
    }
    all.put(tensor, value);
  }

  /// Takes the values as the tensor's storage can hold them.
  void putRounded(Tensor tensor, double[] values) {
    double[] rounded = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] = round(values[i], tensor.storage());
    }
    put(tensor, rounded);
  }

  /// A zeroed array for the tensor, which it then holds.
  double[] fresh(Tensor tensor) {
    double[] values = new double[Math.toIntExact(tensor.elements())];
    all.put(tensor, values);
    return values;
  }

  static double round(double value, Storage storage) {
    return switch (storage) {
      case F32 -> (float) value;
      case BF16 -> Float.intBitsToFloat((bf16(value) & 0xffff) << 16);
    };
  }

  /// The bits of the nearest bf16, ties to even.
  static short bf16(double value) {
    int bits = Float.floatToIntBits((float) value);
    if (Double.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
  }
}
