package org.pixelwake.timepix.simulation;

import org.pixelwake.timepix.Cluster;

/// A cluster with what is known of the particle that made it. One particle can make several
/// clusters, with the same truth.
///
/// @param cluster the cluster, its `frame` the number of the particle
/// @param truth the particle
public record SimulatedCluster(Cluster cluster, Truth truth) {

  /// The truth of a particle.
  ///
  /// @param number number of the particle in the run, from 0
  /// @param particle its kind
  /// @param energyMeV its kinetic energy where it entered the first layer, MeV
  /// @param thetaDegrees its angle from the normal there, degrees
  /// @param phiDegrees its azimuth there, degrees, -180 to 180
  /// @param xUm where it entered, um from the outer edge of column 0
  /// @param yUm where it entered, um from the outer edge of row 0
  /// @param depositedKeV energy left in the sensor, keV, by it and by the electrons that it hit
  /// @param collectedKeV the part of that whose charge came to pixels, keV
  public record Truth(
      long number,
      Particle particle,
      double energyMeV,
      double thetaDegrees,
      double phiDegrees,
      double xUm,
      double yUm,
      double depositedKeV,
      double collectedKeV) {}
}
