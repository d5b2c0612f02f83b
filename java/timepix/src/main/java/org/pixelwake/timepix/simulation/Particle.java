package org.pixelwake.timepix.simulation;

import java.util.List;
import java.util.Optional;

/// A kind of particle.
///
/// @param name name by which it is chosen and labelled
/// @param pdg number in the Monte Carlo numbering scheme (PDG 2022, section 45); ions are
///   `100ZZZAAA0`
/// @param charge charge of the bare particle in units of the elementary charge; 0 of photons
/// @param massMeV mass in MeV; 0 of photons
public record Particle(String name, int pdg, int charge, double massMeV) {
  /// Electron.
  public static final Particle ELECTRON =
      new Particle("electron", 11, -1, Physics.ELECTRON_MASS_MEV);

  /// Positron. It annihilates where it stops.
  public static final Particle POSITRON =
      new Particle("positron", -11, 1, Physics.ELECTRON_MASS_MEV);

  /// Negative muon.
  public static final Particle MUON = new Particle("muon", 13, -1, 105.6583755);

  /// Positive pion. Its nuclear interactions and its decay are not simulated.
  public static final Particle PION = new Particle("pion", 211, 1, 139.57039);

  /// Proton. Its nuclear interactions are not simulated: in 300 um of silicon one proton in about
  /// 1500 has one.
  public static final Particle PROTON = new Particle("proton", 2212, 1, Physics.PROTON_MASS_MEV);

  /// Deuteron.
  public static final Particle DEUTERON = new Particle("deuteron", 1000010020, 1, 1875.612943);

  /// Alpha particle.
  public static final Particle ALPHA = new Particle("alpha", 1000020040, 2, 3727.379378);

  /// Photon, of 1 keV or more.
  public static final Particle PHOTON = new Particle("photon", 22, 0, 0);

  private static final List<Particle> NAMED =
      List.of(ELECTRON, POSITRON, MUON, PION, PROTON, DEUTERON, ALPHA, PHOTON);

  // Symbols of the ions that are named by symbol and mass number, such as C12.
  private static final List<String> SYMBOLS =
      List.of(
          "H", "He", "Li", "Be", "B", "C", "N", "O", "F", "Ne", "Na", "Mg", "Al", "Si", "P", "S",
          "Cl", "Ar", "K", "Ca", "Sc", "Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn", "Ga",
          "Ge", "As", "Se", "Br", "Kr", "Rb", "Sr", "Y", "Zr", "Nb", "Mo", "Tc", "Ru", "Rh", "Pd",
          "Ag", "Cd", "In", "Sn", "Sb", "Te", "I", "Xe", "Cs", "Ba", "La", "Ce", "Pr", "Nd", "Pm",
          "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu", "Hf", "Ta", "W", "Re", "Os",
          "Ir", "Pt", "Au", "Hg", "Tl", "Pb");

  private static final int IONS_FROM = 1_000_000_000;

  public Particle {
    if (charge == 0 ? massMeV != 0 : !(massMeV > 0)) {
      throw new IllegalArgumentException(
          "a charged particle has a mass, a photon none: " + charge + ", " + massMeV + " MeV");
    }
  }

  /// A bare ion. Its mass is `A` atomic mass units less the electrons; the mass defect, below 0.2 %
  /// from lithium on, is left out.
  public static Particle ion(int atomicNumber, int massNumber) {
    if (atomicNumber < 1 || atomicNumber > SYMBOLS.size() || massNumber < atomicNumber) {
      throw new IllegalArgumentException("no ion of Z " + atomicNumber + ", A " + massNumber);
    }
    return new Particle(
        SYMBOLS.get(atomicNumber - 1) + massNumber,
        IONS_FROM + 10_000 * atomicNumber + 10 * massNumber,
        atomicNumber,
        massNumber * Physics.ATOMIC_MASS_MEV - atomicNumber * Physics.ELECTRON_MASS_MEV);
  }

  /// The particle of a name: one of those above, or an ion by symbol and mass number such as `C12`.
  ///
  /// @throws IllegalArgumentException where there is none
  public static Particle named(String name) {
    for (Particle particle : NAMED) {
      if (particle.name.equals(name)) {
        return particle;
      }
    }
    for (int z = SYMBOLS.size(); z >= 1; z--) {
      String symbol = SYMBOLS.get(z - 1);
      if (name.startsWith(symbol) && name.substring(symbol.length()).matches("\\d{1,3}")) {
        return ion(z, Integer.parseInt(name.substring(symbol.length())));
      }
    }
    throw new IllegalArgumentException("no particle is named " + name);
  }

  /// The particle of a number in the Monte Carlo numbering scheme: one of those above, or an ion.
  public static Optional<Particle> ofPdg(int pdg) {
    Optional<Particle> named = NAMED.stream().filter(p -> p.pdg == pdg).findFirst();
    if (named.isPresent()) {
      return named;
    }
    int z = (pdg - IONS_FROM) / 10_000;
    int a = (pdg - IONS_FROM) % 10_000 / 10;
    return z >= 1 && z <= SYMBOLS.size() && a >= z && pdg == IONS_FROM + 10_000 * z + 10 * a
        ? Optional.of(ion(z, a))
        : Optional.empty();
  }

  /// Whether it is an electron or a positron.
  public boolean light() {
    return pdg == 11 || pdg == -11;
  }
}
