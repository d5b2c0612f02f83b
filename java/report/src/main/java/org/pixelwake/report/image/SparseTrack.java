package org.pixelwake.report.image;

/// The hits of a cluster, so compact that thousands travel in a page.
///
/// @param x columns, counted from the leftmost hit, 0 to 255
/// @param y rows, counted from the topmost hit, 0 to 255
/// @param energy of each hit, keV or another unit
public record SparseTrack(int[] x, int[] y, float[] energy) {
  private static final int LARGEST = 255;

  /// Copies the arrays.
  ///
  /// @throws IllegalArgumentException if lengths differ or a place is out of range
  public SparseTrack {
    x = x.clone();
    y = y.clone();
    energy = energy.clone();
    if (x.length != y.length || x.length != energy.length) {
      throw new IllegalArgumentException(
          x.length + " columns, " + y.length + " rows, " + energy.length + " energies");
    }
    for (int i = 0; i < x.length; i++) {
      if (x[i] < 0 || x[i] > LARGEST || y[i] < 0 || y[i] > LARGEST) {
        throw new IllegalArgumentException("hit at column " + x[i] + ", row " + y[i]);
      }
    }
  }

  /// Hits anywhere on a sensor, moved to their top left corner.
  public static SparseTrack anywhere(int[] x, int[] y, float[] energy) {
    return new SparseTrack(moved(x), moved(y), energy);
  }

  private static int[] moved(int[] values) {
    int least = Integer.MAX_VALUE;
    for (int value : values) {
      least = Math.min(least, value);
    }
    int[] result = values.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] -= least;
    }
    return result;
  }

  public int size() {
    return x.length;
  }
}
