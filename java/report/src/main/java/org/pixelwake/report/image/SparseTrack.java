package org.pixelwake.report.image;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.pixelwake.report.page.Arguments;

/// The hits of a cluster, so compact that thousands travel in a page.
///
/// @param x columns, counted from the leftmost hit, 0 to 255
/// @param y rows, counted from the topmost hit, 0 to 255
/// @param energy of each hit, keV or another unit
public record SparseTrack(int[] x, int[] y, float[] energy) {
  private static final int LARGEST = 255;

  /// @throws IllegalArgumentException if lengths differ or a place is out of range
  public SparseTrack {
    Arguments.check(
        x.length == y.length && x.length == energy.length,
        "%d columns, %d rows, %d energies",
        x.length,
        y.length,
        energy.length);
    IntStream places = IntStream.concat(Arrays.stream(x), Arrays.stream(y));
    boolean near = places.allMatch(place -> place >= 0 && place <= LARGEST);
    Arguments.check(near, "a hit outside of columns and rows 0 to %d", LARGEST);
  }

  /// Hits anywhere on a sensor, moved to their top left corner.
  public static SparseTrack anywhere(int[] x, int[] y, float[] energy) {
    return new SparseTrack(moved(x), moved(y), energy);
  }

  private static int[] moved(int[] values) {
    int least = Arrays.stream(values).min().orElse(0);
    return Arrays.stream(values).map(value -> value - least).toArray();
  }

  public int size() {
    return x.length;
  }
}
