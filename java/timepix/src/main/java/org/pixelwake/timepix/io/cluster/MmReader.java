package org.pixelwake.timepix.io.cluster;

import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.io.file.ByteScanner;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.SourceOpener;

/// The clusters of an MM triplet, read from its file of hits. Clusters end at a line `#`; one
/// before the first cluster is passed. The counts of the `_cl.txt` are compared, and part the
/// clusters where the file of hits has no `#` at all.
final class MmReader extends ClusterText {
  private static final int PROBE_HITS = 20_000;

  private final @Nullable ByteScanner cl;
  private final String clFile;
  private final boolean marks;
  private final double[] clRow = new double[4];
  private long expected;
  private long inCluster;
  private boolean ended;

  MmReader(MmFiles files, int side, SourceOpener from) {
    super(files.px(), side, from);
    FileTree.Entry clusters = files.cl();
    this.cl = clusters == null ? null : new ByteScanner(clusters, tally);
    this.clFile = clusters == null ? "" : clusters.display();
    this.marks = look(files).marks;
    if (clusters == null) {
      tally.notice("no file of clusters (_cl.txt): clusters parted by the lines # alone");
    }
    expected = expect();
  }

  static Look look(MmFiles files) {
    Look look = new Look();
    double[] v = new double[4];
    try (ByteScanner in = ByteScanner.look(files.px(), "mm")) {
      for (int hits = 0; hits < PROBE_HITS && in.peek() != ByteScanner.END; ) {
        if (in.blank() == '#') {
          in.skipLine();
          look.marks = true;
          look.cluster();
          continue;
        }
        int n = in.row(v, false);
        if (n == 4) {
          look.hit(v);
        }
        hits += n == 4 || n == ByteScanner.MALFORMED ? 1 : 0;
      }
    }
    return look;
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
          inCluster++;
          hit(count, true);
          boolean whole = !marks && cl != null && inCluster == expected;
          cluster = whole || inCluster >= MAX_HITS ? finish() : null;
        }
      }
      if (cluster != null) {
        return cluster;
      }
    }
    return null;
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
    int count = cl.data(clRow, "#");
    if (count == ByteScanner.END) {
      return 0;
    }
    if (count == 4 && clRow[1] >= 1 && clRow[1] < 1e9) {
      return (long) clRow[1];
    }
    tally.malformed("line that is not time, hits, line, byte", clFile, cl.rowPlace());
    return -1;
  }

  @Override
  public void close() {
    super.close();
    if (cl != null) {
      cl.close();
    }
  }
}
