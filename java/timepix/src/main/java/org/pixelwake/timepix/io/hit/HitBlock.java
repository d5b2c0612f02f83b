package org.pixelwake.timepix.io.hit;

/// Columns of hits: a stretch of a stream as it came or, once sorted by a [HitSorter], in the order
/// of [org.pixelwake.timepix.HitOrder].
///
/// Streams are cut into blocks by the number of their hits alone, so that the blocks of a source,
/// and what is made of them, are the same whoever makes it.
public final class HitBlock {
  /// Bits of a column in a pixel's number.
  public static final int COLUMN_BITS = 16;

  /// No hits, and no room for any.
  public static final HitBlock NONE = new HitBlock(0);

  /// Row and column of each hit: `y << 16 | x`.
  public final int[] pixel;

  /// Energy of each hit, in the unit of the source.
  public final float[] energy;

  /// Time of arrival of each hit in ns.
  public final double[] toa;

  /// Number of hits held.
  public int size;

  public HitBlock(int capacity) {
    pixel = new int[capacity];
    energy = new float[capacity];
    toa = new double[capacity];
  }

  public void add(int pixelNumber, float value, double time) {
    int i = size++;
    pixel[i] = pixelNumber;
    energy[i] = value;
    toa[i] = time;
  }

  /// Adds all hits of another block.
  public void append(HitBlock from) {
    copy(from, this);
    size += from.size;
  }

  /// Adds hits of another block.
  ///
  /// @param order their numbers, as the sorter has given them, from `begin` to before `end`
  public void append(HitBlock from, HitSorter sorter, long[] order, int begin, int end) {
    int at = size - begin;
    for (int k = begin; k < end; k++) {
      int hit = sorter.hit(order[k]);
      pixel[at + k] = from.pixel[hit];
      energy[at + k] = from.energy[hit];
      toa[at + k] = from.toa[hit];
    }
    size = at + end;
  }

  /// This block, or one with the same hits, that has room for so many more.
  public HitBlock withRoomFor(int more) {
    if (size + more <= pixel.length) {
      return this;
    }
    HitBlock larger = new HitBlock(2 * (size + more));
    copy(this, larger);
    larger.size = size;
    return larger;
  }

  private static void copy(HitBlock from, HitBlock to) {
    System.arraycopy(from.pixel, 0, to.pixel, to.size, from.size);
    System.arraycopy(from.energy, 0, to.energy, to.size, from.size);
    System.arraycopy(from.toa, 0, to.toa, to.size, from.size);
  }

  /// Number of a pixel.
  public static int pixel(int column, int row) {
    return row << COLUMN_BITS | column;
  }

  public short x(int hit) {
    return (short) pixel[hit];
  }

  public short y(int hit) {
    return (short) (pixel[hit] >>> COLUMN_BITS);
  }

  /// Whether a hit comes after another one by [org.pixelwake.timepix.HitOrder].
  public boolean after(int hit, int other) {
    if (toa[hit] != toa[other]) {
      return toa[hit] > toa[other];
    }
    return pixel[hit] != pixel[other] ? pixel[hit] > pixel[other] : energy[hit] > energy[other];
  }

  public double first() {
    return toa[0];
  }

  public double last() {
    return toa[size - 1];
  }
}
