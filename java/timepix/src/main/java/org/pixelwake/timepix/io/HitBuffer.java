package org.pixelwake.timepix.io;

/// Columns of hits that a data-driven source fills again and again. The first [#size] elements of
/// each column count.
///
/// A batch never spans two segments. Times are comparable within a segment only: a segment is a
/// file, or a measurement appended to a file.
public final class HitBuffer {
  /// Column of each hit.
  public final short[] x;

  /// Row of each hit.
  public final short[] y;

  /// Energy of each hit, in the unit of the source.
  public final float[] energy;

  /// Time of arrival of each hit in ns since the start of the segment's clock.
  public final double[] toa;

  /// Number of hits held.
  public int size;

  /// Number of the segment that the hits belong to, from 0, never falling.
  public long segment;

  /// @param capacity most hits it can hold
  public HitBuffer(int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity " + capacity);
    }
    x = new short[capacity];
    y = new short[capacity];
    energy = new float[capacity];
    toa = new double[capacity];
  }

  /// Most hits it can hold.
  public int capacity() {
    return x.length;
  }

  /// A batch of the first hits of this one.
  public HitBuffer copy(int hits) {
    HitBuffer copy = new HitBuffer(Math.max(1, hits));
    System.arraycopy(x, 0, copy.x, 0, hits);
    System.arraycopy(y, 0, copy.y, 0, hits);
    System.arraycopy(energy, 0, copy.energy, 0, hits);
    System.arraycopy(toa, 0, copy.toa, 0, hits);
    copy.size = hits;
    copy.segment = segment;
    return copy;
  }

  public void add(int column, int row, float value, double time) {
    int i = size++;
    x[i] = (short) column;
    y[i] = (short) row;
    energy[i] = value;
    toa[i] = time;
  }

  public boolean full() {
    return size == x.length;
  }
}
