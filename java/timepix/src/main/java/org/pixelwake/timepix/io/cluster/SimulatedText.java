package org.pixelwake.timepix.io.cluster;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.io.file.ByteScanner;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.PixelFilter;
import org.pixelwake.timepix.io.file.Tally;
import org.pixelwake.timepix.sensor.DepositResponse;
import org.pixelwake.timepix.sensor.Sensor;

/// Reads what a simulation program writes line by line, event after event.
abstract class SimulatedText extends ClusterText {
  /// Seed of the response to deposits: a file always gives the same clusters.
  private static final long SEED = 1;

  final @Nullable Sensor sensor;
  final SimulatedEvent event;
  private final Queue<Cluster> ready = new ArrayDeque<>();
  private boolean ended;

  /// @param timed whether pixels have times
  /// @param sensor sensor that deposits go through; null of a text of pixels
  SimulatedText(
      FileTree.Entry entry,
      int side,
      boolean timed,
      @Nullable Sensor sensor,
      PixelFilter filter,
      Tally tally) {
    super(entry, side, filter, tally);
    this.sensor = sensor;
    DepositResponse response = sensor == null ? null : new DepositResponse(sensor, SEED);
    this.event = new SimulatedEvent(timed, response, tally);
  }

  @Override
  public final @Nullable Cluster read() {
    while (ready.isEmpty() && !ended) {
      if (in.peek() == ByteScanner.END) {
        ended = true;
        endEvent();
      } else {
        String place = "line " + in.line();
        String line = in.restOfLine();
        if (!line.isBlank() && !line.startsWith("#")) {
          line(line, place);
        }
      }
    }
    return ready.poll();
  }

  /// Takes a line that is neither blank nor a comment.
  abstract void line(String line, String place);

  /// Ends the event that is being read, if there is one.
  abstract void endEvent();

  /// Makes the clusters of the event.
  final void finishEvent() {
    event.finish(ready);
  }

  /// Takes energy deposited at a place, um from the outer edges of column and row 0 and from the
  /// entrance.
  final void deposit(Sensor into, double x, double y, double depth, double keV, String place) {
    if (event.deposit(x, y, depth, keV)) {
      tally.valid++;
    } else {
      tally.malformed(
          "deposit outside the sensor of " + into.thicknessUm() + " um (--sensor)", file, place);
    }
  }
}
