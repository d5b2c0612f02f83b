package org.pixelwake.timepix.io;

/// Columns of hits, of which the first [#size] count: a batch that a data-driven source fills again
/// and again, a stretch of a stream as it came, or hits in the order of
/// [org.pixelwake.timepix.HitOrder].
///
/// Streams are cut into blocks by the number of their hits alone, so that the blocks of a source,
/// and what is made of them, are the same whoever makes it. Times are comparable within a segment
/// only: a segment is a file, or a measurement appended to a file. A block never spans two.
public final class HitBlock {
  /// Bits of a column in a pixel's number.
  public static final int COLUMN_BITS = 16;

  /// No hits, and no room for any.
  public static final HitBlock NONE = new HitBlock(0);

  /// Row and column of each hit: `y << 16 | x`.
  public final int[] pixel;

  /// Energy of each hit, in the unit of the source.
  public final float[] energy;

  /// Time of arrival of each hit in ns since the start of the segment's clock.
  public final double[] toa;

  /// Number of hits held.
  public int size;

  /// Number of the segment that the hits of a batch belong to, from 0, never falling.
  public long segment;

  /// @param capacity most hits it can hold
  public HitBlock(int capacity) {
    pixel = new int[capacity];
    energy = new float[capacity];
    toa = new double[capacity];
  }

  /// Returns whether it has room for no more hits.
  public boolean full() {
    return size == pixel.length;
  }

  /// Adds a hit.
  ///
  /// @param pixelNumber its [#pixel(int, int)]
  public void add(int pixelNumber, float value, double time) {
    int i = size++;
    pixel[i] = pixelNumber;
    energy[i] = value;
    toa[i] = time;
  }

  /// Adds all hits of another block.
  public void append(HitBlock from) {
    append(from, from.size);
  }

  /// Adds the first hits of another block.
  public void append(HitBlock from, int hits) {
    System.arraycopy(from.pixel, 0, pixel, size, hits);
    System.arraycopy(from.energy, 0, energy, size, hits);
    System.arraycopy(from.toa, 0, toa, size, hits);
    size += hits;
  }

  /// Returns this block, or one with the same hits, that has room for so many more.
  public HitBlock withRoomFor(int more) {
    if (size + more <= pixel.length) {
      return this;
    }
    HitBlock larger = new HitBlock(2 * (size + more));
    larger.append(this);
    return larger;
  }

  /// Returns the number of a pixel.
  public static int pixel(int column, int row) {
    return row << COLUMN_BITS | column;
  }

  /// Returns the column of a hit.
  public short x(int hit) {
    return (short) pixel[hit];
  }

  /// Returns the row of a hit.
  public short y(int hit) {
    return (short) (pixel[hit] >>> COLUMN_BITS);
  }

  /// Returns whether a hit comes after another one by [org.pixelwake.timepix.HitOrder].
  public boolean after(int hit, int other) {
    if (toa[hit] != toa[other]) {
      return toa[hit] > toa[other];
    }
    return pixel[hit] != pixel[other] ? pixel[hit] > pixel[other] : energy[hit] > energy[other];
  }

  /// Returns the time of the first hit.
  public double first() {
    return toa[0];
  }

  /// Returns the time of the last hit.
  public double last() {
    return toa[size - 1];
  }
}
