package org.pixelwake.jcuda;

import java.util.Arrays;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Event;

/// Times work by events on the device's own clock.
final class Stopwatch implements AutoCloseable {
  private static final int ROUNDS = 5;
  private static final int WARM_UP = 3;

  private final Device device;
  private final int repeats;
  private final Event begin;
  private final Event end;

  /// @param repeats of the work between two events, so that the queue never runs empty
  Stopwatch(Device device, int repeats) {
    this.device = device;
    this.repeats = repeats;
    begin = new Event(device);
    end = new Event(device);
  }

  /// Milliseconds that the work takes once: the median of a few rounds.
  ///
  /// @param work gives itself to the device's stream
  double milliseconds(Runnable work) {
    for (int i = 0; i < WARM_UP; i++) {
      work.run();
    }
    double[] times = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      device.synchronize();
      begin.record();
      for (int i = 0; i < repeats; i++) {
        work.run();
      }
      end.record();
      times[round] = end.millisecondsSince(begin) / repeats;
    }
    Arrays.sort(times);
    return times[ROUNDS / 2];
  }

  @Override
  public void close() {
    begin.close();
    end.close();
  }
}
