package org.pixelwake.timepix.simulation;

/// Spectra of beta-minus decays after E. Fermi, with the exact Coulomb functions of a point nucleus
/// taken at its surface (H. Behrens, J. Jaenecke, Landolt-Boernstein I/4 (1969)).
///
/// The energies per electron mass: `p W q^2 F_0 C`, of the electron's momentum p and total energy W
/// and the neutrino's energy q. C is 1 for allowed transitions, `q^2 + p^2 F_1 / F_0` for unique
/// first-forbidden ones, by which Sr-90 and Y-90 decay. Screening and radiative corrections, about
/// 1 % above 20 keV, are left out.
public final class BetaSpectrum {
  /// How spin and parity change.
  public enum Shape {
    /// Allowed.
    ALLOWED,
    /// Unique first-forbidden: spin by 2 and the parity.
    UNIQUE_FIRST_FORBIDDEN
  }

  private static final int POINTS = 400;

  /// Compton wavelength of the electron over 2 pi, fm.
  private static final double COMPTON_FM = Physics.HBAR_C_MEV_FM / Physics.ELECTRON_MASS_MEV;

  private static final double[] LANCZOS = {
    0.9999999999998099, 676.5203681218851, -1259.1392167224028,
    771.3234287776531, -176.6150291621406, 12.507343278686905,
    -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7
  };

  private BetaSpectrum() {}

  /// The spectrum of a transition as a table.
  ///
  /// @param daughterZ atomic number of the daughter
  /// @param massNumber mass number
  /// @param endpointMeV greatest energy, MeV
  /// @param shape of the transition
  public static Spectrum.Table of(int daughterZ, int massNumber, double endpointMeV, Shape shape) {
    if (daughterZ < 1 || daughterZ > 100 || massNumber < daughterZ || !(endpointMeV > 0)) {
      throw new IllegalArgumentException(
          "no beta decay to Z " + daughterZ + ", A " + massNumber + " of " + endpointMeV + " MeV");
    }
    double[] energies = new double[POINTS];
    double[] density = new double[POINTS];
    double radius = 1.2 * Math.cbrt(massNumber) / COMPTON_FM;
    double most = 1 + endpointMeV / Physics.ELECTRON_MASS_MEV;
    for (int i = 0; i < POINTS; i++) {
      // From 1/800 of the endpoint, evenly.
      energies[i] = endpointMeV * (i == 0 ? 0.5 : i) / (POINTS - 1);
      double total = 1 + energies[i] / Physics.ELECTRON_MASS_MEV;
      double p = Math.sqrt(total * total - 1);
      double q = Math.max(0, most - total);
      double first = coulomb(1, daughterZ, total, p, radius);
      double c =
          shape == Shape.ALLOWED
              ? 1
              : q * q + p * p * coulomb(2, daughterZ, total, p, radius) / first;
      density[i] = p * total * q * q * first * c;
    }
    return new Spectrum.Table(energies, density);
  }

  /// `F_(k-1)`: the electron's density at the nucleus over that of a free one.
  private static double coulomb(int k, int z, double total, double p, double radius) {
    double strength = Physics.FINE_STRUCTURE * z;
    double gamma = Math.sqrt(k * k - strength * strength);
    double eta = strength * total / p;
    double factor = k == 1 ? 1 : 6;
    double log =
        2 * Math.log(factor)
            + k * Math.log(4)
            + 2 * (gamma - k) * Math.log(2 * p * radius)
            + Math.PI * eta
            + 2 * (logGamma(gamma, eta) - logGamma(1 + 2 * gamma, 0));
    return Math.exp(log);
  }

  /// Logarithm of the absolute value of the gamma function at `x + iy`, for x above 1/2 (C.
  /// Lanczos, SIAM J. Numer. Anal. B 1 (1964) 86).
  static double logGamma(double x, double y) {
    double real = LANCZOS[0];
    double imaginary = 0;
    double a = x - 1;
    for (int i = 1; i < LANCZOS.length; i++) {
      double d = (a + i) * (a + i) + y * y;
      real += LANCZOS[i] * (a + i) / d;
      imaginary -= LANCZOS[i] * y / d;
    }
    double t = a + 7.5;
    double logT = 0.5 * Math.log(t * t + y * y);
    double argT = Math.atan2(y, t);
    return 0.5 * Math.log(2 * Math.PI)
        + (a + 0.5) * logT
        - y * argT
        - t
        + 0.5 * Math.log(real * real + imaginary * imaginary);
  }
}
