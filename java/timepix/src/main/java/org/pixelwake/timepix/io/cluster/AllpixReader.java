package org.pixelwake.timepix.io.cluster;

import java.util.Arrays;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.io.file.ByteScanner;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.SourceOpener;
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

  /// Objects of several lines, by how they begin.
  private enum Block {
    PIXEL_CHARGE("--- Pixel charge"),
    DEPOSIT("--- Deposited charge"),
    PARTICLE("--- Printing MCParticle"),
    TRACK("--- Printing MCTrack"),
    NONE("--- ");

    final String begin;

    Block(String begin) {
      this.begin = begin;
    }
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
  private static final String MM = "\\s*" + REAL + "\\s*mm";
  private static final Pattern POINT =
      Pattern.compile("Local (start|end) point:" + MM + " \\|" + MM + " \\|" + MM + "\\s*");
  private static final Pattern KINETIC =
      Pattern.compile("Initial kinetic energy:\\s*" + REAL + "\\s*MeV.*");

  private final Probe probe;
  private final double pitchUm;
  private final boolean signalIsTot;
  private boolean here;
  private Block block = Block.NONE;

  // The object of several lines that is being read; places in mm.
  private int x;
  private int y;
  private long charge;
  private boolean electrons;
  private int particle;
  private final double[] start = new double[3];
  private final double[] end = new double[3];
  private float kineticMeV;

  AllpixReader(
      FileTree.Entry entry,
      Probe probe,
      int side,
      @Nullable Sensor sensor,
      boolean signalIsTot,
      SourceOpener from) {
    super(entry, side, probe.timed(), sensor, from);
    this.probe = probe;
    this.signalIsTot = signalIsTot;
    this.pitchUm = Objects.requireNonNullElse(from.options.sensor(), Sensor.timepix3()).pitchUm();
  }

  static Probe probe(FileTree.Entry entry) {
    Kind best = null;
    String detector = "";
    String current = "";
    boolean quad = false;
    boolean timed = false;
    try (ByteScanner in = ByteScanner.look(entry, "allpix")) {
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
  void line(String line) {
    Matcher eventMark = EVENT.matcher(line);
    Matcher detector = DETECTOR.matcher(line);
    if (eventMark.matches()) {
      beginEvent(Long.parseLong(eventMark.group(1)));
      here = false;
      block = Block.NONE;
      tally.valid++;
    } else if (detector.matches()) {
      detector(detector.group(1));
    } else if (line.startsWith(Block.NONE.begin)) {
      begin(line);
    } else if (line.startsWith("PixelHit ")) {
      block = Block.NONE;
      pixelHit(line);
    } else if (inEvent && block != Block.NONE) {
      part(line);
    }
  }

  private void detector(String name) {
    here = name.equals(probe.detector());
    block = Block.NONE;
    if (!here && !name.equals("<global>")) {
      tally.notice("only the detector '" + probe.detector() + "' is read, not '" + name + "'");
    }
  }

  /// Begins an object. Tracks are of all detectors.
  private void begin(String line) {
    x = -1;
    charge = -1;
    electrons = false;
    kineticMeV = Float.NaN;
    particle = Truth.UNKNOWN_PARTICLE;
    start[0] = Double.NaN;
    end[0] = Double.NaN;
    Block begun =
        Stream.of(Block.values())
            .filter(known -> line.startsWith(known.begin))
            .findFirst()
            .orElse(Block.NONE);
    block = here || begun == Block.TRACK ? begun : Block.NONE;
  }

  private void pixelHit(String line) {
    Matcher m = HIT.matcher(line);
    if (!inEvent || !m.matches()) {
      malformed("line that is not PixelHit x, y, signal, time");
    } else if (here) {
      double time = m.group(4) == null ? 0 : ByteScanner.number(m.group(4));
      int column = Integer.parseInt(m.group(1));
      pixel(column, Integer.parseInt(m.group(2)), ByteScanner.number(m.group(3)), time);
    }
  }

  private void pixel(int column, int row, double signal, double time) {
    if (!onSensor(column, row)) {
      malformed(outside());
      return;
    }
    if (!(signal > 0 && signal < 1e12) || !(Math.abs(time) < 1e15)) {
      malformed("pixel without a signal or a time");
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
      malformed("the same pixel twice in an event");
    }
  }

  /// Takes a line of an object of several lines, whose last one ends it.
  private void part(String line) {
    switch (block) {
      case PIXEL_CHARGE -> pixelCharge(line);
      case DEPOSIT -> deposit(line);
      default -> particle(line);
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
    Matcher at = PLACE.matcher(line);
    if (line.startsWith("Type:")) {
      electrons = line.contains("\"e\"");
    } else if (amount.matches()) {
      charge = Long.parseLong(amount.group(1));
    } else if (line.startsWith("Local Position:")) {
      block = Block.NONE;
      if (!at.matches() || charge < 0) {
        malformed("deposited charge without its place or amount");
      } else if (electrons) {
        deposit(at);
      }
    }
  }

  /// Takes charge at a place that is told in mm.
  private void deposit(Matcher at) {
    double keV = charge * SimulatedEvent.PAIR_KEV;
    event.deposited(keV);
    if (sensor == null) {
      tally.valid++;
      return;
    }
    double half = sensor.pitchUm() / 2;
    deposit(
        sensor,
        1e3 * ByteScanner.number(at.group(1)) + half,
        1e3 * ByteScanner.number(at.group(2)) + half,
        1e3 * ByteScanner.number(at.group(3)) + sensor.thicknessUm() / 2,
        keV);
  }

  /// Takes a line of a particle or of a track. The track of a primary particle, which comes before
  /// or after the particle, tells the energy it set out with.
  private void particle(String line) {
    Matcher type = KIND.matcher(line);
    Matcher point = POINT.matcher(line);
    Matcher kinetic = KINETIC.matcher(line);
    if (type.matches()) {
      particle = Integer.parseInt(type.group(1));
    } else if (point.matches()) {
      double[] into = point.group(1).equals("start") ? start : end;
      Arrays.setAll(into, i -> ByteScanner.number(point.group(2 + i)));
    } else if (kinetic.matches()) {
      kineticMeV = (float) ByteScanner.number(kinetic.group(1));
    } else if (line.startsWith("Linked parent:")) {
      boolean track = block == Block.TRACK;
      block = Block.NONE;
      if (!line.contains("<nullptr>")) {
        return;
      }
      if (track) {
        event.track(particle, kineticMeV);
      } else {
        event.primary(entering());
      }
    }
  }

  private Truth entering() {
    double dx = end[0] - start[0];
    double dy = end[1] - start[1];
    double dz = end[2] - start[2];
    double length = Math.sqrt(dx * dx + dy * dy + dz * dz);
    double theta = length > 0 ? Math.acos(Math.clamp(dz / length, -1, 1)) : Double.NaN;
    double phi = length > 0 ? Math.atan2(dy, dx) : Double.NaN;
    return Truth.entering(
        particle,
        Float.NaN,
        (float) Math.toDegrees(theta),
        (float) Math.toDegrees(phi),
        (float) (1e3 * start[0] + pitchUm / 2),
        (float) (1e3 * start[1] + pitchUm / 2));
  }
}
