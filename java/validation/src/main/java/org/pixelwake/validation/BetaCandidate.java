package org.pixelwake.validation;

import org.pixelwake.timepix.Cluster;

/// What CERN@school counts as the track of a beta (sort-clusters.py of
/// github.com/CERNatschool/beta-attenuation): clusters that do not touch the edge of the sensor,
/// but for those of one or two pixels, three around a corner, and squares of four.
final class BetaCandidate {
  // Greatest distance of a pixel from the middle: three around a corner have 0.745, three in a row
  // 1; a square has 0.707, any other four more.
  private static final double CORNER = 0.75;
  private static final double SQUARE = 0.71;

  private BetaCandidate() {}

  static boolean is(Cluster cluster, int side) {
    int n = cluster.size();
    if (n <= 2 || touchesEdge(cluster, side)) {
      return false;
    }
    return switch (n) {
      case 3 -> radius(cluster) > CORNER;
      case 4 -> radius(cluster) > SQUARE;
      default -> true;
    };
  }

  private static boolean touchesEdge(Cluster cluster, int side) {
    for (int i = 0; i < cluster.size(); i++) {
      int x = cluster.x()[i];
      int y = cluster.y()[i];
      if (x == 0 || y == 0 || x == side - 1 || y == side - 1) {
        return true;
      }
    }
    return false;
  }

  private static double radius(Cluster cluster) {
    double mx = mean(cluster.x());
    double my = mean(cluster.y());
    double greatest = 0;
    for (int i = 0; i < cluster.size(); i++) {
      greatest = Math.max(greatest, Math.hypot(cluster.x()[i] - mx, cluster.y()[i] - my));
    }
    return greatest;
  }

  private static double mean(short[] places) {
    double mean = 0;
    for (short place : places) {
      mean += (double) place / places.length;
    }
    return mean;
  }

  /// Share of the pixels whose middle is within a pixel's half diagonal of the line through the
  /// middle of the cluster along its greatest spread.
  static double linearity(Cluster cluster) {
    int n = cluster.size();
    double mx = mean(cluster.x());
    double my = mean(cluster.y());
    double xx = 0;
    double yy = 0;
    double xy = 0;
    for (int i = 0; i < n; i++) {
      double dx = cluster.x()[i] - mx;
      double dy = cluster.y()[i] - my;
      xx += dx * dx;
      yy += dy * dy;
      xy += dx * dy;
    }
    double angle = 0.5 * Math.atan2(2 * xy, xx - yy);
    int near = 0;
    for (int i = 0; i < n; i++) {
      double off =
          (cluster.y()[i] - my) * Math.cos(angle) - (cluster.x()[i] - mx) * Math.sin(angle);
      near += Math.abs(off) <= Math.sqrt(0.5) ? 1 : 0;
    }
    return (double) near / n;
  }
}
