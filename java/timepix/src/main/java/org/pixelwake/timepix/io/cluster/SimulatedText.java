package org.pixelwake.timepix.io.cluster;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.io.file.ByteScanner;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.SourceOpener;
import org.pixelwake.timepix.sensor.DepositResponse;
import org.pixelwake.timepix.sensor.Sensor;

/// Reads what a simulation program writes line by line, event after event.
abstract class SimulatedText extends ClusterText {
  /// Seed of the response to deposits: a file always gives the same clusters.
  private static final long SEED = 1;

  final @Nullable Sensor sensor;
  final SimulatedEvent event;

  /// Whether an event is being read.
  boolean inEvent;

  private String place = "";
  private final Queue<Cluster> ready = new ArrayDeque<>();

  /// @param timed whether pixels have times
  /// @param sensor sensor that deposits go through; null of a text of pixels
  SimulatedText(
      FileTree.Entry entry, int side, boolean timed, @Nullable Sensor sensor, SourceOpener from) {
    super(entry, side, from);
    this.sensor = sensor;
    DepositResponse response = sensor == null ? null : new DepositResponse(sensor, SEED);
    this.event = new SimulatedEvent(timed, response, tally);
  }

  @Override
  public final @Nullable Cluster read() {
    while (ready.isEmpty() && in.peek() != ByteScanner.END) {
      place = "line " + in.line();
      String line = in.restOfLine();
      if (!line.isBlank() && !line.startsWith("#")) {
        line(line);
      }
    }
    if (ready.isEmpty()) {
      endEvent();
    }
    return ready.poll();
  }

  /// Takes a line that is neither blank nor a comment.
  abstract void line(String line);

  /// Ends the event that is being read, if there is one.
  private void endEvent() {
    if (inEvent) {
      event.finish(ready);
    }
    inEvent = false;
  }

  /// Begins an event after the one before.
  final void beginEvent(long number) {
    endEvent();
    inEvent = true;
    event.begin(number);
  }

  /// Counts the line as malformed.
  final void malformed(String reason) {
    tally.malformed(reason, file, place);
  }

  /// Takes energy deposited at a place, um from the outer edges of column and row 0 and from the
  /// entrance.
  final void deposit(Sensor into, double x, double y, double depth, double keV) {
    if (event.deposit(x, y, depth, keV)) {
      tally.valid++;
    } else {
      malformed("deposit outside the sensor of " + into.thicknessUm() + " um (--sensor)");
    }
  }
}
