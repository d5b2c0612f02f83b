package org.pixelwake.report.embedding;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/// Physical quantities of tracks, in forms that a straight line can tell; values that are not known
/// are NaN.
public final class TrackQuantities {
  private TrackQuantities() {}

  /// By name: `theta` (degrees), `cos theta`, `cos 2phi` and `sin 2phi` (a track looks alike from
  /// either end, so its azimuth repeats after 180 degrees), `length`, `log energy` and `log size`
  /// (natural logarithms; of what is not above 0 they are not known). Those of an empty array are
  /// left out.
  ///
  /// @param theta angle from the normal of the sensor, degrees
  /// @param phi azimuth, degrees
  /// @param length of the track, in any unit
  /// @param energy of the cluster, in any unit
  /// @param size hits of the cluster
  public static Map<String, double[]> of(
      double[] theta, double[] phi, double[] length, double[] energy, double[] size) {
    Map<String, double[]> all = new LinkedHashMap<>();
    put(all, "theta", theta, v -> v);
    put(all, "cos theta", theta, v -> Math.cos(Math.toRadians(v)));
    put(all, "cos 2phi", phi, v -> Math.cos(2 * Math.toRadians(v)));
    put(all, "sin 2phi", phi, v -> Math.sin(2 * Math.toRadians(v)));
    put(all, "length", length, v -> v);
    put(all, "log energy", energy, v -> v > 0 ? Math.log(v) : Double.NaN);
    put(all, "log size", size, v -> v > 0 ? Math.log(v) : Double.NaN);
    return all;
  }

  private static void put(
      Map<String, double[]> all, String name, double[] values, DoubleUnaryOperator form) {
    if (values.length > 0) {
      all.put(name, Arrays.stream(values).map(form).toArray());
    }
  }
}
