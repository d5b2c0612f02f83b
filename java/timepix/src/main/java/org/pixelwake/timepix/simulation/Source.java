package org.pixelwake.timepix.simulation;

/// Particles of one kind that come upon the sensor, evenly over a square around its middle.
///
/// @param particle the kind
/// @param spectrum their energies
/// @param angles their directions
/// @param weight share of the source among several
/// @param sideUm side of the square, um, on the first layer; at most the sensor's
public record Source(
    Particle particle, Spectrum spectrum, Angles angles, double weight, double sideUm) {
  public Source {
    if (!(weight > 0) || !(sideUm >= 0)) {
      throw new IllegalArgumentException(
          "a source has a weight and a side: " + weight + ", " + sideUm + " um");
    }
  }

  /// A source of weight 1 over the middle 10 mm, whose tracks seldom reach the edge of a sensor of
  /// 14 mm.
  public static Source of(Particle particle, Spectrum spectrum, Angles angles) {
    return new Source(particle, spectrum, angles, 1, 10_000);
  }
}
