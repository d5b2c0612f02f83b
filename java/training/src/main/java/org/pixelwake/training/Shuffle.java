package org.pixelwake.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongToIntFunction;
import org.pixelwake.base.Philox;
import org.pixelwake.training.target.Labels;

/// Order of the training clusters: a permutation for each epoch that depends on seed and epoch
/// alone, so that a run can be resumed anywhere.
final class Shuffle {
  // "order" in ASCII: keeps these draws apart from others of the same seed.
  private static final long STREAM = 0x6f72646572L << 20;

  private final long seed;
  private final int[] rows;
  private final int[] order;
  private long epoch = -1;

  Shuffle(long seed, int[] rows) {
    this.seed = seed;
    this.rows = rows.clone();
    this.order = rows.clone();
  }

  /// An order in which the classes take turns, each with its own endless epochs.
  static LongToIntFunction balanced(long seed, Labels labels, int[] rows) {
    List<Shuffle> classes = new ArrayList<>();
    for (int label = 0; label < labels.classNames().size(); label++) {
      int own = label;
      classes.add(
          new Shuffle(seed, Arrays.stream(rows).filter(row -> labels.of(row) == own).toArray()));
    }
    int count = classes.size();
    return position -> classes.get((int) (position % count)).at(position / count);
  }

  /// The row at a position of the endless sequence of epochs.
  int at(long position) {
    long wanted = position / rows.length;
    if (wanted != epoch) {
      shuffle(wanted);
    }
    return order[(int) (position % rows.length)];
  }

  // Fisher & Yates; started from the same order every time, so that no history is needed.
  private void shuffle(long wanted) {
    System.arraycopy(rows, 0, order, 0, rows.length);
    for (int i = order.length - 1; i > 0; i--) {
      long bits = Philox.bits(seed, STREAM + wanted, i);
      int j = (int) Math.unsignedMultiplyHigh(bits, i + 1L);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    epoch = wanted;
  }
}
