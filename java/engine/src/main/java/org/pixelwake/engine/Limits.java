package org.pixelwake.engine;

import static org.pixelwake.engine.ffi.Symbol.F32;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import org.pixelwake.engine.ffi.Symbol;

/// What a device reaches with all its threads (`pw_limits` in `kernels.h`), all a second.
///
/// @param fma operations of f32 arithmetic
/// @param dot the same in dot products of bf16; 0 where the device has none
/// @param memory bytes to and from memory
/// @param cache bytes to and from the cores' own caches
/// @param silu SiLUs
public record Limits(double fma, double dot, double memory, double cache, double silu) {
  static final Symbol MEASURE = Symbol.kernel("pw_device_limits", 2);
  static final StructLayout LAYOUT =
      Symbol.struct("pw_limits", Symbol.fields(F32, "fma dot memory cache silu"));

  /// Which limit an operation meets first.
  public enum Bound {
    /// The bytes take longer.
    MEMORY,
    /// Arithmetic and activations take longer, arithmetic the larger part.
    ARITHMETIC,
    /// Arithmetic and activations take longer, activations the larger part.
    ACTIVATION
  }

  /// Measures, which takes about a second; nothing else should run meanwhile.
  ///
  /// @throws NativeException where the backend cannot
  public static Limits measure(Device device) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(LAYOUT);
      device.backend().check(MEASURE, device.handle(), out);
      float[] v = out.toArray(F32);
      return new Limits(v[0], v[1], v[2], v[3], v[4]);
    }
  }

  /// Seconds that the bytes of a cost take at least, were all of them in memory.
  public double memorySeconds(Cost cost) {
    return cost.bytes() / memory;
  }

  /// Seconds that arithmetic takes at least.
  public double arithmeticSeconds(Cost cost) {
    double dots = dot > 0 ? cost.dotFlops() : 0;
    return (dots > 0 ? dots / dot : 0) + (cost.flops() - dots) / fma;
  }

  /// Seconds that activations take at least. They use the same units as arithmetic, so both add up.
  public double activationSeconds(Cost cost) {
    return cost.activations() / silu;
  }

  /// Seconds that a cost takes at least on this device: the roofline.
  public double seconds(Cost cost) {
    return Math.max(memorySeconds(cost), arithmeticSeconds(cost) + activationSeconds(cost));
  }

  /// What [#seconds] of a cost is owed to.
  public Bound bound(Cost cost) {
    double arithmetic = arithmeticSeconds(cost);
    double activation = activationSeconds(cost);
    if (memorySeconds(cost) >= arithmetic + activation) {
      return Bound.MEMORY;
    }
    return arithmetic >= activation ? Bound.ARITHMETIC : Bound.ACTIVATION;
  }
}
