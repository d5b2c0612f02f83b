package org.pixelwake.timepix.io.cluster;

import org.pixelwake.timepix.ClusterBuilder;
import org.pixelwake.timepix.calibration.EnergyCalibration;
import org.pixelwake.timepix.io.file.ByteScanner;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.PixelFilter;
import org.pixelwake.timepix.io.file.SourceOpener;
import org.pixelwake.timepix.io.file.Tally;

/// Reads the clusters of a text about a square sensor.
abstract class ClusterText implements ClusterOpener.ClusterReader {
  /// Columns of one chip; a pixel beyond them is of a quad.
  static final int CHIP = 256;

  static final int MAX_HITS = 1 << 24;
  static final String TOO_LARGE = "cluster of more than " + MAX_HITS + " hits";

  final ByteScanner in;
  final String file;
  final int side;
  final PixelFilter filter;
  final Tally tally;

  /// Hits of the cluster that is being read.
  final ClusterBuilder builder = new ClusterBuilder();

  /// Numbers of the row, or of the hit, that was read last.
  final double[] row = new double[4];

  /// @param side columns and rows of the sensor
  ClusterText(FileTree.Entry entry, int side, SourceOpener from) {
    this.in = new ByteScanner(entry, from.tally);
    this.file = entry.display();
    this.side = side;
    this.filter = from.filter();
    this.tally = from.tally;
  }

  /// Whether two numbers are those of a pixel of the sensor.
  final boolean onSensor(double x, double y) {
    return x >= 0 && y >= 0 && x < side && y < side && x == (int) x && y == (int) y;
  }

  /// Says of a pixel that it is not on the sensor.
  final String outside() {
    return "pixel outside the " + side + " x " + side + " sensor";
  }

  /// Takes the row as a hit `x y ToA energy` of the cluster, unless it is malformed.
  ///
  /// @param count numbers of the row
  /// @param anyEnergy whether a hit is kept whatever its energy
  final void hit(int count, boolean anyEnergy) {
    String problem = problem(count, anyEnergy);
    if (!problem.isEmpty()) {
      tally.malformed(problem, file, in.rowPlace());
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

  private String problem(int count, boolean anyEnergy) {
    if (count != 4) {
      return "line that is not x, y, ToA, energy";
    }
    if (!onSensor(row[0], row[1])) {
      return outside();
    }
    if (!Double.isFinite(row[2]) || !(anyEnergy || (row[3] >= 0 && row[3] <= Float.MAX_VALUE))) {
      return "hit without a time" + (anyEnergy ? "" : " or an energy");
    }
    return builder.size() == MAX_HITS ? TOO_LARGE : "";
  }

  /// Reads `[a, b, c]` or `[a, b, c, d]` at the next byte; gives how many values, 0 where it is
  /// neither.
  static int bracket(ByteScanner in, double[] values) {
    in.take();
    values[3] = 0;
    for (int n = 0; n < 4; n++) {
      in.blank();
      values[n] = in.number();
      if (!in.numberOk()) {
        return 0;
      }
      int c = in.blank();
      if (c != ']' && c != ',') {
        return 0;
      }
      in.take();
      if (c == ']') {
        return n + 1;
      }
    }
    return 0;
  }

  @Override
  public void close() {
    in.close();
  }

  /// A look at the first hits of a text.
  static final class Look {
    boolean whole = true; // all energies are whole numbers, so ToT in ticks
    boolean quad; // a pixel is beyond 256 x 256
    boolean marks; // there are lines #
    private boolean differ;
    private boolean several;
    private double last = Double.NaN;

    /// Begins a cluster.
    void cluster() {
      last = Double.NaN;
    }

    /// Takes a hit `x y ToA energy`.
    void hit(double[] row) {
      hit(row[0], row[1], row[3]);
      several |= !Double.isNaN(last);
      differ |= !Double.isNaN(last) && last != row[2];
      last = row[2];
    }

    /// Takes a pixel and its energy.
    void hit(double x, double y, double energy) {
      whole &= energy == Math.rint(energy);
      quad |= x >= CHIP || y >= CHIP;
    }

    /// Whether hits of one cluster differ in time, or all clusters are of one hit.
    boolean timed() {
      return differ || !several;
    }
  }
}
