package org.pixelwake.timepix.features;

import java.util.Arrays;
import org.pixelwake.timepix.Cluster;

/// Finds the features of clusters of one sensor. Not for use by several threads at once.
public final class FeatureFinder {
  /// Standard deviations across a track that its spread adds to its length.
  private static final double SPREAD = 2.5;

  /// Directions in which the extent of a cluster is looked at.
  private static final int DIRECTIONS = 16;

  private static final double HALF_DIAGONAL = Math.sqrt(0.5);

  private final SensorShape sensor;
  private final boolean[] hit;
  private final int stride;

  /// @param sensor the sensor
  public FeatureFinder(SensorShape sensor) {
    this.sensor = sensor;
    this.stride = sensor.width() + 2;
    this.hit = new boolean[stride * (sensor.height() + 2)];
  }

  /// The features of a cluster.
  ///
  /// @throws IllegalArgumentException where a hit is not on the sensor
  public ClusterFeatures of(Cluster cluster) {
    int size = cluster.size();
    double energy = 0;
    double height = 0;
    for (float value : cluster.energy()) {
      energy += value;
      height = Math.max(height, value);
    }
    double[] weights = weights(cluster);
    double[] centroid = mean(cluster, weights);
    double[] middle = mean(cluster, even(size));
    double angle = angle(cluster, weights, centroid);
    Spread spread = spread(cluster, weights, centroid, angle);
    int border = border(cluster);
    double diameter = 2 * Math.sqrt(size / Math.PI);
    double linearity = spread.along == 0 ? 0 : Math.max(0, 1 - spread.across / spread.along);
    double corrected = Math.max(0, spread.length - SPREAD * spread.across);
    double projected = corrected * sensor.pitchUm();
    double path = Math.hypot(sensor.thicknessUm(), projected);
    double thin = (double) border / size;
    return new ClusterFeatures(
        size,
        energy,
        height,
        centroid[0] + 0.5,
        centroid[1] + 0.5,
        middle[0] + 0.5,
        middle[1] + 0.5,
        border,
        size - border,
        roundness(cluster, centroid, diameter),
        Math.toDegrees(angle),
        linearity,
        spread.length,
        spread.width,
        spread.across,
        spread.along,
        thin,
        1 - thin,
        thin * (1 - linearity),
        energy / size,
        deviation(cluster, energy / size),
        corrected,
        path,
        Math.toDegrees(Math.atan2(projected, sensor.thicknessUm())),
        energy / path,
        diameter,
        size / ((spread.length + 1) * (spread.width + 1)),
        edge(cluster),
        duration(cluster),
        shape(cluster, border, diameter, spread.onAxis));
  }

  /// Energies, or all alike where no hit has one.
  private static double[] weights(Cluster cluster) {
    double[] weights = new double[cluster.size()];
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      weights[i] = Math.max(0, cluster.energy()[i]);
      sum += weights[i];
    }
    return sum > 0 ? weights : even(weights.length);
  }

  private static double[] even(int size) {
    double[] weights = new double[size];
    Arrays.fill(weights, 1);
    return weights;
  }

  private static double[] mean(Cluster cluster, double[] weights) {
    double x = 0;
    double y = 0;
    double sum = 0;
    for (int i = 0; i < cluster.size(); i++) {
      x += weights[i] * cluster.x()[i];
      y += weights[i] * cluster.y()[i];
      sum += weights[i];
    }
    return new double[] {x / sum, y / sum};
  }

  /// Angle of the axis, radians, above -pi/2 to pi/2.
  private static double angle(Cluster cluster, double[] weights, double[] centroid) {
    double xx = 0;
    double yy = 0;
    double xy = 0;
    for (int i = 0; i < cluster.size(); i++) {
      double weight = Math.sqrt(weights[i]);
      double dx = cluster.x()[i] - centroid[0];
      double dy = cluster.y()[i] - centroid[1];
      xx += weight * dx * dx;
      yy += weight * dy * dy;
      xy += weight * dx * dy;
    }
    return Math.atan2(2 * xy, xx - yy) / 2;
  }

  /// Extent and standard deviations along and across the axis, and the share of hits on it.
  private record Spread(double length, double width, double along, double across, double onAxis) {}

  private static Spread spread(Cluster cluster, double[] weights, double[] centroid, double angle) {
    double sum = 0;
    double cos = Math.cos(angle);
    double sin = Math.sin(angle);
    double leastAlong = Double.POSITIVE_INFINITY;
    double mostAlong = Double.NEGATIVE_INFINITY;
    double leastAcross = Double.POSITIVE_INFINITY;
    double mostAcross = Double.NEGATIVE_INFINITY;
    double squaresAlong = 0;
    double squaresAcross = 0;
    int near = 0;
    for (int i = 0; i < cluster.size(); i++) {
      double dx = cluster.x()[i] - centroid[0];
      double dy = cluster.y()[i] - centroid[1];
      double along = dx * cos + dy * sin;
      double across = dy * cos - dx * sin;
      leastAlong = Math.min(leastAlong, along);
      mostAlong = Math.max(mostAlong, along);
      leastAcross = Math.min(leastAcross, across);
      mostAcross = Math.max(mostAcross, across);
      squaresAlong += weights[i] * along * along;
      squaresAcross += weights[i] * across * across;
      sum += weights[i];
      near += Math.abs(across) <= HALF_DIAGONAL ? 1 : 0;
    }
    return new Spread(
        mostAlong - leastAlong,
        mostAcross - leastAcross,
        Math.sqrt(squaresAlong / sum),
        Math.sqrt(squaresAcross / sum),
        (double) near / cluster.size());
  }

  private static double deviation(Cluster cluster, double mean) {
    double squares = 0;
    for (float value : cluster.energy()) {
      squares += (value - mean) * (value - mean);
    }
    return cluster.size() == 1 ? 0 : Math.sqrt(squares / (cluster.size() - 1));
  }

  private static double roundness(Cluster cluster, double[] centroid, double diameter) {
    if (cluster.size() <= 2) {
      return cluster.size() == 1 ? 1 : 0;
    }
    double largest = 0;
    for (int i = 0; i < cluster.size(); i++) {
      double dx = cluster.x()[i] - (centroid[0] + 0.5);
      double dy = cluster.y()[i] - (centroid[1] + 0.5);
      largest = Math.max(largest, Math.hypot(dx, dy));
    }
    return diameter / 2 / largest;
  }

  private int border(Cluster cluster) {
    mark(cluster, true);
    int border = 0;
    for (int i = 0; i < cluster.size(); i++) {
      int cell = cell(cluster, i);
      boolean inner = hit[cell - 1] && hit[cell + 1] && hit[cell - stride] && hit[cell + stride];
      border += inner ? 0 : 1;
    }
    mark(cluster, false);
    return border;
  }

  private void mark(Cluster cluster, boolean value) {
    for (int i = 0; i < cluster.size(); i++) {
      hit[cell(cluster, i)] = value;
    }
  }

  private int cell(Cluster cluster, int i) {
    int x = cluster.x()[i];
    int y = cluster.y()[i];
    if (x < 0 || x >= sensor.width() || y < 0 || y >= sensor.height()) {
      throw new IllegalArgumentException(
          "hit (" + x + ", " + y + ") of " + sensor.width() + " x " + sensor.height() + " pixels");
    }
    return (y + 1) * stride + x + 1;
  }

  private boolean edge(Cluster cluster) {
    for (int i = 0; i < cluster.size(); i++) {
      int x = cluster.x()[i];
      int y = cluster.y()[i];
      if (x == 0 || y == 0 || x == sensor.width() - 1 || y == sensor.height() - 1) {
        return true;
      }
    }
    return false;
  }

  private static double duration(Cluster cluster) {
    double last = 0;
    for (float time : cluster.toa()) {
      last = Math.max(last, time);
    }
    return last;
  }

  private static MorphologicalClass shape(
      Cluster cluster, int border, double diameter, double onAxis) {
    int size = cluster.size();
    int[] least = {Integer.MAX_VALUE, Integer.MAX_VALUE};
    int[] most = {Integer.MIN_VALUE, Integer.MIN_VALUE};
    for (int i = 0; i < size; i++) {
      least[0] = Math.min(least[0], cluster.x()[i]);
      least[1] = Math.min(least[1], cluster.y()[i]);
      most[0] = Math.max(most[0], cluster.x()[i]);
      most[1] = Math.max(most[1], cluster.y()[i]);
    }
    boolean square = most[0] - least[0] <= 1 && most[1] - least[1] <= 1;
    double extent = size <= 2 ? 0 : extent(cluster);
    return MorphologicalClass.of(size, square, size - border, extent, diameter, onAxis);
  }

  /// Largest distance of two hits in any of sixteen directions, px: within half a per cent of the
  /// largest of all, without comparing each hit with each.
  private static double extent(Cluster cluster) {
    double largest = 0;
    for (int k = 0; k < DIRECTIONS; k++) {
      double cos = Math.cos(Math.PI * k / DIRECTIONS);
      double sin = Math.sin(Math.PI * k / DIRECTIONS);
      double least = Double.POSITIVE_INFINITY;
      double most = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < cluster.size(); i++) {
        double at = cluster.x()[i] * cos + cluster.y()[i] * sin;
        least = Math.min(least, at);
        most = Math.max(most, at);
      }
      largest = Math.max(largest, most - least);
    }
    return largest;
  }
}
