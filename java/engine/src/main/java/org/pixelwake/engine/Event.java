package org.pixelwake.engine;

import static org.pixelwake.engine.ffi.Symbol.F32;
import static org.pixelwake.engine.ffi.Symbol.PTR;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.pixelwake.engine.ffi.Symbol;

/// A point in the work of a device, to measure device time between two of them.
public final class Event implements AutoCloseable {
  static final Symbol OPEN = Symbol.status("pw_event_open", PTR, PTR);
  static final Symbol CLOSE = Symbol.status("pw_event_close", PTR);
  static final Symbol RECORD = Symbol.status("pw_event_record", PTR, PTR);
  static final Symbol ELAPSED = Symbol.status("pw_event_elapsed", PTR, PTR, PTR);

  private final Device device;
  private final MemorySegment event;

  /// Opens an event, not recorded yet.
  public Event(Device device) {
    this.device = device;
    event = device.backend().make(OPEN, device.handle());
  }

  /// Marks the point after everything given to the device so far.
  public void record() {
    device.backend().check(RECORD, event, device.stream());
  }

  /// Milliseconds from an earlier event to this one.
  public float millisecondsSince(Event earlier) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(F32);
      device.backend().check(ELAPSED, earlier.event, event, out);
      return out.get(F32, 0);
    }
  }

  @Override
  public void close() {
    device.backend().check(CLOSE, event);
  }
}
