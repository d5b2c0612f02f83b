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
    double[] alongAxis = projected(cluster, centroid, Math.cos(angle), Math.sin(angle));
    double[] acrossAxis = projected(cluster, centroid, -Math.sin(angle), Math.cos(angle));
    double length = extent(alongAxis);
    double width = extent(acrossAxis);
    double along = deviation(alongAxis, weights);
    double across = deviation(acrossAxis, weights);
    long onAxis = Arrays.stream(acrossAxis).filter(at -> Math.abs(at) <= HALF_DIAGONAL).count();
    int border = border(cluster);
    double diameter = 2 * Math.sqrt(size / Math.PI);
    double linearity = along == 0 ? 0 : Math.max(0, 1 - across / along);
    double corrected = Math.max(0, length - SPREAD * across);
    double projected = corrected * sensor.pitchUm();
    double path = Math.hypot(sensor.thicknessUm(), projected);
    double thin = (double) border / size;
    int[] columns = range(cluster.x());
    int[] rows = range(cluster.y());
    boolean square = columns[1] - columns[0] <= 1 && rows[1] - rows[0] <= 1;
    double extent = size <= 2 ? 0 : extent(cluster);
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
        length,
        width,
        across,
        along,
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
        size / ((length + 1) * (width + 1)),
        columns[0] == 0
            || rows[0] == 0
            || columns[1] == sensor.width() - 1
            || rows[1] == sensor.height() - 1,
        duration(cluster),
        MorphologicalClass.of(
            size, square, size - border, extent, diameter, (double) onAxis / size));
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

  /// Places of the hits along an axis through a point, px.
  private static double[] projected(Cluster cluster, double[] through, double cos, double sin) {
    double[] places = new double[cluster.size()];
    for (int i = 0; i < places.length; i++) {
      double dx = cluster.x()[i] - through[0];
      double dy = cluster.y()[i] - through[1];
      places[i] = dx * cos + dy * sin;
    }
    return places;
  }

  private static double extent(double[] places) {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (double place : places) {
      least = Math.min(least, place);
      most = Math.max(most, place);
    }
    return most - least;
  }

  /// Standard deviation from 0.
  private static double deviation(double[] places, double[] weights) {
    double squares = 0;
    double sum = 0;
    for (int i = 0; i < places.length; i++) {
      squares += weights[i] * places[i] * places[i];
      sum += weights[i];
    }
    return Math.sqrt(squares / sum);
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

  /// The least and the greatest of some coordinates.
  private static int[] range(short[] coordinates) {
    int[] range = {Integer.MAX_VALUE, Integer.MIN_VALUE};
    for (int coordinate : coordinates) {
      range[0] = Math.min(range[0], coordinate);
      range[1] = Math.max(range[1], coordinate);
    }
    return range;
  }

  private static double duration(Cluster cluster) {
    double last = 0;
    for (float time : cluster.toa()) {
      last = Math.max(last, time);
    }
    return last;
  }

  /// Largest distance of two hits in any of sixteen directions, px: within half a per cent of the
  /// largest of all, without comparing each hit with each.
  private static double extent(Cluster cluster) {
    double largest = 0;
    for (int k = 0; k < DIRECTIONS; k++) {
      double angle = Math.PI * k / DIRECTIONS;
      double[] places = projected(cluster, new double[2], Math.cos(angle), Math.sin(angle));
      largest = Math.max(largest, extent(places));
    }
    return largest;
  }
}
