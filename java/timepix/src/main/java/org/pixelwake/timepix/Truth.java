package org.pixelwake.timepix;

/// What is known of the particle that made a cluster: of simulated clusters, or of measured ones of
/// a known beam. One particle can make several clusters, which have the same truth.
///
/// @param particle number of its kind in the Monte Carlo numbering scheme of the Particle Data
///   Group: 11 electron, 22 photon, 2212 proton, `100ZZZAAA0` ions; 0 where unknown
/// @param energyMeV its kinetic energy where it came to the detector, MeV; NaN where unknown
/// @param thetaDegrees its angle from the normal of the sensor there, degrees; NaN where unknown
/// @param phiDegrees its azimuth there, from the direction in which columns are counted to that of
///   rows, degrees; NaN where unknown
/// @param xUm where it came in, um from the outer edge of column 0; NaN where unknown
/// @param yUm where it came in, um from the outer edge of row 0; NaN where unknown
/// @param depositedKeV energy that it left in the sensor, with that of the particles it set free,
///   keV; NaN where unknown
/// @param collectedKeV the part of that whose charge came to pixels, keV; NaN where unknown
/// @param number number of the particle in its source, from 0; -1 where unknown
/// @param particles number of particles whose hits the cluster holds: 1, more in a pile-up, of
///   which the other components tell what is the same for all of them
public record Truth(
    int particle,
    float energyMeV,
    float thetaDegrees,
    float phiDegrees,
    float xUm,
    float yUm,
    float depositedKeV,
    float collectedKeV,
    long number,
    int particles) {

  /// Number of a kind that is not known.
  public static final int UNKNOWN_PARTICLE = 0;

  /// Number of a particle that is not known.
  public static final long UNKNOWN_NUMBER = -1;

  public Truth {
    if (number < UNKNOWN_NUMBER) {
      throw new IllegalArgumentException("particles are numbered from 0: " + number);
    }
    if (particles < 1) {
      throw new IllegalArgumentException("a cluster is made by a particle, not by " + particles);
    }
  }

  /// The truth of a cluster that one particle made; see the components.
  public Truth(
      int particle,
      float energyMeV,
      float thetaDegrees,
      float phiDegrees,
      float xUm,
      float yUm,
      float depositedKeV,
      float collectedKeV,
      long number) {
    this(
        particle,
        energyMeV,
        thetaDegrees,
        phiDegrees,
        xUm,
        yUm,
        depositedKeV,
        collectedKeV,
        number,
        1);
  }

  /// The truth of which only the kind is known.
  public static Truth ofParticle(int particle) {
    float nan = Float.NaN;
    return entering(particle, nan, nan, nan, nan, nan);
  }

  /// The truth of which only the particle is known as it comes in; see the components.
  public static Truth entering(
      int particle, float energyMeV, float thetaDegrees, float phiDegrees, float xUm, float yUm) {
    float nan = Float.NaN;
    return new Truth(
        particle, energyMeV, thetaDegrees, phiDegrees, xUm, yUm, nan, nan, UNKNOWN_NUMBER);
  }

  /// Returns the truth with another kinetic energy, MeV.
  public Truth withEnergyMeV(float value) {
    return new Truth(
        particle,
        value,
        thetaDegrees,
        phiDegrees,
        xUm,
        yUm,
        depositedKeV,
        collectedKeV,
        number,
        particles);
  }

  /// Returns the truth of a cluster that holds the hits of so many particles.
  public Truth withParticles(int count) {
    return new Truth(
        particle,
        energyMeV,
        thetaDegrees,
        phiDegrees,
        xUm,
        yUm,
        depositedKeV,
        collectedKeV,
        number,
        count);
  }

  /// Returns the truth with what became of the particle in the sensor, and with its number.
  public Truth inSensor(double deposited, double collected, long of) {
    return new Truth(
        particle,
        energyMeV,
        thetaDegrees,
        phiDegrees,
        xUm,
        yUm,
        (float) deposited,
        (float) collected,
        of,
        particles);
  }
}
