package org.pixelwake.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.pixelwake.engine.InferenceCases.Folded;
import org.pixelwake.engine.ffi.Launch;
import org.pixelwake.engine.op.Operation;

/// Runs one operation on a device, each of its buffers between guard bytes, its outputs poisoned.
final class Bench {
  private static final int ALIGNMENT = 256;

  /// NaN in either storage, so that what is read beyond a buffer shows.
  private static final byte GUARD = (byte) 0xff;

  private final Operation operation;
  private final Map<Tensor, Tensor> aliases;
  private final Map<Tensor, Integer> offsets = new HashMap<>();
  private final Map<Tensor, byte[]> before = new HashMap<>();
  private final List<int[]> ranges = new ArrayList<>();
  private final Map<Tensor, Folded> unpacked = new HashMap<>();
  private int end = ALIGNMENT;

  /// @param aliases outputs that lie in an input's memory
  Bench(Operation operation, TensorValues inputs, Map<Tensor, Tensor> aliases) {
    this.operation = operation;
    this.aliases = aliases;
    Set<Tensor> tensors = new LinkedHashSet<>(operation.inputs());
    tensors.addAll(operation.outputs());
    for (Tensor tensor : tensors) {
      if (!aliases.containsKey(tensor)) {
        offsets.put(tensor, place(Math.toIntExact(tensor.bytes())));
      }
    }
    aliases.forEach((output, input) -> offsets.put(output, offsets.get(input)));
    for (Tensor tensor : operation.inputs()) {
      if (inputs.raw(tensor) instanceof Folded folded) {
        unpacked.put(tensor, folded);
      } else {
        before.put(tensor, encode(tensor, inputs.raw(tensor)));
      }
    }
  }

  // Weights as the device orders them; what they do not fill of their tensor is guarded.
  private static byte[] pack(Device device, Tensor tensor, Folded folded) {
    long bytes = 4L * folded.shape().packedElements(device);
    assertTrue(bytes <= tensor.bytes(), bytes + " bytes packed for " + tensor);
    try (Arena arena = Arena.ofConfined();
        Memory memory = device.allocate(tensor.bytes())) {
      device.fill(memory.address(), GUARD, tensor.bytes());
      folded.shape().pack(device, floats(folded.weight()), floats(folded.bias()), memory.address());
      MemorySegment host = arena.allocate(tensor.bytes(), 64);
      device.download(memory.address(), host, tensor.bytes());
      byte[] packed = host.toArray(ValueLayout.JAVA_BYTE);
      for (int i = Math.toIntExact(bytes); i < packed.length; i++) {
        assertEquals(GUARD, packed[i], "packing wrote beyond its size into " + tensor);
      }
      return packed;
    }
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  // At least ALIGNMENT guard bytes lie before and after every range.
  private int place(int bytes) {
    int offset = end;
    ranges.add(new int[] {offset, offset + bytes});
    end = Math.ceilDiv(offset + bytes, ALIGNMENT) * ALIGNMENT + ALIGNMENT;
    return offset;
  }

  /// Runs it and returns the bytes of every output and of every input that it changes.
  ///
  /// @param poison what outputs and workspace hold before
  Map<Tensor, byte[]> run(Device device, byte poison) {
    return run(device, poison, operation::launch, Map.of());
  }

  /// The same with a call of the test's own, and with outputs that hold something before.
  Map<Tensor, byte[]> run(
      Device device, byte poison, Consumer<Launch> call, Map<Tensor, double[]> held) {
    unpacked.forEach((tensor, folded) -> before.put(tensor, pack(device, tensor, folded)));
    try (Arena arena = Arena.ofConfined()) {
      Map<Tensor, MemorySegment> addresses = new HashMap<>();
      Launch sizes = new Launch(device, arena, tensor -> MemorySegment.NULL);
      int scratch = Math.toIntExact(operation.workspace(sizes));
      int placed = ranges.size();
      int oldEnd = end;
      int workspace = place(scratch);
      MemorySegment host = arena.allocate(end, 64);
      fill(host, poison);
      held.forEach((tensor, values) -> put(host, tensor, encode(tensor, values)));
      byte[] image = host.toArray(ValueLayout.JAVA_BYTE);
      try (Memory memory = device.allocate(end)) {
        offsets.forEach((tensor, offset) ->
            addresses.put(tensor, memory.address().asSlice(offset, tensor.bytes())));
        device.upload(host, memory.address(), end);
        Launch launch = new Launch(device, arena, addresses::get);
        launch.useWorkspace(memory.address().asSlice(workspace));
        call.accept(launch);
        device.synchronize();
        device.download(memory.address(), host, end);
      }
      byte[] after = host.toArray(ValueLayout.JAVA_BYTE);
      checkGuards(image, after);
      checkInputs(after);
      ranges.subList(placed, ranges.size()).clear();
      end = oldEnd;
      return outputs(after);
    }
  }

  private void fill(MemorySegment host, byte poison) {
    host.fill(GUARD);
    for (int[] range : ranges) {
      host.asSlice(range[0], (long) range[1] - range[0]).fill(poison);
    }
    before.forEach((tensor, bytes) -> put(host, tensor, bytes));
  }

  private void put(MemorySegment host, Tensor tensor, byte[] bytes) {
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, host, offsets.get(tensor), bytes.length);
  }

  private void checkGuards(byte[] image, byte[] after) {
    int at = 0;
    for (int[] range : ranges) {
      for (int i = at; i < range[0]; i++) {
        if (image[i] != after[i]) {
          fail("wrote " + where(i));
        }
      }
      at = range[1];
    }
    for (int i = at; i < image.length; i++) {
      if (image[i] != after[i]) {
        fail("wrote " + where(i));
      }
    }
  }

  private String where(int at) {
    StringBuilder text = new StringBuilder("outside the buffers:");
    offsets.forEach((tensor, offset) -> {
      if (at >= offset - ALIGNMENT && at < offset) {
        text.append(' ').append(offset - at).append(" bytes before ").append(tensor);
      } else if (at >= offset + tensor.bytes() && at < offset + tensor.bytes() + ALIGNMENT) {
        text.append(' ').append(at - offset - tensor.bytes()).append(" bytes after ");
        text.append(tensor);
      }
    });
    return text.append(" (or beside the workspace)").toString();
  }

  private void checkInputs(byte[] after) {
    List<Tensor> changed = new ArrayList<>(Reference.changed(operation));
    changed.addAll(aliases.values());
    for (Tensor input : operation.inputs()) {
      if (!changed.contains(input)) {
        assertArrayEquals(before.get(input), slice(after, input), "changed its input " + input);
      }
    }
  }

  private byte[] slice(byte[] bytes, Tensor tensor) {
    int from = offsets.get(tensor);
    return java.util.Arrays.copyOfRange(bytes, from, from + Math.toIntExact(tensor.bytes()));
  }

  private Map<Tensor, byte[]> outputs(byte[] after) {
    Map<Tensor, byte[]> outputs = new HashMap<>();
    for (Tensor output : operation.outputs()) {
      outputs.put(output, slice(after, output));
    }
    for (Tensor changed : Reference.changed(operation)) {
      outputs.put(changed, slice(after, changed));
    }
    return outputs;
  }

  static byte[] encode(Tensor tensor, Object value) {
    ByteBuffer buffer =
        ByteBuffer.allocate(Math.toIntExact(tensor.bytes())).order(ByteOrder.nativeOrder());
    switch (value) {
      case double[] values -> {
        for (double v : values) {
          if (tensor.storage() == Storage.BF16) {
            buffer.putShort(TensorValues.bf16(v));
          } else {
            buffer.putFloat((float) v);
          }
        }
      }
      case short[] values -> buffer.asShortBuffer().put(values);
      case int[] values -> buffer.asIntBuffer().put(values);
      case long[] values -> buffer.asLongBuffer().put(values);
      case StepState state -> {
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment struct = arena.allocate(StepState.STEP);
          state.write(struct);
          buffer.put(struct.toArray(ValueLayout.JAVA_BYTE));
        }
      }
      default -> throw new IllegalArgumentException(tensor + " holds " + value);
    }
    return buffer.array();
  }

  static double[] decode(Tensor tensor, byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    double[] values = new double[Math.toIntExact(tensor.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          tensor.storage() == Storage.BF16
              ? Float.intBitsToFloat(buffer.getShort() << 16)
              : buffer.getFloat();
    }
    return values;
  }
}
