package org.pixelwake.timepix.simulation;

import org.pixelwake.timepix.sensor.ParticleRandom;

/// A unit vector that is turned in place.
final class Direction {
  double x;
  double y;
  double z;

  Direction(double x, double y, double z) {
    set(x, y, z);
  }

  /// A direction of any way, each as probable as the other.
  static Direction isotropic(ParticleRandom random) {
    return new Direction(0, 0, 1).turned(2 * random.uniform() - 1, random);
  }

  void set(Direction other) {
    set(other.x, other.y, other.z);
  }

  private void set(double newX, double newY, double newZ) {
    x = newX;
    y = newY;
    z = newZ;
  }

  /// Another direction, by a polar angle from this one at a random azimuth.
  Direction turned(double cosine, ParticleRandom random) {
    Direction copy = new Direction(x, y, z);
    copy.turn(cosine, random);
    return copy;
  }

  /// Another direction, by a polar angle from this one at an azimuth.
  Direction turned(double cosine, double azimuth) {
    Direction copy = new Direction(x, y, z);
    copy.turn(cosine, azimuth);
    return copy;
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
