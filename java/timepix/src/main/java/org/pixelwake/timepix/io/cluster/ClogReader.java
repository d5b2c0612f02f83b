package org.pixelwake.timepix.io.cluster;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.io.file.ByteScanner;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.SourceOpener;

/// A Pixelman cluster log: `Frame n (start s, exposure s)`, then a line of `[x, y, value]` or `[x,
/// y, value, fourth]` a cluster.
///
/// The fourth value is the time of arrival in ns where the file holds fractions there or nothing
/// but zeros, and a number of counts where it holds whole numbers; counts are not used.
final class ClogReader extends ClusterText {
  /// What the first hits of a file tell.
  ///
  /// @param timed whether the fourth value is a time
  /// @param counted whether the fourth value is a number of counts
  /// @param whole whether all row are whole numbers, so ToT in ticks
  /// @param quad whether a pixel is beyond 256 x 256
  record Probe(boolean timed, boolean counted, boolean whole, boolean quad) {}

  private static final int PROBE_HITS = 5000;
  private static final int MAX_HITS = 1 << 20;
  private static final Pattern HEADER =
      Pattern.compile(
          "Frame\\s+(\\d{1,18})\\s*\\(\\s*(-?\\d+(?:[.,]\\d+)?),\\s+(-?\\d+(?:[.,]\\d+)?)\\s*s?\\s*\\)\\s*");

  private final boolean timed;
  private long frame;
  private double start;
  private boolean frameOpen;
  private boolean frameEmpty;

  ClogReader(FileTree.Entry entry, int side, boolean timed, SourceOpener from) {
    super(entry, side, from);
    this.timed = timed;
  }

  static Probe probe(FileTree.Entry entry) {
    Look look = new Look();
    boolean fourth = false;
    boolean fraction = false;
    boolean nonZero = false;
    double[] v = new double[4];
    try (ByteScanner in = ByteScanner.look(entry, "clog")) {
      for (int hits = 0; hits < PROBE_HITS && in.peek() != ByteScanner.END; ) {
        if (in.peek() != '[') {
          in.take();
          continue;
        }
        int n = bracket(in, v);
        if (n < 3) {
          in.skipLine();
          continue;
        }
        hits++;
        look.hit(v[0], v[1], v[2]);
        if (n == 4) {
          fourth = true;
          fraction |= v[3] != Math.rint(v[3]);
          nonZero |= v[3] != 0;
        }
      }
    }
    boolean timed = fourth && (fraction || !nonZero);
    return new Probe(timed, fourth && !timed, look.whole, look.quad);
  }

  @Override
  public @Nullable Cluster read() {
    while (true) {
      switch (in.blank()) {
        case ByteScanner.END -> {
          endFrame();
          return null;
        }
        case '[' -> {
          Cluster cluster = cluster();
          if (cluster != null) {
            return cluster;
          }
        }
        case 'F' -> header();
        case '\n' -> in.take();
        default -> {
          tally.malformed("line that is neither Frame nor a cluster", file, "line " + in.line());
          in.skipLine();
        }
      }
    }
  }

  private void header() {
    String place = "line " + in.line();
    Matcher m = HEADER.matcher(in.restOfLine());
    if (!m.matches()) {
      tally.malformed("line that is neither Frame nor a cluster", file, place);
      return;
    }
    endFrame();
    frameOpen = true;
    frameEmpty = true;
    frame = Math.max(0, Long.parseLong(m.group(1)) - 1);
    start = ByteScanner.number(m.group(2)) * 1e9;
    double exposure = ByteScanner.number(m.group(3)) * 1e9;
    if (exposure > 0) {
      tally.exposure += exposure;
    }
    tally.frames++;
    tally.valid++;
  }

  private void endFrame() {
    if (frameOpen && frameEmpty) {
      tally.emptyFrames++;
    }
    frameOpen = false;
  }

  private @Nullable Cluster cluster() {
    String place = "line " + in.line();
    builder.clear();
    int masked = 0;
    int c = in.blank();
    while (c == '[') {
      int n = bracket(in, row);
      String problem = n < 3 ? "cluster that is not [x, y, value] ..." : problem();
      if (!problem.isEmpty()) {
        tally.malformed(problem, file, place);
        in.skipLine();
        return null;
      }
      int x = (int) row[0];
      int y = (int) row[1];
      if (filter.masked(x, y)) {
        masked++;
      } else {
        float energy = filter.energy(x, y, row[2]);
        builder.add(x, y, energy, timed && n == 4 ? filter.time(row[3], energy) : 0);
      }
      c = in.blank();
    }
    if (c != '\n' && c != ByteScanner.END) {
      tally.malformed("cluster that is not [x, y, value] ...", file, place);
      in.skipLine();
      return null;
    }
    tally.valid++;
    frameEmpty = false;
    if (builder.size() == 0) {
      tally.ignored("cluster of masked pixels only (" + masked + " hits)", file, place);
      return null;
    }
    return timed ? builder.build(frame) : builder.build(frame, start);
  }

  private String problem() {
    if (!onSensor(row[0], row[1])) {
      return "cluster with a " + outside();
    }
    if (builder.size() == MAX_HITS) {
      return "cluster of more than " + MAX_HITS + " hits";
    }
    return Double.isFinite(row[2]) && !Double.isNaN(row[3])
        ? ""
        : "cluster with a value that is not a number";
  }
}
