package org.pixelwake.timepix.io.cluster;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.io.file.ByteScanner;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.SourceOpener;

/// Cluster lists of ADVACAM's DPE (`.clist`): a line of names of columns and one of units,
/// separated by tabs, then a line a cluster. Read are its time (`T`, ns) and its hits
/// (`ClusterPixels`: `[x, y, energy, ns after T]...`); the other columns are features that are
/// found from these.
public final class ClistReader extends ClusterText {
  /// The column by which such a list is known.
  public static final String PIXELS = "ClusterPixels";

  private static final String TIME = "T";
  private static final String ENERGY = "E";
  private static final int PROBE_LINES = 1000;

  /// What the first lines tell.
  ///
  /// @param time number of the column of times
  /// @param pixels number of the column of hits
  /// @param kev whether energies are in keV, not ToT
  /// @param quad whether a pixel is beyond 256 x 256
  record Header(int time, int pixels, boolean kev, boolean quad) {}

  private final Header header;
  private double time;

  ClistReader(FileTree.Entry entry, Header header, int side, SourceOpener from) {
    super(entry, side, from);
    this.header = header;
    in.skipLine();
    in.skipLine();
  }

  /// @throws InputException where columns are missing
  static Header header(FileTree.Entry entry) {
    try (ByteScanner in = ByteScanner.look(entry, "clist")) {
      List<String> names = Arrays.asList(in.restOfLine().split("\t"));
      List<String> units = Arrays.asList(in.restOfLine().split("\t"));
      int time = names.indexOf(TIME);
      int pixels = names.indexOf(PIXELS);
      int energy = names.indexOf(ENERGY);
      boolean kev = energy >= 0 && energy < units.size() && units.get(energy).equals("keV");
      if (time < 0 || pixels < time) {
        throw new InputException(
            entry.display(),
            "line 1",
            "there is no column T before a column ClusterPixels",
            "Export the list with both");
      }
      Look look = new Look();
      double[] hit = new double[4];
      for (int line = 0; line < PROBE_LINES && in.peek() != ByteScanner.END; line++) {
        pass(in, pixels);
        while (in.blank() == '[' && bracket(in, hit) > 0) {
          look.hit(hit[0], hit[1], hit[2]);
        }
        in.skipLine();
      }
      return new Header(time, pixels, kev, look.quad);
    }
  }

  /// Passes so many columns.
  private static void pass(ByteScanner in, int columns) {
    for (int left = columns; left > 0 && in.peek() != '\n' && in.peek() != ByteScanner.END; ) {
      left -= in.take() == '\t' ? 1 : 0;
    }
  }

  @Override
  public @Nullable Cluster read() {
    while (in.blank() != ByteScanner.END) {
      if (in.peek() == '\n') {
        in.take();
        continue;
      }
      String place = "line " + in.line();
      builder.clear();
      String problem = line();
      in.skipLine();
      if (!problem.isEmpty()) {
        tally.malformed(problem, file, place);
      } else if (builder.size() == 0) {
        tally.ignored("cluster of masked pixels only", file, place);
      } else {
        return builder.build(0);
      }
    }
    return null;
  }

  /// Reads a line up to its end; what is wrong with it, or nothing.
  private String line() {
    pass(in, header.time);
    time = in.number();
    if (!in.numberOk() || !Double.isFinite(time)) {
      return "cluster without a time";
    }
    pass(in, header.pixels - header.time);
    if (in.peek() != '[') {
      return "cluster without hits";
    }
    for (int c = in.blank(); c == '['; c = in.blank()) {
      String problem = bracket(in, row) < 4 ? "hit that is not [x, y, E, t]" : hit();
      if (!problem.isEmpty()) {
        return problem;
      }
    }
    tally.valid++;
    return "";
  }

  private String hit() {
    if (!onSensor(row[0], row[1])) {
      return "cluster with a " + outside();
    }
    if (!(row[2] >= 0 && row[2] <= Float.MAX_VALUE) || !Double.isFinite(row[3])) {
      return "cluster with a hit without an energy or a time";
    }
    if (builder.size() == MAX_HITS) {
      return TOO_LARGE;
    }
    int x = (int) row[0];
    int y = (int) row[1];
    if (!filter.masked(x, y)) {
      float energy = header.kev ? (float) row[2] : filter.energy(x, y, row[2]);
      builder.add(x, y, energy, filter.time(time + row[3], energy));
    }
    return "";
  }
}
