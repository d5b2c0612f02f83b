package org.pixelwake.timepix.io.cluster;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.io.file.ByteScanner;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.PixelFilter;
import org.pixelwake.timepix.io.file.Tally;
import org.pixelwake.timepix.sensor.Sensor;

/// Clusters of the text that the module `[TextWriter]` of Allpix Squared writes: events `=== 1 ===`
/// with the objects of each detector `--- name ---`.
///
/// Hits are the lines `PixelHit x, y, signal, time...`, with the signal in electrons (or in ToT,
/// where a calibration is given) and the local time in ns. A file without them is read from its
/// PixelCharge, or else from its DepositedCharge by the response of a sensor: of these the
/// electrons count, as each comes with its hole. Local coordinates of Allpix Squared begin in the
/// middle of pixel 0, 0 and of the sensor's thickness, and go towards the readout.
///
/// The truth is the primary MCParticle of the event (with an MCTrack its energy), where there is
/// one; the objects do not tell which particle a hit is of.
final class AllpixReader extends SimulatedText {
  /// Objects that clusters can be made of, the best one first.
  enum Kind {
    PIXEL_HIT("PixelHit"),
    PIXEL_CHARGE("PixelCharge"),
    DEPOSITED_CHARGE("DepositedCharge");

    final String title;

    Kind(String title) {
      this.title = title;
    }
  }

  /// What a look at the file tells.
  ///
  /// @param object what to make clusters of; null where the file has none of them
  /// @param detector name of the first detector with such objects
  /// @param quad whether a pixel is beyond 256 x 256
  /// @param timed whether pixels have times
  record Probe(@Nullable Kind object, String detector, boolean quad, boolean timed) {}

  private enum Block {
    NONE,
    PIXEL_CHARGE,
    DEPOSIT,
    PARTICLE,
    TRACK
  }

  private static final int PROBE_LINES = 200_000;
  private static final String REAL = "([-+]?[0-9.]+(?:[eE][-+]?\\d+)?)";
  private static final Pattern EVENT = Pattern.compile("=== (\\d{1,18}) ===\\s*");
  private static final Pattern DETECTOR = Pattern.compile("--- (?!Printing )(\\S.*?) ---\\s*");
  private static final Pattern HIT =
      Pattern.compile(
          "PixelHit (-?\\d{1,9}), (-?\\d{1,9}), " + REAL + "(?:, " + REAL + ")?(?:, .*)?\\s*");
  private static final Pattern PIXEL =
      Pattern.compile("Pixel: \\((-?\\d{1,9}), (-?\\d{1,9})\\)\\s*");
  private static final Pattern CHARGE = Pattern.compile("Charge: (\\d{1,12}) e\\s*");
  private static final Pattern PLACE =
      Pattern.compile("Local Position: \\(" + REAL + ", " + REAL + ", " + REAL + "\\) mm\\s*");
  private static final Pattern KIND =
      Pattern.compile("Particle type \\(PDG ID\\):\\s*(-?\\d{1,10})\\s*");
  private static final Pattern POINT =
      Pattern.compile(
          "Local (start|end) point:\\s*"
              + REAL
              + "\\s*mm \\|\\s*"
              + REAL
              + "\\s*mm \\|\\s*"
              + REAL
              + "\\s*mm\\s*");
  private static final Pattern KINETIC =
      Pattern.compile("Initial kinetic energy:\\s*" + REAL + "\\s*MeV.*");

  private final Probe probe;
  private final double pitchUm;
  private final boolean signalIsTot;
  private boolean inEvent;
  private boolean here;
  private boolean global;
  private Block block = Block.NONE;
  private String place = "";

  // The object of several lines that is being read.
  private int x = -1;
  private int y = -1;
  private long charge;
  private boolean electrons;
  private int particle;
  private final double[] start = new double[3];
  private final double[] end = new double[3];
  private float kineticMeV;

  /// @param pitchUm pitch of the pixels, for where particles come in
  AllpixReader(
      FileTree.Entry entry,
      Probe probe,
      int side,
      double pitchUm,
      @Nullable Sensor sensor,
      boolean signalIsTot,
      PixelFilter filter,
      Tally tally) {
    super(entry, side, probe.timed(), sensor, filter, tally);
    this.probe = probe;
    this.pitchUm = pitchUm;
    this.signalIsTot = signalIsTot;
  }

  static Probe probe(FileTree.Entry entry) {
    Kind best = null;
    String detector = "";
    String current = "";
    boolean quad = false;
    boolean timed = false;
    try (ByteScanner in = look(entry, "allpix")) {
      for (int i = 0; i < PROBE_LINES && in.peek() != ByteScanner.END; i++) {
        String line = in.restOfLine();
        Matcher marker = DETECTOR.matcher(line);
        Matcher hit = HIT.matcher(line);
        Matcher pixel = PIXEL.matcher(line);
        Kind found = null;
        if (marker.matches()) {
          current = marker.group(1);
        } else if (hit.matches()) {
          found = Kind.PIXEL_HIT;
          quad |= beyond(hit);
          timed |= hit.group(4) != null && ByteScanner.number(hit.group(4)) != 0;
        } else if (pixel.matches()) {
          found = Kind.PIXEL_CHARGE;
          quad |= beyond(pixel);
        } else if (line.startsWith("--- Deposited charge")) {
          found = Kind.DEPOSITED_CHARGE;
        }
        if (found != null && (best == null || found.compareTo(best) < 0)) {
          best = found;
          detector = current;
        }
      }
    }
    return new Probe(best, detector, quad, timed);
  }

  private static boolean beyond(Matcher pixel) {
    return Integer.parseInt(pixel.group(1)) >= CHIP || Integer.parseInt(pixel.group(2)) >= CHIP;
  }

  @Override
  void line(String line, String at) {
    place = at;
    if (line.startsWith("=== ")) {
      Matcher m = EVENT.matcher(line);
      if (m.matches()) {
        endEvent();
        inEvent = true;
        here = false;
        event.begin(Long.parseLong(m.group(1)));
        tally.valid++;
        return;
      }
    }
    if (line.startsWith("--- ") && marker(line)) {
      return;
    }
    if (line.startsWith("PixelHit ")) {
      block = Block.NONE;
      pixelHit(line);
    } else if (inEvent && block != Block.NONE) {
      part(line);
    }
  }

  @Override
  void endEvent() {
    if (inEvent) {
      finishEvent();
    }
    inEvent = false;
    block = Block.NONE;
  }

  private boolean marker(String line) {
    Matcher m = DETECTOR.matcher(line);
    if (m.matches()) {
      global = m.group(1).equals("<global>");
      here = m.group(1).equals(probe.detector());
      block = Block.NONE;
      if (!here && !global) {
        tally.notice(
            "only the detector '" + probe.detector() + "' is read, not '" + m.group(1) + "'");
      }
      return true;
    }
    x = -1;
    charge = -1;
    electrons = false;
    kineticMeV = Float.NaN;
    particle = Truth.UNKNOWN_PARTICLE;
    start[0] = Double.NaN;
    end[0] = Double.NaN;
    if (line.startsWith("--- Pixel charge")) {
      block = here ? Block.PIXEL_CHARGE : Block.NONE;
    } else if (line.startsWith("--- Deposited charge")) {
      block = here ? Block.DEPOSIT : Block.NONE;
    } else if (line.startsWith("--- Printing MCParticle")) {
      block = here ? Block.PARTICLE : Block.NONE;
    } else if (line.startsWith("--- Printing MCTrack")) {
      block = Block.TRACK;
    } else {
      block = Block.NONE;
    }
    return true;
  }

  private void pixelHit(String line) {
    Matcher m = HIT.matcher(line);
    if (!inEvent || !m.matches()) {
      tally.malformed("line that is not PixelHit x, y, signal, time", file, place);
    } else if (here) {
      double time = m.group(4) == null ? 0 : ByteScanner.number(m.group(4));
      pixel(
          Integer.parseInt(m.group(1)),
          Integer.parseInt(m.group(2)),
          ByteScanner.number(m.group(3)),
          time);
    }
  }

  private void pixel(int column, int row, double signal, double time) {
    if (!onSensor(column, row)) {
      tally.malformed(outside(), file, place);
      return;
    }
    if (!(signal > 0 && signal < 1e12) || !(Math.abs(time) < 1e15)) {
      tally.malformed("pixel without a signal or a time", file, place);
      return;
    }
    tally.valid++;
    if (filter.masked(column, row)) {
      return;
    }
    float energy =
        signalIsTot
            ? filter.energy(column, row, signal)
            : (float) (signal * SimulatedEvent.PAIR_KEV);
    if (!event.hit(column, row, energy, filter.time(time, energy))) {
      tally.malformed("the same pixel twice in an event", file, place);
    }
  }

  /// A line of an object of several lines.
  private void part(String line) {
    switch (block) {
      case PIXEL_CHARGE -> pixelCharge(line);
      case DEPOSIT -> deposit(line);
      case PARTICLE -> particle(line);
      case TRACK -> track(line);
      case NONE -> {}
    }
  }

  private void pixelCharge(String line) {
    Matcher pixel = PIXEL.matcher(line);
    Matcher amount = CHARGE.matcher(line);
    if (pixel.matches()) {
      x = Integer.parseInt(pixel.group(1));
      y = Integer.parseInt(pixel.group(2));
    } else if (amount.matches()) {
      long e = Long.parseLong(amount.group(1));
      event.collected(e * SimulatedEvent.PAIR_KEV);
      if (probe.object() == Kind.PIXEL_CHARGE && e > 0) {
        pixel(x, y, (double) e, 0);
      }
      block = Block.NONE;
    }
  }

  private void deposit(String line) {
    Matcher amount = CHARGE.matcher(line);
    if (line.startsWith("Type:")) {
      electrons = line.contains("\"e\"");
    } else if (amount.matches()) {
      charge = Long.parseLong(amount.group(1));
    } else if (line.startsWith("Local Position:")) {
      Matcher at = PLACE.matcher(line);
      block = Block.NONE;
      if (!at.matches() || charge < 0) {
        tally.malformed("deposited charge without its place or amount", file, place);
      } else if (electrons) {
        deposit(
            1e3 * ByteScanner.number(at.group(1)),
            1e3 * ByteScanner.number(at.group(2)),
            1e3 * ByteScanner.number(at.group(3)));
      }
    }
  }

  private void deposit(double atX, double atY, double atZ) {
    double keV = charge * SimulatedEvent.PAIR_KEV;
    event.deposited(keV);
    Sensor into = sensor;
    if (into == null) {
      tally.valid++;
      return;
    }
    double half = into.pitchUm() / 2;
    deposit(into, atX + half, atY + half, atZ + into.thicknessUm() / 2, keV, place);
  }

  private void particle(String line) {
    Matcher type = KIND.matcher(line);
    Matcher point = POINT.matcher(line);
    if (type.matches()) {
      particle = Integer.parseInt(type.group(1));
    } else if (point.matches()) {
      double[] into = point.group(1).equals("start") ? start : end;
      for (int i = 0; i < 3; i++) {
        into[i] = ByteScanner.number(point.group(2 + i));
      }
    } else if (line.startsWith("Linked parent:")) {
      block = Block.NONE;
      if (line.contains("<nullptr>")) {
        event.primary(entering());
      }
    }
  }

  private Truth entering() {
    double dx = end[0] - start[0];
    double dy = end[1] - start[1];
    double dz = end[2] - start[2];
    double length = Math.sqrt(dx * dx + dy * dy + dz * dz);
    boolean moves = length > 0;
    return Truth.entering(
        particle,
        Float.NaN,
        moves ? (float) Math.toDegrees(Math.acos(Math.clamp(dz / length, -1, 1))) : Float.NaN,
        moves ? (float) Math.toDegrees(Math.atan2(dy, dx)) : Float.NaN,
        (float) (1e3 * start[0] + pitchUm / 2),
        (float) (1e3 * start[1] + pitchUm / 2));
  }

  /// The track of a primary particle tells the energy it set out with. Tracks are of all detectors,
  /// and written before or after the particles.
  private void track(String line) {
    Matcher type = KIND.matcher(line);
    Matcher kinetic = KINETIC.matcher(line);
    if (type.matches()) {
      particle = Integer.parseInt(type.group(1));
    } else if (kinetic.matches()) {
      kineticMeV = (float) ByteScanner.number(kinetic.group(1));
    } else if (line.startsWith("Linked parent:")) {
      block = Block.NONE;
      if (line.contains("<nullptr>")) {
        event.track(particle, kineticMeV);
      }
    }
  }
}
