package org.pixelwake.engine.ffi;

import static org.pixelwake.engine.ffi.Symbol.PTR;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.NativeException;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.View;

/// What an operation needs to call its kernel: the stream, the addresses of its tensors, and
/// scratch for descriptors, which the interface reads during the call only.
public final class Launch {
  static final StructLayout VIEW =
      MemoryLayout.structLayout(PTR.withName("data"), PTR.withName("bn"), PTR.withName("gate"))
          .withName("pw_view");

  private final Device device;
  private final SegmentAllocator scratch;
  private final Function<Tensor, MemorySegment> addresses;
  private MemorySegment workspace = MemorySegment.NULL;

  public Launch(
      Device device, SegmentAllocator scratch, Function<Tensor, MemorySegment> addresses) {
    this.device = device;
    this.scratch = scratch;
    this.addresses = addresses;
  }

  public void useWorkspace(MemorySegment memory) {
    workspace = memory;
  }

  public MemorySegment workspace() {
    return workspace;
  }

  /// Address of a tensor, null for none.
  public MemorySegment pointer(@Nullable Tensor tensor) {
    return tensor == null ? MemorySegment.NULL : addresses.apply(tensor);
  }

  /// A `pw_view`.
  public MemorySegment view(View view) {
    return pointers(VIEW, view.data(), view.bn(), view.gate());
  }

  /// A struct of pointers only.
  public MemorySegment pointers(StructLayout layout, @Nullable Tensor... tensors) {
    MemorySegment struct = scratch.allocate(layout);
    for (int i = 0; i < tensors.length; i++) {
      struct.setAtIndex(PTR, i, pointer(tensors[i]));
    }
    return struct;
  }

  /// A struct of numbers, given in the order of its fields; missing ones at the end are zero.
  public MemorySegment struct(StructLayout layout, Number... values) {
    MemorySegment struct = scratch.allocate(layout);
    fill(struct, layout, (Object[]) values);
    return struct;
  }

  /// An array of structs of numbers and pointers, each given likewise.
  public MemorySegment structs(StructLayout layout, List<Object[]> values) {
    MemorySegment array = scratch.allocate(layout, values.size());
    for (int i = 0; i < values.size(); i++) {
      fill(array.asSlice(i * layout.byteSize(), layout), layout, values.get(i));
    }
    return array;
  }

  private static void fill(MemorySegment struct, StructLayout layout, Object... values) {
    struct.fill((byte) 0);
    long offset = 0;
    int next = 0;
    for (MemoryLayout field : layout.memberLayouts()) {
      if (next < values.length && field.name().isPresent()) {
        Object value = values[next++];
        switch (field) {
          case ValueLayout.OfInt i -> struct.set(i, offset, ((Number) value).intValue());
          case ValueLayout.OfLong l -> struct.set(l, offset, ((Number) value).longValue());
          case ValueLayout.OfFloat f -> struct.set(f, offset, ((Number) value).floatValue());
          case AddressLayout p -> struct.set(p, offset, (MemorySegment) value);
          default -> throw new IllegalStateException(layout + ": " + field);
        }
      }
      offset += field.byteSize();
    }
  }

  /// Calls a kernel with the stream before the given arguments.
  public void call(Symbol symbol, Object... arguments) {
    Object[] all = new Object[arguments.length + 1];
    all[0] = device.stream();
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    device.backend().check(symbol, all);
  }

  /// Asks a workspace function for its size.
  public long workspaceBytes(Symbol symbol, Object... arguments) {
    Object[] all = new Object[arguments.length + 1];
    all[0] = device.handle();
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    long bytes = (long) device.backend().invoke(symbol, all);
    if (bytes < 0) {
      throw new NativeException(symbol.name(), 1, device.backend().lastErrorText());
    }
    return bytes;
  }
}
