package org.pixelwake.timepix.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// Mean energy loss against the tables of NIST (physics.nist.gov/PhysRefData/Star): each row is an
/// energy in MeV and a stopping power in MeV cm2/g, or a range in g/cm2.
class StoppingPowerTest {
  private static final double TOLERANCE = 0.03;

  // PSTAR, silicon: energy, electronic stopping power, CSDA range.
  private static final double[][] PSTAR = {
    {0.1, 504.4, 2.308e-4},
    {0.5, 256.7, 1.439e-3},
    {1, 175.3, 3.835e-3},
    {2, 111.7, 1.120e-2},
    {5, 58.24, 5.073e-2},
    {7, 45.33, 8.999e-2},
    {10, 34.58, 0.1665},
    {20, 20.19, 0.5608},
    {50, 9.852, 2.852},
    {100, 5.836, 9.737},
    {200, 3.627, 32.40},
    {500, 2.230, 144.7},
    {1000, 1.801, 400.7},
    {10000, 1.830, 5581}
  };

  // ESTAR, silicon: energy, collision, radiative stopping power, CSDA range.
  private static final double[][] ESTAR = {
    {0.01, 16.89, 7.255e-3, 3.461e-4},
    {0.05, 5.175, 8.061e-3, 5.592e-3},
    {0.1, 3.265, 8.389e-3, 1.822e-2},
    {0.25, 2.028, 9.951e-3, 7.991e-2},
    {0.5, 1.638, 1.374e-2, 0.2197},
    {0.7, 1.551, 1.740e-2, 0.3444},
    {1, 1.507, 2.360e-2, 0.5386},
    {1.5, 1.502, 3.533e-2, 0.8652},
    {4, 1.591, 0.1076, 2.412},
    {7, 1.657, 0.2081, 4.095},
    {10, 1.697, 0.3161, 5.642}
  };

  // ESTAR, aluminium: energy, collision, radiative stopping power.
  private static final double[][] ESTAR_ALUMINIUM = {
    {0.1, 3.177, 7.476e-3}, {1, 1.465, 2.119e-2}, {10, 1.636, 0.2858}
  };

  // ASTAR, silicon, electronic; energies between those that the program interpolates from.
  private static final double[][] ASTAR = {
    {0.25, 1307},
    {0.8, 1356},
    {1.25, 1218},
    {1.75, 1081},
    {2.5, 923.9},
    {3.5, 773.1},
    {5, 617.4},
    {5.5, 579.7},
    {7, 492.7},
    {9, 414},
    {10, 384.4}
  };

  private static void close(String what, double[] row, double expected, double actual) {
    assertEquals(expected, actual, TOLERANCE * expected, what + " at " + row[0] + " MeV");
  }

  @Test
  void protonsOfPstar() {
    StoppingPower power = new StoppingPower(Particle.PROTON, Material.SILICON);
    for (double[] row : PSTAR) {
      close("stopping power", row, row[1], power.electronic(row[0]));
      // PSTAR's ranges include the loss to nuclei, which shortens those below 0.5 MeV (by 3.5 % at
      // 0.1 MeV).
      if (row[0] >= 0.5) {
        close("range", row, row[2], power.csdaRangeGPerCm2(row[0]));
      }
    }
  }

  @Test
  void electronsOfEstar() {
    StoppingPower power = new StoppingPower(Particle.ELECTRON, Material.SILICON);
    for (double[] row : ESTAR) {
      close("collision", row, row[1], power.electronic(row[0]));
      close("radiative", row, row[2], power.radiative(row[0]));
      // At 10 keV the last keV, where the formula ends, is 6 % of the range.
      if (row[0] >= 0.05) {
        close("range", row, row[3], power.csdaRangeGPerCm2(row[0]));
      }
    }
    StoppingPower aluminium = new StoppingPower(Particle.ELECTRON, Material.ALUMINIUM);
    for (double[] row : ESTAR_ALUMINIUM) {
      close("collision", row, row[1], aluminium.electronic(row[0]));
      close("radiative", row, row[2], aluminium.radiative(row[0]));
    }
  }

  @Test
  void alphasOfAstar() {
    StoppingPower power = new StoppingPower(Particle.ALPHA, Material.SILICON);
    for (double[] row : ASTAR) {
      close("stopping power", row, row[1], power.electronic(row[0]));
    }
    // Above, an alpha is stripped bare and loses four times as much as a proton of its velocity.
    double ratio = Particle.ALPHA.massMeV() / Particle.PROTON.massMeV();
    close("alpha of the velocity of a proton", PSTAR[7], 4 * 20.19, power.electronic(20 * ratio));
    close("alpha of the velocity of a proton", PSTAR[6], 4 * 34.58, power.electronic(10 * ratio));
  }

  @Test
  void minimumIonisation() {
    // PDG 2022, "Atomic and nuclear properties of silicon": minimum 1.664 MeV cm2/g; of aluminium
    // 1.615.
    double least = Double.MAX_VALUE;
    StoppingPower muon = new StoppingPower(Particle.MUON, Material.SILICON);
    StoppingPower aluminium = new StoppingPower(Particle.MUON, Material.ALUMINIUM);
    double leastAluminium = Double.MAX_VALUE;
    for (double energy = 100; energy < 1000; energy *= 1.02) {
      least = Math.min(least, muon.total(energy));
      leastAluminium = Math.min(leastAluminium, aluminium.total(energy));
    }
    assertEquals(1.664, least, 0.01);
    assertEquals(1.615, leastAluminium, 0.01);
  }

  @Test
  void positronsDifferFromElectronsAsTheirCrossSections() {
    // ICRU Report 37: positrons lose a few per cent more below 0.3 MeV and a few less above 1 MeV.
    StoppingPower electron = new StoppingPower(Particle.ELECTRON, Material.SILICON);
    StoppingPower positron = new StoppingPower(Particle.POSITRON, Material.SILICON);
    double slow = positron.electronic(0.05) / electron.electronic(0.05);
    double fast = positron.electronic(10) / electron.electronic(10);
    assertTrue(slow > 1.02 && slow < 1.1, "slow " + slow);
    assertTrue(fast > 0.96 && fast < 1, "fast " + fast);
  }

  @Test
  void ionsAreStrippedWhereFast() {
    StoppingPower carbon = new StoppingPower(Particle.ion(6, 12), Material.SILICON);
    StoppingPower proton = new StoppingPower(Particle.PROTON, Material.SILICON);
    double ratio = Particle.ion(6, 12).massMeV() / Particle.PROTON.massMeV();
    assertEquals(36, carbon.electronic(100 * ratio) / proton.electronic(100), 0.4);
    assertTrue(carbon.electronic(0.5 * ratio) / proton.electronic(0.5) < 25);
  }

  @Test
  void ionsOfTheRadefCocktail() {
    // Z, A, energy in MeV, LET at the surface in silicon in MeV cm2/mg, of the 9.3 MeV/u cocktail
    // of
    // RADEF, Jyvaskyla (calculated with SRIM).
    double[][] cocktail = {
      {7, 15, 139, 1.83}, {10, 20, 186, 3.63}, {18, 40, 372, 10.2}, {26, 56, 523, 18.5}
    };
    for (double[] row : cocktail) {
      Particle ion = Particle.ion((int) row[0], (int) row[1]);
      double let = new StoppingPower(ion, Material.SILICON).electronic(row[2]) / 1e3;
      assertEquals(1, let / row[3], 0.06, ion.name());
    }
  }

  @Test
  void particlesByName() {
    assertEquals(Particle.PROTON, Particle.named("proton"));
    assertEquals(1000260560, Particle.named("Fe56").pdg());
    assertEquals(6, Particle.named("C12").charge());
    assertThrows(IllegalArgumentException.class, () -> Particle.named("neutron"));
  }
}
