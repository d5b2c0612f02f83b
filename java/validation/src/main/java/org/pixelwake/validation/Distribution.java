package org.pixelwake.validation;

import java.util.Arrays;
import java.util.stream.IntStream;

/// Values of many particles: their histogram, peak, width, and how far two of them lie apart.
final class Distribution {
  private final double[] sorted;

  Distribution(double[] values) {
    sorted = values.clone();
    Arrays.sort(sorted);
  }

  int size() {
    return sorted.length;
  }

  /// The values that are nearer to one than a distance.
  Distribution near(double value, double distance) {
    return new Distribution(
        Arrays.stream(sorted).filter(v -> Math.abs(v - value) < distance).toArray());
  }

  double median() {
    return quantile(0.5);
  }

  /// The value below which a share of all lie.
  double quantile(double share) {
    return sorted[Math.min(sorted.length - 1, (int) (share * sorted.length))];
  }

  /// Values in each of several bins of one width.
  double[] counts(double from, double width, int bins) {
    double[] counts = new double[bins];
    for (double value : sorted) {
      int at = (int) Math.floor((value - from) / width);
      if (at >= 0 && at < bins) {
        counts[at]++;
      }
    }
    return counts;
  }

  /// Returns the lower edges of bins of one width.
  static double[] edges(double from, double width, int bins) {
    return IntStream.range(0, bins).mapToDouble(i -> from + i * width).toArray();
  }

  /// The place of a peak and its full width at half of its height.
  record Peak(double place, double fullWidth) {}

  /// The highest peak: its place and height by a parabola through the histogram around it.
  ///
  /// @param bin width of the bins
  /// @param half how far the parabola reaches from the highest bin
  Peak peak(double bin, double half) {
    int smoothing = 2;
    double from = sorted[0] - 10 * bin;
    int bins = (int) ((quantile(0.99) - from) / bin) + 10;
    double[] counts = counts(from, bin, bins);
    double[] smooth = new double[bins];
    int top = smoothing;
    for (int i = smoothing; i < bins - smoothing; i++) {
      for (int k = -smoothing; k <= smoothing; k++) {
        smooth[i] += counts[i + k] / (2 * smoothing + 1);
      }
      top = smooth[i] > smooth[top] ? i : top;
    }
    double[] vertex = parabola(counts, top, (int) Math.round(half / bin));
    double level = vertex[1] / 2;
    int low = top;
    while (low > 0 && smooth[low] > level) {
      low--;
    }
    int high = top;
    while (high < bins - 1 && smooth[high] > level) {
      high++;
    }
    double left = low + (level - smooth[low]) / (smooth[low + 1] - smooth[low]);
    double right = high - (level - smooth[high]) / (smooth[high - 1] - smooth[high]);
    return new Peak(from + (vertex[0] + 0.5) * bin, (right - left) * bin);
  }

  /// Place and height of the vertex of the parabola by least squares through the bins around one.
  private static double[] parabola(double[] counts, int top, int reach) {
    double s0 = 0;
    double s2 = 0;
    double s4 = 0;
    double y0 = 0;
    double y1 = 0;
    double y2 = 0;
    for (int k = -reach; k <= reach; k++) {
      double y = top + k < 0 || top + k >= counts.length ? 0 : counts[top + k];
      s0++;
      s2 += k * k;
      s4 += (double) k * k * k * k;
      y0 += y;
      y1 += k * y;
      y2 += k * k * y;
    }
    double curve = (s0 * y2 - s2 * y0) / (s0 * s4 - s2 * s2);
    double slope = y1 / s2;
    double height = (y0 - curve * s2) / s0 - slope * slope / (4 * curve);
    return new double[] {top - slope / (2 * curve), height};
  }

  /// Standard deviation of the normal distribution around 0 that fits the central 98 %: of the mean
  /// square within, corrected for what is cut.
  double normalWidth98() {
    int n = sorted.length;
    int from = n / 100;
    double window = (sorted[n - 1 - from] - sorted[from]) / 2;
    double square = 0;
    for (int i = from; i < n - from; i++) {
      square += sorted[i] * sorted[i];
    }
    square /= n - 2 * from;
    double sigma = Math.sqrt(square);
    for (int i = 0; i < 200; i++) {
      double mass = 0;
      double moment = 0;
      for (int k = 0; k < 400; k++) {
        double u = (k + 0.5) / 400 * window / sigma;
        mass += Math.exp(-u * u / 2);
        moment += u * u * Math.exp(-u * u / 2);
      }
      sigma = Math.sqrt(square * mass / moment);
    }
    return sigma;
  }

  /// Distance of Kolmogorov and Smirnov: the greatest difference of the shares up to a value, 0 to
  /// 1.
  double distance(Distribution other) {
    double[] a = sorted;
    double[] b = other.sorted;
    double greatest = 0;
    int i = 0;
    int j = 0;
    while (i < a.length && j < b.length) {
      double value = Math.min(a[i], b[j]);
      while (i < a.length && a[i] == value) {
        i++;
      }
      while (j < b.length && b[j] == value) {
        j++;
      }
      greatest = Math.max(greatest, Math.abs((double) i / a.length - (double) j / b.length));
    }
    return greatest;
  }

  /// Mean distance that values of one have to be moved to make the other (Wasserstein's), in the
  /// unit of the values.
  double transport(Distribution other) {
    int steps = 2000;
    double sum = 0;
    for (int i = 0; i < steps; i++) {
      double share = (i + 0.5) / steps;
      sum += Math.abs(quantile(share) - other.quantile(share));
    }
    return sum / steps;
  }
}
