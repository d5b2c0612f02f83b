package org.pixelwake.jcuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Memory;

/// Numbers on their way to a device and back.
final class DeviceValues {
  private DeviceValues() {}

  /// Uniform in [-1, 1), each exact in the type.
  static float[] draw(long seed, int count, ElementType type) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = decode(encode(2 * random.nextFloat() - 1, type), type);
    }
    return values;
  }

  /// The bits of a number, rounded to nearest even.
  static int encode(float value, ElementType type) {
    int bits = Float.floatToRawIntBits(value);
    return switch (type) {
      case F32 -> bits;
      case F16 -> Float.floatToFloat16(value) & 0xffff;
      case BF16 -> Float.isNaN(value) ? 0x7fc0 : (bits + 0x7fff + (bits >>> 16 & 1)) >>> 16;
    };
  }

  /// The number of these bits.
  static float decode(int bits, ElementType type) {
    return switch (type) {
      case F32 -> Float.intBitsToFloat(bits);
      case F16 -> Float.float16ToFloat((short) bits);
      case BF16 -> Float.intBitsToFloat(bits << 16);
    };
  }

  /// Allocates device memory that holds the numbers.
  static Memory upload(Device device, float[] values, ElementType type) {
    Memory memory = device.allocate((long) values.length * type.bytes());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(memory.bytes(), 64);
      for (int i = 0; i < values.length; i++) {
        int bits = encode(values[i], type);
        if (type.bytes() == 4) {
          host.setAtIndex(ValueLayout.JAVA_INT, i, bits);
        } else {
          host.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) bits);
        }
      }
      device.upload(host, memory.address(), memory.bytes());
    }
    return memory;
  }

  /// Reads all numbers of device memory; waits for the device.
  static float[] download(Device device, Memory memory, ElementType type) {
    float[] values = new float[Math.toIntExact(memory.bytes() / type.bytes())];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(memory.bytes(), 64);
      device.download(memory.address(), host, memory.bytes());
      for (int i = 0; i < values.length; i++) {
        int bits =
            type.bytes() == 4
                ? host.getAtIndex(ValueLayout.JAVA_INT, i)
                : host.getAtIndex(ValueLayout.JAVA_SHORT, i);
        values[i] = decode(bits, type);
      }
    }
    return values;
  }

  /// Root of the sum of squared differences over that of squared expected values.
  ///
  /// @throws IllegalArgumentException when there is nothing to compare
  static double relativeError(float[] expected, float[] actual) {
    double squares = 0;
    double errors = 0;
    for (int i = 0; i < expected.length; i++) {
      squares += (double) expected[i] * expected[i];
      errors += Math.pow((double) actual[i] - expected[i], 2);
    }
    if (expected.length != actual.length || squares == 0) {
      throw new IllegalArgumentException(
          "%d values against %d, or nothing but zeros".formatted(actual.length, expected.length));
    }
    return Math.sqrt(errors / squares);
  }

  /// A weight (out, in, k, k), PyTorch's order, as (out, k, k, in), that of an NHWC filter.
  static float[] filter(float[] weight, int out, int in, int k) {
    float[] filter = new float[weight.length];
    int places = k * k;
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        for (int p = 0; p < places; p++) {
          filter[(o * places + p) * in + i] = weight[(o * in + i) * places + p];
        }
      }
    }
    return filter;
  }
}
