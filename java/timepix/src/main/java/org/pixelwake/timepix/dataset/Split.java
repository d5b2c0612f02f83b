package org.pixelwake.timepix.dataset;

import java.util.Arrays;
import java.util.Locale;
import org.pixelwake.engine.InputException;
import org.pixelwake.engine.Philox;

/// Divides a data set into clusters to train on and clusters held out.
///
/// A unit (cluster, frame or source) is held out where the uniform draw of (seed, unit) is below
/// the fraction: the choice of one unit does not depend on the others, so a data set that grows at
/// its end keeps its division. The number held out is near the fraction, not equal to it.
///
/// @param heldOut fraction held out, from 0 to below 1
/// @param unit what is kept together
/// @param seed of the choice
public record Split(double heldOut, Unit unit, long seed) {
  /// "split" in ASCII, and one number a unit: keeps these draws apart from others of the same seed.
  private static final long STREAM = 0x73706c697400L;

  /// What is held out as a whole.
  public enum Unit {
    /// Each cluster by itself, by its row.
    CLUSTER,
    /// All clusters of a frame of a source. Data-driven readout has one frame only: use another
    /// unit there.
    FRAME,
    /// All clusters of a source.
    SOURCE
  }

  /// The two parts.
  ///
  /// @param train rows to train on, ascending where the rows given were
  /// @param heldOut the other rows, likewise
  public record Parts(int[] train, int[] heldOut) {}

  public Split {
    if (!(heldOut >= 0 && heldOut < 1)) {
      throw new IllegalArgumentException("fraction held out is " + heldOut + ", not in [0, 1)");
    }
  }

  /// Whether a cluster is held out.
  public boolean isHeldOut(ClusterTable table, int row) {
    long draw =
        switch (unit) {
          case CLUSTER -> Philox.bits(seed, STREAM, row);
          // The source takes the upper part of the stream, so that equal frame numbers of two
          // sources differ.
          case FRAME ->
              Philox.bits(seed, STREAM + 1 + ((long) table.source(row) << 48), table.frame(row));
          case SOURCE -> Philox.bits(seed, STREAM + 2, table.source(row));
        };
    return Philox.uniform(draw) < heldOut;
  }

  /// Divides all rows of a table.
  ///
  /// @throws InputException where something is to be held out and a part has no row
  public Parts of(ClusterTable table) {
    int[] rows = new int[table.count()];
    Arrays.setAll(rows, row -> row);
    return of(table, rows);
  }

  /// Divides chosen rows of a table.
  ///
  /// @throws InputException where something is to be held out and a part has no row
  public Parts of(ClusterTable table, int[] rows) {
    int[] train = new int[rows.length];
    int[] held = new int[rows.length];
    int trainCount = 0;
    int heldCount = 0;
    for (int row : rows) {
      if (isHeldOut(table, row)) {
        held[heldCount++] = row;
      } else {
        train[trainCount++] = row;
      }
    }
    if (heldOut > 0 && (heldCount == 0 || trainCount == 0)) {
      throw new InputException(
          "held-out fraction",
          Double.toString(heldOut),
          "of "
              + rows.length
              + " clusters "
              + heldCount
              + " would be held out, by "
              + unit.name().toLowerCase(Locale.ROOT)
              + " with seed "
              + seed,
          "Choose another fraction or seed, divide by cluster, or give more data");
    }
    return new Parts(Arrays.copyOf(train, trainCount), Arrays.copyOf(held, heldCount));
  }
}
