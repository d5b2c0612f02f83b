package org.pixelwake.timepix;

/// The one order of hits used throughout: by time of arrival, then row, then column, then energy.
///
/// Equal hits are interchangeable, so what is computed from hits in this order does not depend on
/// the order they came in.
public final class HitOrder {
  private HitOrder() {}

  /// Sorts the first `n` hits without moving them, by natural merge sort: hits come almost in
  /// order, so the runs are long and few, mostly one.
  ///
  /// @return the indices of the hits in order
  public static int[] sorted(int n, double[] toa, short[] y, short[] x, float[] energy) {
    int[] order = new int[n];
    int descents = 0;
    for (int i = 0; i < n; i++) {
      order[i] = i;
      descents += i > 0 && after(i - 1, i, toa, y, x, energy) ? 1 : 0;
    }
    if (descents == 0) {
      return order;
    }
    int[] ends = new int[descents + 1];
    int runs = 0;
    for (int i = 1; i <= n; i++) {
      if (i == n || after(i - 1, i, toa, y, x, energy)) {
        ends[runs++] = i;
      }
    }
    int[] from = order;
    int[] to = new int[n];
    while (runs > 1) {
      int kept = 0;
      int start = 0;
      for (int r = 0; r < runs; r += 2) {
        int middle = ends[r];
        int end = r + 1 < runs ? ends[r + 1] : middle;
        int a = start;
        int b = middle;
        for (int k = start; k < end; k++) {
          boolean second = a == middle || (b < end && after(from[a], from[b], toa, y, x, energy));
          to[k] = second ? from[b++] : from[a++];
        }
        ends[kept++] = end;
        start = end;
      }
      runs = kept;
      int[] swap = from;
      from = to;
      to = swap;
    }
    return from;
  }

  private static boolean after(int a, int b, double[] toa, short[] y, short[] x, float[] energy) {
    if (toa[a] != toa[b]) {
      return toa[a] > toa[b];
    }
    if (y[a] != y[b]) {
      return y[a] > y[b];
    }
    return x[a] != x[b] ? x[a] > x[b] : energy[a] > energy[b];
  }
}
