package org.pixelwake.engine;

import java.lang.foreign.MemorySegment;

/// A block of device memory: allocated by a [Device] and freed on close, or the caller's own
/// ([Device#wrap]), which close leaves alone.
public final class Memory implements AutoCloseable {
  final Device device;
  private final MemorySegment address;
  private final long bytes;
  private final boolean owned;
  private boolean closed;

  Memory(Device device, MemorySegment address, long bytes, boolean owned) {
    this.device = device;
    this.address = address.reinterpret(bytes);
    this.bytes = bytes;
    this.owned = owned;
  }

  /// Address and length; readable from Java only where the device is the CPU.
  public MemorySegment address() {
    if (closed) {
      throw new IllegalStateException("device memory used after close");
    }
    return address;
  }

  /// Length.
  public long bytes() {
    return bytes;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      if (owned) {
        device.free(address, bytes);
      }
    }
  }
}
