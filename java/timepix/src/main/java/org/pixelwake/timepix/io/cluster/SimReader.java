package org.pixelwake.timepix.io.cluster;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.ClusterBuilder;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.io.file.ByteScanner;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.PixelFilter;
import org.pixelwake.timepix.io.file.Tally;

/// Labelled clusters of a `_sim.txt`, the text format of TPX3-Functions: a header
/// `ParticleType=11,Size=3,Energy=1.5,Theta=0.2,Phi=1.1` (number of the Particle Data Group, hits,
/// MeV, radians; -1 for what is not known), then a line `x y ToA[ns] energy[keV]` a hit.
final class SimReader extends ClusterText {
  /// What the first hits tell.
  ///
  /// @param quad whether a pixel is beyond 256 x 256
  /// @param timed whether hits of one cluster differ in time, or all clusters are of one hit
  record Probe(boolean quad, boolean timed) {}

  private static final int PROBE_HITS = 20_000;
  private static final int MAX_HITS = 1 << 24;
  private static final String NUMBER = "([-+]?\\d[-+.\\deE]{0,30}|[-+]?nan)";
  private static final Pattern HEADER =
      Pattern.compile(
          "ParticleType=(-?\\d{1,10}),\\s*Size=(\\d{1,9}),\\s*Energy="
              + NUMBER
              + ",\\s*Theta="
              + NUMBER
              + ",\\s*Phi="
              + NUMBER
              + "\\s*");

  private final ClusterBuilder builder = new ClusterBuilder();
  private final double[] row = new double[4];
  private @Nullable Truth truth;
  private String place = "";
  private long expected;
  private long lines;
  private boolean open;

  SimReader(FileTree.Entry entry, int side, PixelFilter filter, Tally tally) {
    super(entry, side, filter, tally);
  }

  static Probe probe(FileTree.Entry entry) {
    HitLook look = new HitLook();
    double[] v = new double[4];
    try (ByteScanner in = look(entry, "sim")) {
      int count = 0;
      for (int rows = 0; rows < PROBE_HITS && count != ByteScanner.END; rows++) {
        if (in.blank() == 'P') {
          in.skipLine();
          look.cluster();
          continue;
        }
        count = in.row(v, false);
        if (count == 4) {
          look.hit(v);
        }
      }
    }
    return new Probe(look.quad, look.timed());
  }

  @Override
  public @Nullable Cluster read() {
    while (true) {
      Cluster cluster = null;
      if (in.blank() == 'P') {
        cluster = finish();
        begin();
      } else {
        int count = in.row(row, false);
        if (count == ByteScanner.END) {
          return finish();
        }
        if (count != 0) {
          hit(count);
        }
      }
      if (cluster != null) {
        return cluster;
      }
    }
  }

  private void begin() {
    place = "line " + in.line();
    Matcher m = HEADER.matcher(in.restOfLine());
    open = m.matches();
    if (!open) {
      tally.malformed("header that is not ParticleType, Size, Energy, Theta, Phi", file, place);
      return;
    }
    expected = Long.parseLong(m.group(2));
    lines = 0;
    truth = truth(m);
  }

  private static @Nullable Truth truth(Matcher m) {
    long type = Long.parseLong(m.group(1));
    int particle = type == -1 || type != (int) type ? Truth.UNKNOWN_PARTICLE : (int) type;
    double energy = ByteScanner.number(m.group(3));
    double theta = ByteScanner.number(m.group(4));
    double phi = ByteScanner.number(m.group(5));
    float nan = Float.NaN;
    boolean angles = theta >= 0 && Double.isFinite(phi);
    if (particle == Truth.UNKNOWN_PARTICLE && !(energy >= 0) && !angles) {
      return null;
    }
    return Truth.entering(
        particle,
        energy >= 0 ? (float) energy : nan,
        angles ? (float) Math.toDegrees(theta) : nan,
        angles ? (float) Math.toDegrees(phi) : nan,
        nan,
        nan);
  }

  private void hit(int count) {
    lines++;
    if (!open) {
      tally.malformed("hit without the header of its cluster", file, in.rowPlace());
      return;
    }
    if (count != 4) {
      tally.malformed("line that is not x, y, ToA, energy", file, in.rowPlace());
      return;
    }
    if (!onSensor(row[0], row[1])) {
      tally.malformed(outside(), file, in.rowPlace());
      return;
    }
    if (!Double.isFinite(row[2]) || !(row[3] >= 0 && row[3] <= Float.MAX_VALUE)) {
      tally.malformed("hit without a time or an energy", file, in.rowPlace());
      return;
    }
    if (builder.size() == MAX_HITS) {
      tally.malformed("cluster of more than " + MAX_HITS + " hits", file, in.rowPlace());
      return;
    }
    tally.valid++;
    int x = (int) row[0];
    int y = (int) row[1];
    if (!filter.masked(x, y)) {
      float energy = (float) row[3];
      builder.add(x, y, energy, filter.time(row[2], energy));
    }
  }

  private @Nullable Cluster finish() {
    boolean was = open;
    open = false;
    if (was && lines != expected) {
      tally.malformed("cluster whose hits are not as many as its header says", file, place);
    }
    if (builder.size() == 0) {
      return null;
    }
    Cluster cluster = builder.build(0);
    return truth == null ? cluster : cluster.withTruth(truth);
  }
}
