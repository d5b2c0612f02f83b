package org.pixelwake.network.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/// A tensor of a file.
///
/// @param name key in the file, such as `features.0.0.weight`
/// @param dtype element type
/// @param shape extents, outermost first; empty for a scalar
/// @param data little-endian elements, contiguous in C order; exactly `shape` times `dtype` bytes.
///   Tensors that were read share a read-only segment with their file; its address is a multiple of
///   the element size only where the file aligns it
public record NamedTensor(String name, Dtype dtype, long[] shape, MemorySegment data)
    implements TensorSource {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// Throws [IllegalArgumentException] where `data` has another size than `shape` and `dtype` say.
  public NamedTensor {
    shape = shape.clone();
    long bytes = Shapes.bytes(shape, dtype).orElse(-1);
    if (bytes != data.byteSize()) {
      throw new IllegalArgumentException(
          name + ": " + data.byteSize() + " bytes for " + dtype + Arrays.toString(shape));
    }
  }

  /// An `F32` tensor with a copy of `values`.
  public static NamedTensor ofFloats(String name, float[] values, long... shape) {
    MemorySegment data = MemorySegment.ofArray(new byte[Math.multiplyExact(values.length, 4)]);
    MemorySegment.copy(values, 0, data, FLOAT, 0, values.length);
    return new NamedTensor(name, Dtype.F32, shape, data);
  }

  /// An `I64` tensor with a copy of `values`.
  public static NamedTensor ofLongs(String name, long[] values, long... shape) {
    MemorySegment data = MemorySegment.ofArray(new byte[Math.multiplyExact(values.length, 8)]);
    MemorySegment.copy(values, 0, data, LONG, 0, values.length);
    return new NamedTensor(name, Dtype.I64, shape, data);
  }

  @Override
  public long[] shape() {
    return shape.clone();
  }

  /// Number of elements; 1 for a scalar.
  public long elements() {
    return data.byteSize() / dtype.bytes();
  }

  /// The elements in C order as `float`; `F64` is rounded, `F16` and `BF16` are exact.
  ///
  /// Throws [IllegalStateException] for a type that is not [Dtype#isFloating] and
  /// [ArithmeticException] for more than 2^31-1 elements.
  public float[] toFloats() {
    if (!dtype.isFloating()) {
      throw new IllegalStateException(name + ": " + dtype + " is not a floating-point type");
    }
    float[] values = new float[Math.toIntExact(elements())];
    if (dtype == Dtype.F32) {
      MemorySegment.copy(data, FLOAT, 0, values, 0, values.length);
      return values;
    }
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (dtype) {
            case F64 -> (float) data.get(DOUBLE, 8L * i);
            case F16 -> Float.float16ToFloat(data.get(SHORT, 2L * i));
            case BF16 -> Float.intBitsToFloat(data.get(SHORT, 2L * i) << 16);
            default -> throw new AssertionError(dtype);
          };
    }
    return values;
  }

  /// The elements in C order as `long`, unsigned types widened without sign, `BOOL` as 0 and 1.
  ///
  /// Throws [IllegalStateException] for a type that is not [Dtype#isInteger] and
  /// [ArithmeticException] for more than 2^31-1 elements.
  public long[] toLongs() {
    if (!dtype.isInteger()) {
      throw new IllegalStateException(name + ": " + dtype + " is not an integer type");
    }
    long[] values = new long[Math.toIntExact(elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (dtype) {
            case BOOL -> data.get(ValueLayout.JAVA_BYTE, i) == 0 ? 0 : 1;
            case U8 -> data.get(ValueLayout.JAVA_BYTE, i) & 0xffL;
            case I8 -> data.get(ValueLayout.JAVA_BYTE, i);
            case U16 -> data.get(SHORT, 2L * i) & 0xffffL;
            case I16 -> data.get(SHORT, 2L * i);
            case U32 -> data.get(INT, 4L * i) & 0xffff_ffffL;
            case I32 -> data.get(INT, 4L * i);
            case I64 -> data.get(LONG, 8L * i);
            default -> throw new AssertionError(dtype);
          };
    }
    return values;
  }

  /// Name, type and extents, such as `heads.bias F32[5]`.
  @Override
  public String toString() {
    return name + " " + dtype + Arrays.toString(shape);
  }
}
