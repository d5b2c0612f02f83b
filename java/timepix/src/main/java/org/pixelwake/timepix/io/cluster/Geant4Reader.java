package org.pixelwake.timepix.io.cluster;

import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.io.cluster.Geant4Columns.Role;
import org.pixelwake.timepix.io.file.ByteScanner;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.SourceOpener;
import org.pixelwake.timepix.sensor.Sensor;

/// Clusters of a CSV ntuple of Geant4's analysis manager, a row a pixel that was hit or a deposit.
/// Rows of one event follow each other. Deposits are at x, y, z from the middle of the sensor, z
/// towards the pixels, and go through the response of a sensor.
///
/// The truth is the particle of the first row of the event whose parent is 0, or track 1, or of the
/// first row where neither column is there: its PDG number, and its kinetic energy and place where
/// they are told.
final class Geant4Reader extends SimulatedText {
  /// The facts that the header and the first rows tell.
  ///
  /// @param pixels whether rows are of pixels
  /// @param quad whether a pixel is beyond 256 x 256
  /// @param timed whether rows of pixels have times
  record Probe(boolean pixels, boolean quad, boolean timed) {}

  private static final int PROBE_ROWS = 20_000;
  private static final int FIRST_TRACK = 1;

  private final Geant4Columns columns;
  private long current = -1;
  private boolean labelled;

  Geant4Reader(
      FileTree.Entry entry, Probe probe, int side, @Nullable Sensor sensor, SourceOpener from) {
    super(entry, side, probe.timed(), sensor, from);
    this.columns = Geant4Columns.read(in, file);
  }

  static Probe probe(FileTree.Entry entry) {
    try (ByteScanner in = ByteScanner.look(entry, "g4csv")) {
      Geant4Columns columns = Geant4Columns.read(in, entry.display());
      boolean quad = false;
      boolean timed = false;
      for (int i = 0; i < PROBE_ROWS && in.peek() != ByteScanner.END; i++) {
        String[] row = columns.fields(in.restOfLine());
        if (row != null && columns.pixels()) {
          quad |= columns.value(row, Role.COLUMN) >= CHIP || columns.value(row, Role.ROW) >= CHIP;
          double time = columns.value(row, Role.TIME);
          timed |= !Double.isNaN(time) && time != 0;
        }
      }
      return new Probe(columns.pixels(), quad, timed);
    }
  }

  @Override
  void line(String line) {
    String[] fields = columns.fields(line);
    double number = fields == null ? Double.NaN : columns.value(fields, Role.EVENT);
    double energy = fields == null ? Double.NaN : columns.value(fields, Role.ENERGY);
    if (fields == null || !(number >= 0 && number < 1e15) || !(energy >= 0 && energy < 1e12)) {
      malformed("row without its event or energy, or with other columns");
      return;
    }
    if ((long) number != current) {
      current = (long) number;
      beginEvent(current);
      labelled = false;
    }
    label(fields);
    if (energy == 0) {
      // Steps that left nothing are written too.
      tally.valid++;
    } else if (columns.pixels() || sensor == null) {
      pixel(fields, energy);
    } else {
      double middle = middle(sensor);
      deposit(
          sensor,
          columns.value(fields, Role.X) + middle,
          columns.value(fields, Role.Y) + middle,
          columns.value(fields, Role.Z) + sensor.thicknessUm() / 2,
          energy);
    }
  }

  private void pixel(String[] fields, double energy) {
    double x = columns.value(fields, Role.COLUMN);
    double y = columns.value(fields, Role.ROW);
    double time = columns.has(Role.TIME) ? columns.value(fields, Role.TIME) : 0;
    if (!onSensor(x, y)) {
      malformed(outside());
    } else if (!(Math.abs(time) < 1e15)) {
      malformed("pixel without a time");
    } else {
      tally.valid++;
      if (!filter.masked((int) x, (int) y)) {
        event.add((int) x, (int) y, (float) energy, filter.time(time, (float) energy));
      }
    }
  }

  private static double middle(Sensor sensor) {
    return sensor.pixels() * sensor.pitchUm() / 2;
  }

  private void label(String[] fields) {
    if (labelled || !columns.has(Role.PDG)) {
      return;
    }
    boolean first =
        columns.has(Role.PARENT)
            ? columns.value(fields, Role.PARENT) == 0
            : !columns.has(Role.TRACK) || columns.value(fields, Role.TRACK) == FIRST_TRACK;
    double pdg = columns.value(fields, Role.PDG);
    if (!first || pdg != (int) pdg) {
      return;
    }
    labelled = true;
    double middle = sensor == null ? Double.NaN : middle(sensor);
    event.primary(
        Truth.entering(
            (int) pdg,
            (float) (columns.value(fields, Role.KINETIC) / 1e3),
            Float.NaN,
            Float.NaN,
            (float) (columns.value(fields, Role.X) + middle),
            (float) (columns.value(fields, Role.Y) + middle)));
  }
}
