package org.pixelwake.timepix.simulation;

import java.util.List;

/// An element that particles pass through.
///
/// @param name its name
/// @param atomicNumber Z
/// @param atomicMass molar mass, g/mol
/// @param densityGPerCm3 density, g/cm3
/// @param excitationEv mean excitation energy I, eV (ICRU Report 37)
/// @param radiationLengthGPerCm2 radiation length, g/cm2 (PDG, "Atomic and nuclear properties")
/// @param densityEffect parameters of the density effect
/// @param proton fit of the stopping power of slow protons
/// @param heliumStopping electronic stopping power of helium ions at [#HELIUM_ENERGIES_MEV], MeV
///   cm2/g
/// @param shells the electrons by binding energy, the K shell first, the outermost last
/// @param fluorescence what follows a hole in the K shell
/// @param incoherent the electrons' share in the scattering of photons
public record Material(
    String name,
    int atomicNumber,
    double atomicMass,
    double densityGPerCm3,
    double excitationEv,
    double radiationLengthGPerCm2,
    DensityEffect densityEffect,
    ProtonFit proton,
    double[] heliumStopping,
    List<Shell> shells,
    Fluorescence fluorescence,
    IncoherentFunction incoherent) {

  /// Energies that the helium stopping powers belong to, MeV. Source of the values: NIST ASTAR
  /// (Berger, Coursey, Zucker, Chang, NISTIR 4999), electronic part; its errors are 4 % at 0.5 MeV
  /// and 2 % above 2 MeV.
  static final double[] HELIUM_ENERGIES_MEV = {
    0.001, 0.004, 0.01, 0.03, 0.06, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1, 1.5, 2, 3, 4, 6, 8, 10
  };

  /// Silicon, crystalline.
  public static final Material SILICON =
      new Material(
          "silicon",
          14,
          28.0855,
          2.329,
          173,
          21.82,
          new DensityEffect(4.4355, 0.2015, 2.8716, 0.1492, 3.2546, 0.14),
          new ProtonFit(5.598, 3193, 232.7, 0.01419),
          new double[] {
            47.32, 116.8, 212.1, 432.2, 668.6, 899.1, 1225, 1359, 1408, 1417, 1383, 1295, 1146,
            1023, 842.4, 713.1, 547, 449.5, 384.4
          },
          List.of(new Shell(2, 1839), new Shell(2, 149.7), new Shell(6, 99.6), new Shell(4, 0)),
          new Fluorescence(0.050, 1.740),
          new IncoherentFunction(0.1806, 2.6215, 0.2898, 0.6047, 0.9454));

  /// Aluminium.
  public static final Material ALUMINIUM =
      new Material(
          "aluminium",
          13,
          26.9815385,
          2.699,
          166,
          24.01,
          new DensityEffect(4.2395, 0.1708, 3.0127, 0.08024, 3.6345, 0.12),
          new ProtonFit(4.739, 2766, 164.5, 0.02023),
          new double[] {
            55.8, 132.7, 235.1, 463.3, 693.7, 894.5, 1136, 1234, 1280, 1297, 1286, 1225, 1098,
            984.9, 821, 698.6, 535.7, 439.8, 376
          },
          List.of(new Shell(2, 1559.6), new Shell(2, 117.8), new Shell(6, 72.8), new Shell(3, 0)),
          new Fluorescence(0.039, 1.487),
          new IncoherentFunction(0.2169, 5.7033, 0.2229, 0.5142, 0.9065));

  /// Copper.
  public static final Material COPPER =
      new Material(
          "copper",
          29,
          63.546,
          8.96,
          322,
          12.86,
          new DensityEffect(4.4190, -0.0254, 3.2792, 0.14339, 2.9044, 0.08),
          new ProtonFit(4.194, 4649, 81.13, 0.02242),
          new double[] {
            29.51, 60.98, 98.51, 174.9, 250.7, 325.6, 456.8, 545.4, 607, 649.1, 693.4, 704.9, 672.6,
            627.6, 548, 483.4, 388, 325.7, 282.3
          },
          List.of(
              new Shell(2, 8979),
              new Shell(2, 1096.7),
              new Shell(6, 939),
              new Shell(2, 122.5),
              new Shell(6, 76),
              new Shell(11, 0)),
          new Fluorescence(0.440, 8.048),
          new IncoherentFunction(0.1058, 0.5178, 0.2302, 0.5496, 0.6758));

  /// The materials above.
  public static final List<Material> KNOWN = List.of(SILICON, ALUMINIUM, COPPER);

  public Material {
    if (heliumStopping.length != HELIUM_ENERGIES_MEV.length || shells.isEmpty()) {
      throw new IllegalArgumentException(
          "a material has a helium stopping power at each energy, and shells");
    }
    heliumStopping = heliumStopping.clone();
    shells = List.copyOf(shells);
  }

  /// Sternheimer's density effect: parameters of R. M. Sternheimer, M. J. Berger, S. M. Seltzer,
  /// At. Data Nucl. Data Tables 30 (1984) 261, table I, as the PDG lists them.
  ///
  /// @param c C with the sign that makes it positive
  /// @param x0 start of the effect in `log10(beta gamma)`
  /// @param x1 start of its asymptote
  /// @param a factor of the power between
  /// @param k power between
  /// @param delta0 value at x0 of a conductor
  public record DensityEffect(double c, double x0, double x1, double a, double k, double delta0) {

    /// Delta at a `(beta gamma)^2` (PDG 2022, equation 34.7).
    public double delta(double betaGammaSquared) {
      double x = 0.5 * Math.log10(betaGammaSquared);
      if (x < x0) {
        return delta0 * Math.pow(10, 2 * (x - x0));
      }
      double asymptote = 2 * Math.log(10) * x - c;
      return x < x1 ? asymptote + a * Math.pow(x1 - x, k) : asymptote;
    }
  }

  /// Coefficients A2 to A5 of the fit of ICRU Report 49 (1993), equation 3.1 and table 3.1, to the
  /// electronic stopping power of protons below about 5 MeV, in eV / (1e15 atoms/cm2) with the
  /// energy in keV/u.
  public record ProtonFit(double a2, double a3, double a4, double a5) {}

  /// Electrons of one binding energy.
  ///
  /// @param electrons how many
  /// @param bindingEv binding energy, eV (X-ray Data Booklet, table 1-1); 0 of the valence band
  public record Shell(int electrons, double bindingEv) {}

  /// What follows a hole in the K shell: a photon, or else electrons that do not go far.
  ///
  /// @param yield share of photons (M. O. Krause, J. Phys. Chem. Ref. Data 8 (1979) 307)
  /// @param energyKeV energy of the photon, K alpha, keV (X-ray Data Booklet, table 1-2)
  public record Fluorescence(double yield, double energyKeV) {}

  /// Incoherent scattering function: the share of the electrons that a momentum transfer sets free,
  /// by which the formula of Klein and Nishina is multiplied. With `x = sin(theta/2) / lambda` in
  /// 1/Angstrom it is `1 - w (1 + (x/a)^2)^-p - (1 - w) (1 + (x/b)^2)^-q`, fitted so that the
  /// cross-section becomes that of XCOM: within 0.7 % from 1 keV to 1 MeV, of copper 1.2 %.
  ///
  /// @param outer a, 1/Angstrom
  /// @param outerPower p
  /// @param outerShare w
  /// @param inner b, 1/Angstrom
  /// @param innerPower q
  public record IncoherentFunction(
      double outer, double outerPower, double outerShare, double inner, double innerPower) {

    /// The share, 0 to 1, at x in 1/Angstrom.
    public double share(double x) {
      double a = x / outer;
      double b = x / inner;
      return 1
          - outerShare * Math.pow(1 + a * a, -outerPower)
          - (1 - outerShare) * Math.pow(1 + b * b, -innerPower);
    }
  }

  /// Electrons per g: `Z / A` in mol/g.
  public double electronsPerMass() {
    return atomicNumber / atomicMass;
  }
}
