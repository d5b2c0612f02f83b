package org.pixelwake.timepix.simulation;

import java.util.Arrays;

/// Mean energy loss of a kind of particle in a material.
///
/// Heavy particles: the Bethe formula with density effect and the shell correction of Barkas and
/// Berger (NASA SP-3013, 1964; valid from 7.9 MeV per proton mass), and below the fit of ICRU
/// Report 49 to measurements, which holds the shell, Barkas and Bloch corrections; between 5 and 10
/// MeV per proton mass the two are blended. In silicon this stays within 1.1 % of NIST PSTAR from
/// 10 keV to 10 GeV, in copper within 2.1 % from 0.1 to 2 MeV. Helium follows NIST ASTAR below 8
/// MeV; heavier ions have the effective charge of Ziegler and lie within 1.1 % of SRIM for carbon
/// to nickel at 15 MeV/u; slower ones are not tested. Energy given to nuclei is left out: below 0.2
/// % of the loss above 0.5 MeV/u.
///
/// Electrons and positrons: the formula of Berger and Seltzer (ICRU Report 37, equation 3.17) and
/// radiative losses scaled from the cross-sections of Seltzer and Berger (At. Data Nucl. Data
/// Tables 35 (1986) 345).
///
/// Immutable.
public final class StoppingPower {
  private static final double FIT_UNTIL_MEV = 5;
  private static final double BETHE_FROM_MEV = 10;
  private static final double HELIUM_TABLE_UNTIL_MEV = 8;
  private static final double HELIUM_SCALED_FROM_MEV = 10;
  // Below, electrons lose a constant amount per length: the formula of Berger and Seltzer ends
  // where the energy is near that of the inner shells.
  private static final double LOWEST_ELECTRON_MEV = 1e-3;
  private static final double BETHE_SHELL_FROM_MEV = 7.9;
  private static final double SHELL_ENDS_AT_MEV = 2;

  // Radiative energy loss cross-section over alpha r_e^2 Z^2, of Z = 14, at the energies.
  private static final double[] RADIATIVE_LOG_MEV =
      logs(.01, .03, .1, .2, .3, .5, 1, 2, 3, 5, 10, 20, 50, 100, 1000);
  private static final double[] RADIATIVE = {
    5.718, 5.990, 5.638, 5.399, 5.377, 5.581, 6.413, 7.903, 8.984, 10.424, 12.349, 14.060, 15.804,
    16.746, 18.300
  };

  private final Particle particle;
  private final Material material;
  private final double[] heliumLogMeV;
  private final double[] heliumLogStopping;

  /// The energy loss of the particle in the material.
  ///
  /// @throws IllegalArgumentException where it has no charge
  public StoppingPower(Particle particle, Material material) {
    if (particle.charge() == 0) {
      throw new IllegalArgumentException(particle.name() + " has no stopping power");
    }
    this.particle = particle;
    this.material = material;
    this.heliumLogMeV = logs(Material.HELIUM_ENERGIES_MEV);
    this.heliumLogStopping = logs(material.heliumStopping());
  }

  /// Energy lost to electrons of the material, MeV cm2/g.
  ///
  /// @param kineticMeV kinetic energy, MeV, above 0
  public double electronic(double kineticMeV) {
    if (particle.light()) {
      return collision(Math.max(kineticMeV, LOWEST_ELECTRON_MEV));
    }
    double scaledMeV = kineticMeV * Physics.PROTON_MASS_MEV / particle.massMeV();
    double charge = Math.abs(particle.charge());
    if (charge == 1) {
      return unitCharge(scaledMeV);
    }
    if (charge == 2) {
      // Scaled to the mass of the alpha, which the table is of.
      double alphaMeV = kineticMeV * Particle.ALPHA.massMeV() / particle.massMeV();
      return blend(
          alphaMeV,
          HELIUM_TABLE_UNTIL_MEV,
          HELIUM_SCALED_FROM_MEV,
          helium(alphaMeV),
          4 * unitCharge(scaledMeV));
    }
    double effective = effectiveCharge(charge, kineticMeV / particle.massMeV());
    return effective * effective * unitCharge(scaledMeV);
  }

  /// Square of the charge with which a particle of this energy acts on electrons: that of a unit
  /// charge of its velocity multiplied by this is [#electronic].
  double effectiveChargeSquared(double kineticMeV) {
    if (Math.abs(particle.charge()) == 1) {
      return 1;
    }
    double scaledMeV = kineticMeV * Physics.PROTON_MASS_MEV / particle.massMeV();
    return electronic(kineticMeV) / unitCharge(scaledMeV);
  }

  /// Energy lost to bremsstrahlung, MeV cm2/g; 0 of heavy particles, whose losses of this kind are
  /// below 1 % up to 30 GeV for muons.
  public double radiative(double kineticMeV) {
    if (!particle.light()) {
      return 0;
    }
    double phi = interpolate(RADIATIVE_LOG_MEV, RADIATIVE, Math.log(kineticMeV));
    double z = material.atomicNumber();
    double perAtom = Physics.AVOGADRO / material.atomicMass() * Physics.FINE_STRUCTURE;
    double perChargeSquared = perAtom * Physics.ELECTRON_RADIUS_SQUARED_CM2;
    return perChargeSquared * z * z * (kineticMeV + Physics.ELECTRON_MASS_MEV) * phi;
  }

  /// All energy lost, MeV cm2/g.
  public double total(double kineticMeV) {
    return electronic(kineticMeV) + radiative(kineticMeV);
  }

  /// Range in the continuous-slowing-down approximation, g/cm2: the integral of the reciprocal
  /// stopping power from 0, to 0.1 %.
  public double csdaRangeGPerCm2(double kineticMeV) {
    // Loss is as the velocity below the first node, so the first part is twice energy over loss.
    double low = Math.min(1e-3, kineticMeV / 2);
    int steps = 2 * (int) Math.ceil(40 * Math.log(kineticMeV / low));
    double width = Math.log(kineticMeV / low) / steps;
    double sum = 0;
    for (int i = 0; i <= steps; i++) {
      double energy = low * Math.exp(i * width);
      double weight = i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2;
      sum += weight * energy / total(energy);
    }
    return 2 * low / total(low) + sum * width / 3;
  }

  private double unitCharge(double protonMeV) {
    return blend(protonMeV, FIT_UNTIL_MEV, BETHE_FROM_MEV, protonFit(protonMeV), bethe(protonMeV));
  }

  private static double blend(double energy, double from, double to, double low, double high) {
    double weight = Math.clamp(Math.log(energy / from) / Math.log(to / from), 0, 1);
    return (1 - weight) * low + weight * high;
  }

  /// PDG 2022, equation 34.5, of unit charge, at the velocity of a proton of this energy.
  private double bethe(double protonMeV) {
    double betaSquared = Physics.betaSquared(protonMeV, Physics.PROTON_MASS_MEV);
    double massMeV = particle.massMeV();
    double gamma = 1 + protonMeV / Physics.PROTON_MASS_MEV;
    double excitationMeV = material.excitationEv() / Physics.EV_PER_MEV;
    double eta = Physics.betaGammaSquared(protonMeV, Physics.PROTON_MASS_MEV);
    double twice = 2 * Physics.ELECTRON_MASS_MEV * eta;
    double ratio = Physics.ELECTRON_MASS_MEV / massMeV;
    double greatestMeV = twice / (1 + 2 * gamma * ratio + ratio * ratio);
    double number =
        0.5 * Math.log(twice * greatestMeV / (excitationMeV * excitationMeV))
            - betaSquared
            - 0.5 * material.densityEffect().delta(eta)
            - shell(protonMeV) / material.atomicNumber();
    return Physics.BETHE_K * material.electronsPerMass() / betaSquared * number;
  }

  /// Barkas and Berger's C, which is valid from 7.9 MeV; below it goes to 0 with the logarithm of
  /// the energy.
  private double shell(double protonMeV) {
    double at = Math.max(protonMeV, BETHE_SHELL_FROM_MEV);
    double x = 1 / Physics.betaGammaSquared(at, Physics.PROTON_MASS_MEV);
    double i = material.excitationEv();
    double c =
        (0.422377 + (0.0304043 - 0.00038106 * x) * x) * x * 1e-6 * i * i
            + (3.850190 + (-0.1667989 + 0.00157955 * x) * x) * x * 1e-9 * i * i * i;
    return protonMeV >= BETHE_SHELL_FROM_MEV
        ? c
        : c
            * Math.log(protonMeV / SHELL_ENDS_AT_MEV)
            / Math.log(BETHE_SHELL_FROM_MEV / SHELL_ENDS_AT_MEV);
  }

  private double protonFit(double protonMeV) {
    double keVPerU =
        protonMeV * Physics.KEV_PER_MEV * Physics.ATOMIC_MASS_MEV / Physics.PROTON_MASS_MEV;
    // Below 10 keV/u the loss is as the velocity.
    double at = Math.max(keVPerU, 10);
    Material.ProtonFit fit = material.proton();
    double low = fit.a2() * Math.pow(at, 0.45);
    double high = fit.a3() / at * Math.log(1 + fit.a4() / at + fit.a5() * at);
    double perAtom = low * high / (low + high) * Math.sqrt(keVPerU / at);
    // eV / (1e15 atoms/cm2) to MeV cm2/g.
    return perAtom * 1e-21 * Physics.AVOGADRO / material.atomicMass();
  }

  private double helium(double alphaMeV) {
    double least = Math.exp(heliumLogMeV[0]);
    double log = interpolate(heliumLogMeV, heliumLogStopping, Math.log(alphaMeV));
    return alphaMeV < least ? Math.exp(log) * Math.sqrt(alphaMeV / least) : Math.exp(log);
  }

  /// J. F. Ziegler, "Handbook of Stopping Cross-Sections for Energetic Ions in All Elements"
  /// (1980), of ions from lithium on.
  private static double effectiveCharge(double charge, double kineticPerMass) {
    double keVPerU = kineticPerMass * Physics.ATOMIC_MASS_MEV * Physics.KEV_PER_MEV;
    double b = 0.1772 * Math.sqrt(keVPerU) * Math.pow(charge, -2.0 / 3);
    // The sine is meant for the rise at low velocity.
    double a = b < 2 ? b + 0.0378 * Math.sin(Math.PI * b / 2) : b;
    return charge * (1 - Math.exp(-a) * (1.034 - 0.1777 * Math.exp(-0.08114 * charge)));
  }

  private double collision(double kineticMeV) {
    double tau = kineticMeV / Physics.ELECTRON_MASS_MEV;
    double betaSquared = Physics.betaSquared(kineticMeV, Physics.ELECTRON_MASS_MEV);
    double f;
    if (particle.charge() < 0) {
      f = (1 - betaSquared) * (1 + tau * tau / 8 - (2 * tau + 1) * Math.log(2));
    } else {
      double t = tau + 2;
      f = 2 * Math.log(2) - betaSquared / 12 * (23 + 14 / t + 10 / (t * t) + 4 / (t * t * t));
    }
    double relative = kineticMeV * Physics.EV_PER_MEV / material.excitationEv();
    double eta = Physics.betaGammaSquared(kineticMeV, Physics.ELECTRON_MASS_MEV);
    double number =
        2 * Math.log(relative) + Math.log1p(tau / 2) + f - material.densityEffect().delta(eta);
    return Physics.BETHE_K / 2 * material.electronsPerMass() / betaSquared * number;
  }

  private static double[] logs(double... values) {
    return Arrays.stream(values).map(Math::log).toArray();
  }

  /// Cubic Hermite interpolation with three-point slopes; constant outside.
  private static double interpolate(double[] x, double[] y, double at) {
    int n = x.length;
    if (at <= x[0]) {
      return y[0];
    }
    if (at >= x[n - 1]) {
      return y[n - 1];
    }
    int i = 0;
    while (x[i + 1] < at) {
      i++;
    }
    double h = x[i + 1] - x[i];
    double u = (at - x[i]) / h;
    double left = h * slope(x, y, i);
    double right = h * slope(x, y, i + 1);
    double rise = y[i + 1] - y[i];
    return y[i] + u * (left + u * (3 * rise - 2 * left - right + u * (left + right - 2 * rise)));
  }

  private static double slope(double[] x, double[] y, int i) {
    int n = x.length;
    if (i == 0) {
      return (y[1] - y[0]) / (x[1] - x[0]);
    }
    if (i == n - 1) {
      return (y[n - 1] - y[n - 2]) / (x[n - 1] - x[n - 2]);
    }
    double before = (y[i] - y[i - 1]) / (x[i] - x[i - 1]);
    double after = (y[i + 1] - y[i]) / (x[i + 1] - x[i]);
    return (before * (x[i + 1] - x[i]) + after * (x[i] - x[i - 1])) / (x[i + 1] - x[i - 1]);
  }
}
