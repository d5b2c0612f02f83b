package org.pixelwake.engine.ffi;

import static org.pixelwake.engine.ffi.Symbol.PTR;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.NativeException;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.View;

/// The means by which an operation calls its kernel: the stream, the addresses of its tensors, and
/// scratch for descriptors, which the interface reads during the call only.
public final class Launch {
  static final StructLayout VIEW = Symbol.struct("pw_view", Symbol.fields(PTR, "data bn gate"));

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

  /// A struct of the interface, given by its fields in order; missing ones at the end are zero.
  ///
  /// @param values numbers, arrays of `int` for as many numbers, tensors for their addresses, null
  ///   for the null pointer
  public MemorySegment struct(StructLayout layout, @Nullable Object... values) {
    MemorySegment struct = scratch.allocate(layout);
    fill(struct, layout, values);
    return struct;
  }

  /// An array of structs, each given likewise.
  public MemorySegment structs(StructLayout layout, List<@Nullable Object[]> values) {
    MemorySegment array = scratch.allocate(layout, values.size());
    for (int i = 0; i < values.size(); i++) {
      fill(array.asSlice(i * layout.byteSize(), layout), layout, values.get(i));
    }
    return array;
  }

  private void fill(MemorySegment struct, StructLayout layout, @Nullable Object... values) {
    List<Object> all = new ArrayList<>();
    for (Object value : values) {
      if (value instanceof int[] numbers) {
        Arrays.stream(numbers).forEach(all::add);
      } else {
        all.add(argument(value));
      }
    }
    struct.fill((byte) 0);
    long offset = 0;
    Iterator<Object> next = all.iterator();
    for (MemoryLayout field : layout.memberLayouts()) {
      if (next.hasNext()) {
        Object value = next.next();
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

  // C gets addresses of tensors, a `pw_view` of views, and everything else as it is.
  private Object argument(@Nullable Object value) {
    return switch (value) {
      case null -> MemorySegment.NULL;
      case Tensor tensor -> addresses.apply(tensor);
      case View view -> struct(VIEW, view.data(), view.bn(), view.gate());
      default -> value;
    };
  }

  private Object[] arguments(MemorySegment first, @Nullable Object... others) {
    Object[] all = new Object[others.length + 1];
    Arrays.setAll(all, i -> i == 0 ? first : argument(others[i - 1]));
    return all;
  }

  /// Calls a kernel with the stream before the given arguments.
  ///
  /// @param arguments as C takes them, with tensors for their addresses, views for their `pw_view`
  ///   and null for the null pointer
  public void call(Symbol symbol, @Nullable Object... arguments) {
    device.backend().check(symbol, arguments(device.stream(), arguments));
  }

  /// Asks a workspace function for its size.
  public long workspaceBytes(Symbol symbol, Object... arguments) {
    long bytes = (long) device.backend().invoke(symbol, arguments(device.handle(), arguments));
    if (bytes < 0) {
      throw new NativeException(symbol.name(), 1, device.backend().lastErrorText());
    }
    return bytes;
  }
}
