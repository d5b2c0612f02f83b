package org.pixelwake.timepix.io.cluster;

import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.ClusterBuilder;
import org.pixelwake.timepix.calibration.EnergyCalibration;
import org.pixelwake.timepix.io.file.ByteScanner;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.PixelFilter;
import org.pixelwake.timepix.io.file.Tally;

/// The clusters of an MM triplet, read from its file of hits. Clusters end at a line `#`; one
/// before the first cluster is passed. The counts of the `_cl.txt` are compared, and part the
/// clusters where the file of hits has no `#` at all.
final class MmReader extends ClusterText {
  /// What the first hits tell.
  ///
  /// @param whole whether all energies are whole numbers, so ToT in ticks
  /// @param quad whether a pixel is beyond 256 x 256
  /// @param timed whether hits of one cluster differ in time, or all clusters are of one hit
  /// @param marks whether there are lines `#`
  record Probe(boolean whole, boolean quad, boolean timed, boolean marks) {}

  private static final int PROBE_HITS = 20_000;
  private static final int MAX_HITS = 1 << 24;

  private final @Nullable ByteScanner cl;
  private final String clFile;
  private final Probe probe;
  private final ClusterBuilder builder = new ClusterBuilder();
  private final double[] row = new double[4];
  private final double[] clRow = new double[4];
  private long expected;
  private long inCluster;
  private boolean ended;

  MmReader(MmFiles files, int side, Probe probe, PixelFilter filter, Tally tally) {
    super(files.px(), side, filter, tally);
    FileTree.Entry clusters = files.cl();
    this.cl = clusters == null ? null : new ByteScanner(clusters, tally);
    this.clFile = clusters == null ? "" : clusters.display();
    this.probe = probe;
    if (clusters == null) {
      tally.notice("no file of clusters (_cl.txt): clusters parted by the lines # alone");
    }
    expected = expect();
  }

  static Probe probe(MmFiles files) {
    boolean marks = false;
    HitLook look = new HitLook();
    double[] v = new double[4];
    try (ByteScanner in = look(files.px(), "mm")) {
      for (int hits = 0; hits < PROBE_HITS; ) {
        if (in.blank() == '#') {
          in.skipLine();
          marks = true;
          look.cluster();
          continue;
        }
        int n = in.row(v, false);
        if (n == ByteScanner.END) {
          break;
        }
        if (n == 4) {
          look.hit(v);
        }
        hits += n == 4 || n == ByteScanner.MALFORMED ? 1 : 0;
      }
    }
    return new Probe(look.whole, look.quad, look.timed(), marks);
  }

  @Override
  public @Nullable Cluster read() {
    while (!ended) {
      Cluster cluster = null;
      if (in.blank() == '#') {
        in.skipLine();
        cluster = inCluster > 0 ? finish() : null;
      } else {
        int count = in.row(row, false);
        if (count == ByteScanner.END) {
          ended = true;
          cluster = inCluster > 0 ? finish() : null;
          if (cl != null && expected > 0) {
            tally.malformed("clusters of _cl.txt without hits in _px.txt", clFile, cl.rowPlace());
          }
        } else if (count != 0) {
          hit(count);
          boolean whole = !probe.marks() && cl != null && inCluster == expected;
          cluster = whole || inCluster >= MAX_HITS ? finish() : null;
        }
      }
      if (cluster != null) {
        return cluster;
      }
    }
    return null;
  }

  private void hit(int count) {
    inCluster++;
    if (count != 4) {
      tally.malformed("line that is not x, y, ToA, energy", file, in.rowPlace());
      return;
    }
    if (!onSensor(row[0], row[1])) {
      tally.malformed(outside(), file, in.rowPlace());
      return;
    }
    if (!Double.isFinite(row[2])) {
      tally.malformed("hit without a time", file, in.rowPlace());
      return;
    }
    tally.valid++;
    int x = (int) row[0];
    int y = (int) row[1];
    if (filter.masked(x, y)) {
      return;
    }
    float energy = filter.energy(x, y, row[3]);
    if (!Float.isFinite(energy)) {
      tally.invalidEnergies++;
      energy = EnergyCalibration.INVALID_KEV;
    }
    builder.add(x, y, energy, filter.time(row[2], energy));
  }

  private @Nullable Cluster finish() {
    if (cl != null && inCluster != expected) {
      tally.malformed("cluster whose hits are not as many as _cl.txt says", file, in.rowPlace());
    }
    inCluster = 0;
    expected = expect();
    return builder.size() > 0 ? builder.build(0) : null;
  }

  /// Hits of the next cluster as the `_cl.txt` says, 0 at its end.
  private long expect() {
    if (cl == null) {
      return 0;
    }
    while (true) {
      if (cl.blank() == '#') {
        cl.skipLine();
        continue;
      }
      int count = cl.row(clRow, false);
      if (count == ByteScanner.END) {
        return 0;
      }
      if (count == 4 && clRow[1] >= 1 && clRow[1] < 1e9) {
        return (long) clRow[1];
      }
      if (count != 0) {
        tally.malformed("line that is not time, hits, line, byte", clFile, cl.rowPlace());
        return -1;
      }
    }
  }

  @Override
  public void close() {
    super.close();
    if (cl != null) {
      cl.close();
    }
  }
}
