package org.pixelwake.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pixelwake.engine.op.Convolution;

/// Memory and streams that are the caller's.
final class WrappedMemoryTest {
  private static final Convolution.Attributes POINTWISE =
      new Convolution.Attributes(Convolution.Family.POINTWISE, 1, 1, false);
  private static final ParameterLayout LAYOUT =
      new ParameterLayout(
          List.of(
              new ParameterLayout.Entry(
                  "weight", ParameterLayout.Group.DECAYED, List.of(5, 3, 1, 1))));

  /// A pointwise convolution from (2, 4, 4, 3) to (2, 4, 4, 5).
  private static final class Net {
    final Graph graph = new Graph(LAYOUT, false, Storage.F32);
    final Tensor x = graph.input("x", Storage.F32, 2, 4, 4, 3);
    final Tensor y = graph.result("y", Storage.F32, 2, 4, 4, 5);

    Net() {
      Tensor weight = graph.parameter("weight");
      graph.add(new Convolution.Forward(POINTWISE, View.of(x), weight, null, y, null));
    }
  }

  private static float[] draw(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return values;
  }

  private static ParameterStore store(Device device, Random random) {
    ParameterStore store = ParameterStore.forInference(device, LAYOUT);
    store.set(ParameterStore.Slab.PARAMETERS, "weight", draw(random, 15));
    return store;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void programWorksInPlace(boolean submitted) {
    Net net = new Net();
    Random random = new Random(3);
    try (Arena arena = Arena.ofConfined();
        Device device = Device.cpu(2);
        ParameterStore store = store(device, random)) {
      float[] values = draw(random, Math.toIntExact(net.x.elements()));
      MemorySegment x = arena.allocate(net.x.bytes(), 64);
      x.copyFrom(MemorySegment.ofArray(values));
      MemorySegment y = arena.allocate(net.y.bytes() + 64, 64).fill((byte) 0x7f);
      float[] expected;
      try (Program program = Program.compile(device, net.graph, store, false)) {
        program.upload(values, net.x);
        program.run();
        expected = program.download(net.y);
      }
      long held = device.allocatedBytes();
      try (Memory in = device.wrap(x.address(), x.byteSize());
          Memory out = device.wrap(y.address(), y.byteSize())) {
        assertEquals(held, device.allocatedBytes(), "wrapping allocates nothing");
        try (Program program =
            Program.compile(device, net.graph, store, false, Map.of(net.x, in, net.y, out))) {
          if (submitted) {
            program.submit();
            device.synchronize();
          } else {
            program.run();
          }
          assertArrayEquals(expected, program.download(net.y));
        }
      }
      assertEquals(held, device.allocatedBytes());
      float[] written = y.asSlice(0, net.y.bytes()).toArray(ValueLayout.JAVA_FLOAT);
      assertArrayEquals(expected, written);
      assertEquals(0x7f, y.get(ValueLayout.JAVA_BYTE, net.y.bytes()), "nothing behind the tensor");
      assertNotEquals(0, expected[0]);
    }
  }

  @Test
  void unusableMemoryIsRefused() {
    try (Arena arena = Arena.ofConfined();
        Device device = Device.cpu(1)) {
      long address = arena.allocate(256, 64).address();
      assertThrows(IllegalArgumentException.class, () -> device.wrap(0, 64));
      assertThrows(IllegalArgumentException.class, () -> device.wrap(address + 4, 64));
      assertThrows(IllegalArgumentException.class, () -> device.wrap(address, 0));
      Memory memory = device.wrap(address, 256);
      assertEquals(address, memory.address().address());
      memory.close();
      assertThrows(IllegalStateException.class, memory::address);
    }
  }

  @Test
  void unusablePlacesAreRefused() {
    Net net = new Net();
    try (Arena arena = Arena.ofConfined();
        Device device = Device.cpu(1);
        Device other = Device.cpu(1);
        ParameterStore store = store(device, new Random(1))) {
      long address = arena.allocate(net.y.bytes(), 64).address();
      Memory small = device.wrap(address, net.y.bytes() - 4);
      refused("needs 640 bytes, its memory has 636", device, net, store, Map.of(net.y, small));
      Memory foreign = other.wrap(address, net.y.bytes());
      refused("another device's", device, net, store, Map.of(net.y, foreign));
      Memory fits = device.wrap(address, net.y.bytes());
      Tensor stray = new Tensor("stray", Tensor.Role.INPUT, Storage.F32, 4);
      refused("no input or result", device, net, store, Map.of(stray, fits));
    }
  }

  private static void refused(
      String why, Device device, Net net, ParameterStore store, Map<Tensor, Memory> placed) {
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () -> Program.compile(device, net.graph, store, false, placed).close());
    assertTrue(error.getMessage().contains(why), error.getMessage());
  }

  @Test
  void hostHasNoStreamsToTakeOver() {
    Backend cpu = Backend.load("cpu");
    NativeException error =
        assertThrows(NativeException.class, () -> Device.onStream(cpu, 0, 0).close());
    assertEquals(2, error.status());
    assertTrue(error.getMessage().contains("CUDA streams"), error.getMessage());
  }
}
