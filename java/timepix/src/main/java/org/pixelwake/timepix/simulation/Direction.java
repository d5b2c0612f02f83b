package org.pixelwake.timepix.simulation;

import org.pixelwake.timepix.sensor.ParticleRandom;

/// A unit vector that is turned in place.
final class Direction {
  double x;
  double y;
  double z;

  void set(double newX, double newY, double newZ) {
    x = newX;
    y = newY;
    z = newZ;
  }

  /// Turns by a polar angle, at a random azimuth.
  void turn(double cosine, ParticleRandom random) {
    if (cosine < 1) {
      turn(cosine, 2 * Math.PI * random.uniform());
    }
  }

  /// Turns by a polar angle at an azimuth.
  void turn(double cosine, double azimuth) {
    double sine = Math.sqrt(Math.max(0, (1 - cosine) * (1 + cosine)));
    double u = sine * Math.cos(azimuth);
    double v = sine * Math.sin(azimuth);
    double across = Math.sqrt(x * x + y * y);
    if (across < 1e-9) {
      set(u, v * Math.signum(z), cosine * Math.signum(z));
      return;
    }
    double newX = x * cosine + (x * z * u - y * v) / across;
    double newY = y * cosine + (y * z * u + x * v) / across;
    double newZ = z * cosine - across * u;
    double norm = 1 / Math.sqrt(newX * newX + newY * newY + newZ * newZ);
    set(newX * norm, newY * norm, newZ * norm);
  }
}
