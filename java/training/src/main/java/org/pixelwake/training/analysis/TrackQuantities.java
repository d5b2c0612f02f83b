package org.pixelwake.training.analysis;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/// Physical quantities of tracks, in forms that a straight line can tell; values that are not known
/// are NaN.
public final class TrackQuantities {
  private TrackQuantities() {}

  /// By name, each with its parts (parts, clusters). Angles in the plane of the sensor have a
  /// cosine and a sine of twice the angle, as a track looks alike from either end. What spans
  /// decades has its natural logarithm (of what is not above 0 it is not known). Those of an empty
  /// array are left out.
  ///
  /// - `azimuth`: of the track's axis as it is seen
  /// - `length`: logarithm
  /// - `energy`: logarithm
  /// - `size`: logarithm
  /// - `theta`: the particle's angle from the normal of the sensor, degrees
  /// - `phi`: the particle's azimuth, of which scattering leaves a part to be seen
  ///
  /// @param azimuth of the track, degrees
  /// @param length of the track, in any unit
  /// @param energy of the cluster, in any unit
  /// @param size hits of the cluster
  /// @param theta degrees
  /// @param phi degrees
  public static Map<String, double[][]> of(
      double[] azimuth,
      double[] length,
      double[] energy,
      double[] size,
      double[] theta,
      double[] phi) {
    Map<String, double[][]> all = new LinkedHashMap<>();
    put(all, "azimuth", azimuth, TrackQuantities::cosine, TrackQuantities::sine);
    put(all, "length", length, TrackQuantities::logarithm);
    put(all, "energy", energy, TrackQuantities::logarithm);
    put(all, "size", size, TrackQuantities::logarithm);
    put(all, "theta", theta, v -> v);
    put(all, "phi", phi, TrackQuantities::cosine, TrackQuantities::sine);
    return all;
  }

  private static double cosine(double degrees) {
    return Math.cos(2 * Math.toRadians(degrees));
  }

  private static double sine(double degrees) {
    return Math.sin(2 * Math.toRadians(degrees));
  }

  private static double logarithm(double value) {
    return value > 0 ? Math.log(value) : Double.NaN;
  }

  private static void put(
      Map<String, double[][]> all, String name, double[] values, DoubleUnaryOperator... forms) {
    if (values.length > 0) {
      all.put(
          name,
          Arrays.stream(forms)
              .map(form -> Arrays.stream(values).map(form).toArray())
              .toArray(double[][]::new));
    }
  }
}
