package org.pixelwake.timepix.simulation;

import java.util.random.RandomGenerator;

/// Distribution of the directions of a source: theta from the normal of the sensor, phi around it.
public sealed interface Angles {
  /// Draws a direction into the sensor: a unit vector (x, y, z).
  double[] draw(RandomGenerator random);

  /// One direction.
  ///
  /// @param thetaDegrees angle from the normal, degrees, below 90
  /// @param phiDegrees azimuth from the direction of the columns' numbers, degrees
  record Beam(double thetaDegrees, double phiDegrees) implements Angles {
    public Beam {
      if (!(thetaDegrees >= 0 && thetaDegrees < 90) || !Double.isFinite(phiDegrees)) {
        throw new IllegalArgumentException("theta is from 0 to below 90: " + thetaDegrees);
      }
    }

    @Override
    public double[] draw(RandomGenerator random) {
      return unit(Math.cos(Math.toRadians(thetaDegrees)), Math.toRadians(phiDegrees));
    }
  }

  /// Intensity (per solid angle, through an area across it) as the power of the cosine of theta. 0
  /// is an isotropic field, of which `sin theta cos theta` go through the sensor; 2 that of muons
  /// at sea level.
  ///
  /// @param power the power, not negative
  record Cosine(double power) implements Angles {
    public Cosine {
      if (!(power >= 0) || power == Double.POSITIVE_INFINITY) {
        throw new IllegalArgumentException("the power is not negative: " + power);
      }
    }

    /// An isotropic field.
    public static Cosine isotropic() {
      return new Cosine(0);
    }

    @Override
    public double[] draw(RandomGenerator random) {
      // 1 - u is never 0.
      double cosine = Math.pow(1 - random.nextDouble(), 1 / (power + 2));
      return unit(cosine, 2 * Math.PI * random.nextDouble());
    }
  }

  private static double[] unit(double cosine, double phi) {
    double sine = Math.sqrt(Math.max(0, 1 - cosine * cosine));
    return new double[] {sine * Math.cos(phi), sine * Math.sin(phi), cosine};
  }
}
