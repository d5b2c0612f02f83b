package org.pixelwake.report.plot;

import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/// Makes long curves short enough to draw without losing their spikes.
public final class Thinning {
  /// Buckets of a line: one for each column of pixels of a large drawing.
  public static final int BUCKETS = 600;

  private Thinning() {}

  /// Indices of at most about `2 * buckets` of `n` points, ascending: first, last, and of every
  /// bucket of neighbours the lowest and the highest.
  public static int[] keep(int n, IntToDoubleFunction values, int buckets) {
    if (n <= 2 * buckets) {
      return IntStream.range(0, n).toArray();
    }
    return IntStream.concat(
            IntStream.of(0, n - 1),
            IntStream.range(0, buckets)
                .flatMap(b ->
                    extremes(
                        values, (int) ((long) b * n / buckets), (int) ((b + 1L) * n / buckets))))
        .sorted()
        .distinct()
        .toArray();
  }

  private static IntStream extremes(IntToDoubleFunction values, int from, int to) {
    int low = from;
    int high = from;
    for (int i = from; i < to; i++) {
      double value = values.applyAsDouble(i);
      if (!Double.isFinite(value)) {
        return IntStream.of(low, high, i); // a gap must stay visible
      }
      if (value < values.applyAsDouble(low)) {
        low = i;
      }
      if (value > values.applyAsDouble(high)) {
        high = i;
      }
    }
    return IntStream.of(low, high);
  }

  /// Half the number of neighbours in a running mean: 1 % of the curve to either side, at most 100
  /// points; 0 for short curves, which need none.
  public static int halfWindow(int points) {
    return points < 200 ? 0 : Math.min(100, points / 100);
  }

  /// Mean around every point; the window shrinks towards the ends, so that both ends stay true. NaN
  /// where no value is finite.
  public static double[] runningMean(double[] values, int half) {
    int n = values.length;
    double[] sum = new double[n + 1];
    int[] count = new int[n + 1];
    for (int i = 0; i < n; i++) {
      boolean finite = Double.isFinite(values[i]);
      sum[i + 1] = sum[i] + (finite ? values[i] : 0);
      count[i + 1] = count[i] + (finite ? 1 : 0);
    }
    double[] mean = new double[n];
    for (int i = 0; i < n; i++) {
      int h = Math.min(half, Math.min(i, n - 1 - i));
      int low = i - h;
      int high = i + h + 1;
      mean[i] = (sum[high] - sum[low]) / (count[high] - count[low]);
    }
    return mean;
  }
}
