package org.pixelwake.report.plot;

import java.util.Arrays;
import org.pixelwake.report.section.Embeddings;

/// Where points and pictures of a map lie, in pixels of a drawing; script uses the same places.
///
/// @param x of each point
/// @param y of each point
/// @param pickX left side of each picture
/// @param pickY top side of each picture
public record MapLayout(double[] x, double[] y, double[] pickX, double[] pickY) {
  public static final double WIDTH = 600;
  public static final double HEIGHT = 520;

  /// Side of the pictures.
  public static final double PICTURE = 44;

  private static final double EDGE = 30;
  private static final int ROUNDS = 300;

  /// The golden angle: no two of many directions come close.
  private static final double GOLDEN = 2.39996;

  public static MapLayout of(Embeddings.PointMap map) {
    double[] x = spread(map.x(), EDGE, WIDTH - EDGE);
    double[] y = spread(map.y(), HEIGHT - EDGE, EDGE);
    int[] picks = map.picks();
    double[] pickX = new double[picks.length];
    double[] pickY = new double[picks.length];
    for (int i = 0; i < picks.length; i++) {
      // Half a pixel aside, each in another direction, so that pictures of one place find apart.
      pickX[i] = inside(x[picks[i]] - PICTURE / 2 + Math.cos(GOLDEN * i) / 2, WIDTH);
      pickY[i] = inside(y[picks[i]] - PICTURE / 2 + Math.sin(GOLDEN * i) / 2, HEIGHT);
    }
    for (int round = 0; round < ROUNDS; round++) {
      apart(pickX, pickY);
    }
    return new MapLayout(x, y, pickX, pickY);
  }

  /// NaN, which the caller leaves out, stays NaN.
  private static double[] spread(double[] values, double from, double to) {
    var range = Arrays.stream(values).filter(Double::isFinite).summaryStatistics();
    double low = range.getMin();
    double width = range.getMax() > low ? range.getMax() - low : 1;
    return Arrays.stream(values)
        .map(v -> Double.isFinite(v) ? from + (v - low) / width * (to - from) : Double.NaN)
        .toArray();
  }

  /// Moves pictures that overlap away from each other, each by half of what is missing, along the
  /// shorter way.
  private static void apart(double[] x, double[] y) {
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < i; j++) {
        double dx = x[i] - x[j];
        double dy = y[i] - y[j];
        double missingX = PICTURE + 3 - Math.abs(dx);
        double missingY = PICTURE + 3 - Math.abs(dy);
        if (missingX <= 0 || missingY <= 0) {
          continue;
        }
        if (missingX < missingY) {
          double by = Math.copySign(missingX / 2, dx);
          x[i] = inside(x[i] + by, WIDTH);
          x[j] = inside(x[j] - by, WIDTH);
        } else {
          double by = Math.copySign(missingY / 2, dy);
          y[i] = inside(y[i] + by, HEIGHT);
          y[j] = inside(y[j] - by, HEIGHT);
        }
      }
    }
  }

  private static double inside(double place, double size) {
    return Double.isFinite(place) ? Math.clamp(place, 2, size - PICTURE - 2) : 2;
  }
}
