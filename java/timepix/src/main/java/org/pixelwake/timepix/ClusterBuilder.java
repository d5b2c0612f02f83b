package org.pixelwake.timepix;

import java.util.Arrays;

/// Collects the hits of a cluster and orders them by [HitOrder]. Used again after each `build`.
public final class ClusterBuilder {
  private short[] x = new short[64];
  private short[] y = new short[64];
  private float[] energy = new float[64];
  private double[] toa = new double[64];
  private int size;

  /// A builder without hits.
  public ClusterBuilder() {}

  /// Adds a hit, with its time of arrival in ns (0 where the source has none).
  public void add(int column, int row, float value, double time) {
    if (size == x.length) {
      x = Arrays.copyOf(x, 2 * size);
      y = Arrays.copyOf(y, 2 * size);
      energy = Arrays.copyOf(energy, 2 * size);
      toa = Arrays.copyOf(toa, 2 * size);
    }
    x[size] = (short) column;
    y[size] = (short) row;
    energy[size] = value;
    toa[size++] = time;
  }

  /// Number of hits added.
  public int size() {
    return size;
  }

  /// Forgets the hits added.
  public void clear() {
    size = 0;
  }

  /// The cluster of a data-driven source: its time is that of its first hit.
  public Cluster build(long frame) {
    return build(frame, true, 0);
  }

  /// The cluster of a frame without times of arrival; hits by (row, column).
  ///
  /// @param start start of the frame in ns; 0 where unknown
  public Cluster build(long frame, double start) {
    Arrays.fill(toa, 0, size, 0);
    return build(frame, false, start);
  }

  private Cluster build(long frame, boolean timed, double start) {
    int n = size;
    int[] order = HitOrder.sorted(n, toa, y, x, energy);
    double first = timed && n > 0 ? toa[order[0]] : start;
    short[] columns = new short[n];
    short[] rows = new short[n];
    float[] values = new float[n];
    float[] times = new float[n];
    for (int i = 0; i < n; i++) {
      int hit = order[i];
      columns[i] = x[hit];
      rows[i] = y[hit];
      values[i] = energy[hit];
      times[i] = timed ? (float) (toa[hit] - first) : 0;
    }
    size = 0;
    return new Cluster(frame, first, columns, rows, values, times);
  }
}
