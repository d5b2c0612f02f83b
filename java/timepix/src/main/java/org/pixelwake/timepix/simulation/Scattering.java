package org.pixelwake.timepix.simulation;

import org.pixelwake.timepix.sensor.ParticleRandom;

/// Elastic scattering on screened nuclei: the small angles of a step together, the few great ones
/// one by one, so that neither the width nor the tails depend on how a path is cut into steps (the
/// multiple scattering of Moliere).
///
/// Cross-section of G. Wentzel, Z. Phys. 40 (1926) 590, with the screening angle of G. Moliere (H.
/// A. Bethe, Phys. Rev. 89 (1953) 1256, equation 21), `Z (Z + 1)` for the share of the electrons,
/// the spin factor of Mott to first order and the size of the nucleus (J. M. Fernandez-Varea et
/// al., Nucl. Instrum. Methods B 73 (1993) 447, of mixed simulation).
///
/// Angles are by `mu = (1 - cos theta) / 2`. For one thread.
final class Scattering {
  /// Single scatterings expected in a step.
  private static final double SINGLE = 2.5;

  private static final double BOHR_RADIUS_FM = 52917.721;

  private double momentumMeV;
  private double betaSquared;
  private double kineticMeV;
  private double ratePerUm;
  private double screening;
  private double nuclearSizeFm;
  private double thinFromMu;
  private double electronShare;
  private double limitMu;

  /// Sets the particle and its energy.
  ///
  /// @param deltaCutMeV energy above which collisions with electrons are simulated one by one, and
  ///   so are not to be counted here
  void at(LossTable table, double kinetic, double place, double deltaCutMeV) {
    Material material = table.material;
    double massMeV = table.particle.massMeV();
    kineticMeV = kinetic;
    momentumMeV = Physics.momentumMeV(kinetic, massMeV);
    betaSquared = Physics.betaSquared(kinetic, massMeV);
    double z = material.atomicNumber();
    double chargeSquared = table.chargeSquared(place);
    double perMomentum = Physics.ELECTRON_MASS_MEV / momentumMeV;
    double atomsPerCm3 = Physics.AVOGADRO * material.densityGPerCm3() / material.atomicMass();
    double perCharge =
        atomsPerCm3 / Physics.UM_PER_CM * Math.PI * Physics.ELECTRON_RADIUS_SQUARED_CM2;
    ratePerUm = perCharge * chargeSquared * z * (z + 1) * perMomentum * perMomentum / betaSquared;
    double radiusFm = 0.885 * BOHR_RADIUS_FM / Math.cbrt(z);
    double born = Physics.HBAR_C_MEV_FM / (momentumMeV * radiusFm);
    double coulomb = Physics.FINE_STRUCTURE * Physics.FINE_STRUCTURE * z * z * chargeSquared;
    screening = born * born * (1.13 + 3.76 * coulomb / betaSquared) / 4;
    nuclearSizeFm = 1.27 * Math.pow(material.atomicMass(), 0.27);
    electronShare = 1 / (z + 1);
    double ratio = Physics.ELECTRON_MASS_MEV / massMeV;
    thinFromMu =
        table.particle.light() ? deltaCutMeV / (4 * kineticMeV) : Math.min(1, ratio * ratio / 4);
  }

  /// Path over which the mean of `1 - cos theta` falls to 1/e, um.
  double transportPathUm() {
    double a = screening;
    return 1 / (2 * ratePerUm * (Math.log((1 + a) / a) - 1 / (1 + a)));
  }

  /// Draws `cos theta` of the small scatterings of a step.
  double small(double stepUm, ParticleRandom random) {
    double a = screening;
    double reciprocal = SINGLE / (ratePerUm * stepUm) + 1 / (1 + a);
    limitMu = Math.max(0, 1 / reciprocal - a);
    if (limitMu == 0) {
      return 1;
    }
    // Not log1p, which is slow: where the argument is small there is next to no scattering.
    double mean = 2 * ratePerUm * stepUm * (Math.log(1 + limitMu / a) - limitMu / (limitMu + a));
    if (mean > 1) {
      return 2 * random.uniform() - 1;
    }
    // Exponential in 1 - cos theta: the normal distribution of the two projected angles.
    double lost;
    do {
      lost = mean * random.exponential();
    } while (lost > 2);
    return 1 - lost;
  }

  /// Draws the number of great scatterings of the step that [#small] was called for.
  int great(double stepUm, ParticleRandom random) {
    double mean = ratePerUm * stepUm * (1 / (limitMu + screening) - 1 / (1 + screening));
    return random.poisson(mean);
  }

  /// Draws `cos theta` of a great scattering; 1 where there is none.
  double greatCosine(ParticleRandom random) {
    double from = 1 / (limitMu + screening);
    double mu = 1 / (from - random.uniform() * (from - 1 / (1 + screening))) - screening;
    double q = momentumMeV * nuclearSizeFm / Physics.HBAR_C_MEV_FM;
    double form = 1 / (1 + 4 * q * q * mu / 12);
    double weight = (1 - betaSquared * mu) * form * form * form * form;
    if (mu > thinFromMu) {
      weight *= 1 - electronShare;
    }
    return random.uniform() < weight ? 1 - 2 * mu : 1;
  }
}
