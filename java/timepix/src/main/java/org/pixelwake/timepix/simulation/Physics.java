package org.pixelwake.timepix.simulation;

/// Constants of nature, after the Review of Particle Physics (PDG 2022, section 1, "Physical
/// constants"), and the kinematics of one particle.
final class Physics {
  /// Mass of the electron, MeV.
  static final double ELECTRON_MASS_MEV = 0.51099895;

  /// Mass of the proton, MeV.
  static final double PROTON_MASS_MEV = 938.272088;

  /// Atomic mass unit, MeV.
  static final double ATOMIC_MASS_MEV = 931.494102;

  /// `4 pi N_A r_e^2 m_e c^2`, MeV cm2/mol, the coefficient of the Bethe formula.
  static final double BETHE_K = 0.307075;

  /// Avogadro's number in 1/mol.
  static final double AVOGADRO = 6.02214076e23;

  /// Square of the classical radius of the electron, cm2.
  static final double ELECTRON_RADIUS_SQUARED_CM2 = 7.9407877e-26;

  /// Fine structure constant.
  static final double FINE_STRUCTURE = 1 / 137.035999;

  /// `hbar c`, MeV fm.
  static final double HBAR_C_MEV_FM = 197.3269804;

  /// um in a cm.
  static final double UM_PER_CM = 1e4;

  /// keV in an MeV.
  static final double KEV_PER_MEV = 1e3;

  /// eV in an MeV.
  static final double EV_PER_MEV = 1e6;

  private Physics() {}

  /// Square of the velocity over that of light.
  static double betaSquared(double kineticMeV, double massMeV) {
    double gamma = 1 + kineticMeV / massMeV;
    // (gamma^2 - 1) / gamma^2 without the difference of near numbers of slow particles.
    return kineticMeV / massMeV * (gamma + 1) / (gamma * gamma);
  }

  /// Square of the momentum over the mass, `(beta gamma)^2`.
  static double betaGammaSquared(double kineticMeV, double massMeV) {
    double tau = kineticMeV / massMeV;
    return tau * (tau + 2);
  }

  /// Momentum times c, MeV.
  static double momentumMeV(double kineticMeV, double massMeV) {
    return Math.sqrt(kineticMeV * (kineticMeV + 2 * massMeV));
  }
}
