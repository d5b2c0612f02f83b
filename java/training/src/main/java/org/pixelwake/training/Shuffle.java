package org.pixelwake.training;

import org.pixelwake.base.Philox;

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

  int size() {
    return rows.length;
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
