package org.pixelwake.timepix.io.cluster;

import org.pixelwake.timepix.io.file.ByteScanner;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.PixelFilter;
import org.pixelwake.timepix.io.file.Tally;

/// Reads the clusters of a text about a square sensor.
abstract class ClusterText implements ClusterFiles.Reader {
  /// Columns of one chip; a pixel beyond them is of a quad.
  static final int CHIP = 256;

  final ByteScanner in;
  final String file;
  final int side;
  final PixelFilter filter;
  final Tally tally;

  /// @param side columns and rows of the sensor
  ClusterText(FileTree.Entry entry, int side, PixelFilter filter, Tally tally) {
    this.in = new ByteScanner(entry, tally);
    this.file = entry.display();
    this.side = side;
    this.filter = filter;
    this.tally = tally;
  }

  /// Opens a text to look at its begin, without an account of what is wrong with it.
  static ByteScanner look(FileTree.Entry entry, String format) {
    return new ByteScanner(entry, new Tally(entry.display(), format, 1));
  }

  /// Whether two numbers are those of a pixel of the sensor.
  final boolean onSensor(double x, double y) {
    return x >= 0 && y >= 0 && x < side && y < side && x == (int) x && y == (int) y;
  }

  /// Says of a pixel that it is not on the sensor.
  final String outside() {
    return "pixel outside the " + side + " x " + side + " sensor";
  }

  @Override
  public void close() {
    in.close();
  }

  /// Looks at the hits `x y ToA energy` of a text.
  static final class HitLook {
    boolean whole = true;
    boolean quad;
    private boolean differ;
    private boolean several;
    private double last = Double.NaN;

    /// Begins a cluster.
    void cluster() {
      last = Double.NaN;
    }

    /// Takes a hit.
    void hit(double[] row) {
      whole &= row[3] == Math.rint(row[3]);
      quad |= row[0] >= CHIP || row[1] >= CHIP;
      several |= !Double.isNaN(last);
      differ |= !Double.isNaN(last) && last != row[2];
      last = row[2];
    }

    /// Whether hits of one cluster differ in time, or all clusters are of one hit.
    boolean timed() {
      return differ || !several;
    }
  }
}
