package org.pixelwake.timepix.io.cluster;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.io.file.ByteScanner;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.SourceOpener;

/// Labelled clusters of a `_sim.txt`, the text format of TPX3-Functions: a header
/// `ParticleType=11,Size=3,Energy=1.5,Theta=0.2,Phi=1.1` (number of the Particle Data Group, hits,
/// MeV, radians; -1 for what is not known), then a line `x y ToA[ns] energy[keV]` a hit.
final class SimReader extends ClusterText {
  private static final int PROBE_HITS = 20_000;
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

  private @Nullable Truth truth;
  private String place = "";
  private long expected;
  private long lines;
  private boolean open;

  SimReader(FileTree.Entry entry, int side, SourceOpener from) {
    super(entry, side, from);
  }

  static Look look(FileTree.Entry entry) {
    Look look = new Look();
    double[] v = new double[4];
    try (ByteScanner in = ByteScanner.look(entry, "sim")) {
      for (int rows = 0; rows < PROBE_HITS && in.peek() != ByteScanner.END; rows++) {
        if (in.blank() == 'P') {
          in.skipLine();
          look.cluster();
        } else if (in.row(v, false) == 4) {
          look.hit(v);
        }
      }
    }
    return look;
  }

  @Override
  public @Nullable Cluster read() {
    while (true) {
      if (in.blank() == 'P') {
        Cluster cluster = finish();
        begin();
        if (cluster != null) {
          return cluster;
        }
        continue;
      }
      int count = in.row(row, false);
      if (count == ByteScanner.END) {
        return finish();
      }
      if (count == 0) {
        continue;
      }
      lines++;
      if (open) {
        hit(count, false);
      } else {
        tally.malformed("hit without the header of its cluster", file, in.rowPlace());
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
    boolean angles = theta >= 0 && Double.isFinite(phi);
    if (particle == Truth.UNKNOWN_PARTICLE && !(energy >= 0) && !angles) {
      return null;
    }
    float nan = Float.NaN;
    float thetaDegrees = angles ? (float) Math.toDegrees(theta) : nan;
    float phiDegrees = angles ? (float) Math.toDegrees(phi) : nan;
    float energyMeV = energy >= 0 ? (float) energy : nan;
    return Truth.entering(particle, energyMeV, thetaDegrees, phiDegrees, nan, nan);
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
