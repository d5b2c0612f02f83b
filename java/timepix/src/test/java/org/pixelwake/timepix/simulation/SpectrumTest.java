package org.pixelwake.timepix.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pixelwake.timepix.sensor.ParticleRandom;

/// Spectra of lines, of integral tables and of beta decays.
class SpectrumTest {
  private static ParticleRandom random() {
    ParticleRandom random = new ParticleRandom();
    random.start(5, 0, 0);
    return random;
  }

  private static double meanMeV(Spectrum spectrum, int n) {
    ParticleRandom random = random();
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += spectrum.drawMeV(random);
    }
    return sum / n;
  }

  @Test
  void gammaFunction() {
    assertEquals(Math.log(24), BetaSpectrum.logGamma(5, 0), 1e-12);
    // |Gamma(1 + iy)|^2 is pi y / sinh(pi y).
    for (double y : new double[] {0.1, 1, 7}) {
      double square = Math.PI * y / Math.sinh(Math.PI * y);
      assertEquals(0.5 * Math.log(square), BetaSpectrum.logGamma(1, y), 1e-11);
    }
  }

  @Tag("slow")
  @Test
  void betasOfStrontiumAndYttrium() {
    // Mean energies of ENSDF (Nuclear Data Sheets of A = 90): 195.7 keV of Sr-90, whose endpoint is
    // 545.9 keV, and 932.4 keV of Y-90, of 2278.5 keV; both unique first-forbidden.
    BetaSpectrum.Shape unique = BetaSpectrum.Shape.UNIQUE_FIRST_FORBIDDEN;
    double strontium = meanMeV(BetaSpectrum.of(39, 90, 0.5459, unique), 200_000);
    double yttrium = meanMeV(BetaSpectrum.of(40, 90, 2.2785, unique), 200_000);
    assertEquals(0.1957, strontium, 0.01 * strontium);
    assertEquals(0.9324, yttrium, 0.01 * yttrium);
    // Allowed: C-14, of 156.476 keV, has a mean of 49.47 keV.
    double carbon = meanMeV(BetaSpectrum.of(7, 14, 0.156476, BetaSpectrum.Shape.ALLOWED), 200_000);
    assertEquals(0.04947, carbon, 0.01 * carbon);
    assertThrows(IllegalArgumentException.class, () -> BetaSpectrum.of(39, 90, 0, unique));
  }

  @Test
  void linesComeByIntensity() {
    Spectrum lines = new Spectrum.Lines(new double[] {0.06, 0.014}, new double[] {36, 12});
    ParticleRandom random = random();
    int first = 0;
    for (int i = 0; i < 40_000; i++) {
      double energy = lines.drawMeV(random);
      assertTrue(energy == 0.06 || energy == 0.014);
      first += energy == 0.06 ? 1 : 0;
    }
    assertEquals(0.75, first / 40_000.0, 0.01);
    assertThrows(
        IllegalArgumentException.class,
        () -> new Spectrum.Lines(new double[] {1}, new double[] {0}));
  }

  @Test
  void integralTablesAreFollowed() {
    double[] energies = {10, 30, 100, 400};
    double[] above = {190, 141, 71, 4};
    Spectrum spectrum = new Spectrum.Integral(energies, above);
    ParticleRandom random = random();
    int[] counts = new int[energies.length];
    int middle = 0;
    int n = 200_000;
    for (int i = 0; i < n; i++) {
      double energy = spectrum.drawMeV(random);
      assertTrue(energy >= 10 && energy <= 400);
      for (int k = 0; k < energies.length; k++) {
        counts[k] += energy > energies[k] ? 1 : 0;
      }
      middle += energy > 200 ? 1 : 0;
    }
    for (int k = 0; k < energies.length; k++) {
      assertEquals((above[k] - 4) / 186, (double) counts[k] / n, 0.004);
    }
    // A power law between 71 at 100 and 4 at 400 has their geometric mean at 200.
    assertEquals((Math.sqrt(71 * 4) - 4) / 186, (double) middle / n, 0.004);
    assertThrows(
        IllegalArgumentException.class,
        () -> new Spectrum.Integral(new double[] {1, 2}, new double[] {1, 0}));
  }
}
