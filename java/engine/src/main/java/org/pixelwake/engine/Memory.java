package org.pixelwake.engine;

import java.lang.foreign.MemorySegment;

/// A block of device memory; owned by whoever allocated it.
public final class Memory implements AutoCloseable {
  private final Device device;
  private final MemorySegment address;
  private final long bytes;
  private boolean closed;

  Memory(Device device, MemorySegment address, long bytes) {
    this.device = device;
    this.address = address.reinterpret(bytes);
    this.bytes = bytes;
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
      device.free(address, bytes);
    }
  }
}
