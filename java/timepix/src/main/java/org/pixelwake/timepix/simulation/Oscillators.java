package org.pixelwake.timepix.simulation;

import java.util.List;

/// The electrons of a material as oscillators: a shell is excited as a whole at one resonance
/// energy in distant collisions and hit as free electrons above that energy in close ones.
///
/// Source: D. Liljequist, J. Phys. D 16 (1983) 1567, with the resonances of R. M. Sternheimer,
/// Phys. Rev. 88 (1952) 851: those of the inner shells are their binding energies times one factor,
/// that of the valence band is its plasmon, and the factor makes the mean excitation energy I, so
/// that the mean loss is that of Bethe. The binding of the shells widens the distribution in thin
/// layers beyond that of Landau.
final class Oscillators {
  /// Energy of the plasmon of all electrons: `28.816 eV sqrt(density Z / A)` (PDG 2022, table
  /// 34.1).
  private static final double PLASMON_EV = 28.816;

  private static final double EV_PER_KEV = 1e3;

  /// Share of the electrons of each oscillator; sums to 1.
  final double[] share;

  /// Resonance energy of each, keV.
  final double[] resonanceKeV;

  Oscillators(Material material) {
    List<Material.Shell> shells = material.shells();
    int n = shells.size();
    share = new double[n];
    resonanceKeV = new double[n];
    double plasmonEv =
        PLASMON_EV * Math.sqrt(material.densityGPerCm3() * material.electronsPerMass());
    double rest = Math.log(material.excitationEv());
    double inner = 0;
    for (int i = 0; i < n; i++) {
      share[i] = (double) shells.get(i).electrons() / material.atomicNumber();
      boolean valence = shells.get(i).bindingEv() == 0;
      double ev = valence ? plasmonEv * Math.sqrt(share[i]) : shells.get(i).bindingEv();
      resonanceKeV[i] = ev / EV_PER_KEV;
      rest -= share[i] * Math.log(ev);
      inner += valence ? 0 : share[i];
    }
    double factor = Math.exp(rest / inner);
    for (int i = 0; i < n; i++) {
      if (shells.get(i).bindingEv() != 0) {
        resonanceKeV[i] *= factor;
      }
    }
  }
}
