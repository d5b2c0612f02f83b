package org.pixelwake.timepix.dataset;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Philox;
import org.pixelwake.timepix.Truth;

/// Divides a data set into clusters to train on and clusters held out.
///
/// A unit (cluster, particle, frame or source) is held out where the uniform draw of (seed, unit)
/// is below the fraction: the choice of one unit does not depend on the others, so a data set that
/// grows at its end keeps its division. The number held out is near the fraction, not equal to it.
/// Blocks are few, so of those of every source a number is held out that is as near to the fraction
/// as can be, at least one and not all.
///
/// @param heldOut fraction held out, from 0 to below 1
/// @param unit what is kept together
/// @param seed of the choice
public record Split(double heldOut, Unit unit, long seed) {
  /// Blocks that a source is cut into.
  public static final int BLOCKS = 20;

  /// "split" in ASCII, and one number a unit: keeps these draws apart from others of the same seed.
  private static final long STREAM = 0x73706c697400L;

  /// What is held out as a whole.
  public enum Unit {
    /// Each cluster by itself, by its row.
    CLUSTER,
    /// All clusters of a particle of a source, where the truth numbers the particles; others each
    /// by itself.
    PARTICLE,
    /// All clusters of a frame of a source. Data-driven readout has one frame only: use another
    /// unit there.
    FRAME,
    /// A stretch of a source in the order of the data set, which is that of time: a twentieth of
    /// its clusters, but no frame is cut.
    BLOCK,
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

  /// Whether the unit of a cluster is drawn to be held out.
  private boolean isDrawn(ClusterRows table, int row) {
    return Philox.uniform(draw(table, row)) < heldOut;
  }

  // The source takes the upper part of the stream, so that equal numbers in two sources differ.
  private long draw(ClusterRows table, int row) {
    long source = (long) table.source(row) << 48;
    return switch (unit) {
      case CLUSTER -> Philox.bits(seed, STREAM, row);
      case PARTICLE -> {
        Truth truth = table.truth(row);
        yield truth == null || truth.number() == Truth.UNKNOWN_NUMBER
            ? Philox.bits(seed, STREAM, row)
            : Philox.bits(seed, STREAM + 3 + source, truth.number());
      }
      case FRAME -> Philox.bits(seed, STREAM + 1 + source, table.frame(row));
      case SOURCE -> Philox.bits(seed, STREAM + 2, table.source(row));
      case BLOCK -> throw new IllegalArgumentException("blocks are chosen together");
    };
  }

  /// Number of sources that have rows, and of those before them.
  private static int sources(ClusterRows table) {
    return 1 + IntStream.range(0, table.count()).map(table::source).max().orElse(-1);
  }

  /// Block of every row of a table, from 0 to below [#BLOCKS]; each source has its own.
  public static int[] blocks(ClusterRows table) {
    Extent[] extents = Stream.generate(Extent::new).limit(sources(table)).toArray(Extent[]::new);
    for (int row = 0; row < table.count(); row++) {
      extents[table.source(row)].count(table.frame(row));
    }
    int[] blocks = new int[table.count()];
    for (int row = 0; row < blocks.length; row++) {
      blocks[row] = extents[table.source(row)].block(table.frame(row));
    }
    return blocks;
  }

  /// Clusters of a source, and how many of them have a block.
  private static final class Extent {
    private long frame;
    private boolean framed;
    private long clusters;
    private long done;
    private int block;

    void count(long ofFrame) {
      framed |= clusters > 0 && ofFrame != frame;
      frame = ofFrame;
      clusters++;
    }

    // A frame goes where its first cluster goes; without frames each cluster goes by itself.
    int block(long ofFrame) {
      if (!framed || done == 0 || ofFrame != frame) {
        block = (int) (done * BLOCKS / clusters);
        frame = ofFrame;
      }
      done++;
      return block;
    }
  }

  /// For every row whether its block is held out.
  private boolean[] heldBlocks(ClusterRows table) {
    int[] blocks = blocks(table);
    BitSet[] held = Stream.generate(BitSet::new).limit(sources(table)).toArray(BitSet[]::new);
    for (int row = 0; row < blocks.length; row++) {
      held[table.source(row)].set(blocks[row]);
    }
    Arrays.setAll(held, source -> chosen(source, held[source]));
    boolean[] result = new boolean[blocks.length];
    for (int row = 0; row < blocks.length; row++) {
      result[row] = held[table.source(row)].get(blocks[row]);
    }
    return result;
  }

  private BitSet chosen(int source, BitSet present) {
    int count = share(heldOut, present.cardinality());
    BitSet chosen = new BitSet();
    present.stream()
        .boxed()
        .sorted(
            Comparator.comparingLong(
                block -> Philox.bits(seed, STREAM + 4 + ((long) source << 48), block)))
        .limit(count)
        .forEach(chosen::set);
    return chosen;
  }

  /// How many of a few units to hold out: as near to the fraction as can be, at least one and not
  /// all; none where the fraction is 0 or there is one unit only.
  public static int share(double heldOut, int units) {
    if (heldOut == 0 || units < 2) {
      return 0;
    }
    return Math.clamp(Math.round(heldOut * units), 1, units - 1);
  }

  /// Divides all rows of a table.
  ///
  /// @throws InputException where something is to be held out and a part has no row
  public Parts of(ClusterRows table) {
    int[] rows = new int[table.count()];
    Arrays.setAll(rows, row -> row);
    return of(table, rows);
  }

  /// Divides chosen rows of a table.
  ///
  /// @throws InputException where something is to be held out and a part has no row
  public Parts of(ClusterRows table, int[] rows) {
    int[] train = new int[rows.length];
    int[] held = new int[rows.length];
    int trainCount = 0;
    int heldCount = 0;
    boolean[] blocks = unit == Unit.BLOCK ? heldBlocks(table) : new boolean[0];
    for (int row : rows) {
      if (unit == Unit.BLOCK ? blocks[row] : isDrawn(table, row)) {
        held[heldCount++] = row;
      } else {
        train[trainCount++] = row;
      }
    }
    if (heldOut > 0 && (heldCount == 0 || trainCount == 0)) {
      throw new InputException(
          "held-out fraction",
          Double.toString(heldOut),
          "of %s clusters %s would be held out, by %s with seed %s"
              .formatted(rows.length, heldCount, unit.name().toLowerCase(Locale.ROOT), seed),
          "Choose another fraction or seed, divide by cluster, or give more data");
    }
    return new Parts(Arrays.copyOf(train, trainCount), Arrays.copyOf(held, heldCount));
  }
}
