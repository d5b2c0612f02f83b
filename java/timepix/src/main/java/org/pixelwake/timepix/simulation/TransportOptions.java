package org.pixelwake.timepix.simulation;

/// How finely particles are followed.
///
/// @param deltaCutKeV energy, keV, above which electrons hit by a particle are followed
/// @param longestStepUm longest step, um
/// @param rangeShare share of its range that a particle may go in a step
public record TransportOptions(double deltaCutKeV, double longestStepUm, double rangeShare) {
  public TransportOptions {
    if (!(deltaCutKeV >= 5) || !(longestStepUm > 0) || !(rangeShare > 0 && rangeShare <= 0.5)) {
      throw new IllegalArgumentException(
          "the cut is at least 5 keV, above the shells of silicon, and steps have a length:"
              + " %s keV, %s um, %s".formatted(deltaCutKeV, longestStepUm, rangeShare));
    }
  }

  /// Electrons from 10 keV, whose range is 1.5 um of silicon; steps of 15 um.
  public static TransportOptions defaults() {
    return new TransportOptions(10, 15, 0.15);
  }
}
