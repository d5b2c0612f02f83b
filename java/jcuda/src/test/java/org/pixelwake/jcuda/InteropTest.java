package org.pixelwake.jcuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;
import jcuda.runtime.cudaStream_t;
import org.junit.jupiter.api.Test;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Memory;
import org.pixelwake.jcuda.example.JCudaExample;

/// JCuda's objects give up their addresses, and kernels work on them.
final class InteropTest {
  private static final JCudaExample.Shape SHAPE = new JCudaExample.Shape(3, 7, 24, 40);
  private static final float[] X = DeviceValues.draw(1, SHAPE.inputs(), ElementType.F32);
  private static final float[] WEIGHT = DeviceValues.draw(2, 24 * 40, ElementType.F32);

  @Test
  void addressIncludesTheOffset() {
    Pointer pointer = Interop.pointer(0x7f0000001000L);
    assertEquals(0x7f0000001000L, Interop.address(pointer));
    assertEquals(0x7f0000001140L, Interop.address(pointer.withByteOffset(0x140)));
  }

  @Test
  void pointerWithoutAnAddressIsRefused() {
    for (Pointer pointer :
        new Pointer[] {
          new Pointer(),
          new CUdeviceptr(),
          new CUdeviceptr().withByteOffset(64),
          Pointer.to(new float[4])
        }) {
      IllegalArgumentException error =
          assertThrows(IllegalArgumentException.class, () -> Interop.address(pointer));
      assertTrue(error.getMessage().contains("cudaMalloc"), error.getMessage());
    }
  }

  @Test
  void emptyStreamIsTheDefaultOne() {
    assertEquals(0, Interop.handle(new CUstream()));
    assertEquals(0, Interop.handle(new cudaStream_t()));
  }

  // On the processor the way from a pointer to the kernel is the same.
  private static float[] onProcessor() {
    try (Arena arena = Arena.ofConfined();
        Device device = Device.cpu(2)) {
      MemorySegment x = arena.allocate(4L * X.length, 64);
      x.copyFrom(MemorySegment.ofArray(X));
      MemorySegment y = arena.allocate(4L * SHAPE.outputs(), 64);
      try (Memory in = Interop.memory(device, Interop.pointer(x.address()), x.byteSize());
          Memory out = Interop.memory(device, Interop.pointer(y.address()), y.byteSize())) {
        JCudaExample.convolve(device, SHAPE, in, WEIGHT, out);
      }
      return y.toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  @Test
  void kernelWorksOnAForeignPointer() {
    float[] y = onProcessor();
    for (int place = 0; place < 3 * 7 * 7; place++) {
      for (int o = 0; o < 40; o++) {
        double sum = 0;
        for (int i = 0; i < 24; i++) {
          sum += (double) X[place * 24 + i] * WEIGHT[o * 24 + i];
        }
        assertEquals(sum, y[place * 40 + o], 1e-5);
      }
    }
  }

  @Test
  void exampleGivesWhatTheProcessorGives() {
    Gpu.assumePresent();
    float[] expected = onProcessor();
    assertNotEquals(0, expected[0]);
    assertArrayEquals(expected, JCudaExample.run(SHAPE, X, WEIGHT), 1e-5f);
  }
}
