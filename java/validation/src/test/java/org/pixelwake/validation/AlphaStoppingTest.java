package org.pixelwake.validation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.pixelwake.timepix.simulation.Material;
import org.pixelwake.timepix.simulation.Particle;
import org.pixelwake.timepix.simulation.StoppingPower;

/// Alphas above their own table, beside the table of protons.
class AlphaStoppingTest {
  @Test
  void alphasLoseAsProtonsOfTheirVelocity() {
    // Above the table of ASTAR an alpha is stripped bare and loses four times as much.
    StoppingPower alpha = new StoppingPower(Particle.ALPHA, Material.SILICON);
    ReferenceTable pstar = ReferenceTable.of("pstar-silicon");
    double[] energies = pstar.column("energy_mev");
    double[] stopping = pstar.column("stopping_mev_cm2_per_g");
    double ratio = Particle.ALPHA.massMeV() / Particle.PROTON.massMeV();
    for (int i = 0; i < energies.length; i++) {
      if (energies[i] >= 10 && energies[i] < 10_000) {
        double lost = alpha.electronic(energies[i] * ratio);
        assertEquals(4 * stopping[i], lost, 0.03 * lost, energies[i] + " MeV");
      }
    }
  }
}
