package org.pixelwake.timepix.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pixelwake.timepix.sensor.Deposits;
import org.pixelwake.timepix.sensor.ParticleRandom;

/// Photons against XCOM and the formulas of their interactions.
class PhotonsTest {
  private static final double[] ORIGIN = {0, 0, 0};
  private static final double[] INWARD = {0, 0, 1};

  private static ParticleRandom random(long number) {
    ParticleRandom random = new ParticleRandom();
    random.start(11, 0, number);
    return random;
  }

  @Test
  void crossSectionsOfXcom() {
    // XCOM, cm2/g, total without coherent scattering: TotAttn less Coh at energies of the tables.
    double[][] silicon = {
      {0.01, 33.26},
      {0.03, 1.3105},
      {0.06, 0.28143},
      {0.1, 0.16813},
      {0.6, 0.08031},
      {10, 0.02462}
    };
    PhotonTable table = new PhotonTable(Material.SILICON);
    for (double[] row : silicon) {
      assertEquals(1, table.totalPerUm(row[0]) / row[1] * 1e4 / 2.329, 0.004, row[0] + " MeV");
    }
    PhotonTable aluminium = new PhotonTable(Material.ALUMINIUM);
    assertEquals(1, aluminium.totalPerUm(0.06) / 0.24394 * 1e4 / 2.699, 0.004);
    PhotonTable copper = new PhotonTable(Material.COPPER);
    assertEquals(1, copper.totalPerUm(0.06) / 1.4851 * 1e4 / 8.96, 0.004);
    assertEquals(8.979e-3, copper.edgeMeV, 1e-6);
    assertEquals(0, table.pairPerUm(1.02));
    assertTrue(table.pairPerUm(1.1) > 0 && table.pairPerUm(1.1) < table.pairPerUm(1.25));
    assertEquals(1.839e-3, table.edgeMeV, 1e-6);
    assertEquals(1 - 307.1 / 3191, table.edgeShare, 1e-6);
    assertThrows(
        IllegalArgumentException.class, () -> new StoppingPower(Particle.PHOTON, Material.SILICON));
  }

  @Tag("slow")
  @Test
  void freePathsThroughLayers() {
    // Without interaction through 1 mm of aluminium and 300 um of silicon.
    TransportTables tables =
        new TransportTables(
            List.of(
                new MaterialLayer(Material.ALUMINIUM, 1000, false),
                new MaterialLayer(Material.SILICON, 300, true)),
            TransportOptions.defaults());
    Transport transport = new Transport(tables);
    Deposits deposits = new Deposits();
    int n = 40_000;
    for (double energyMeV : new double[] {0.01, 0.03, 0.0595}) {
      int through = 0;
      for (int i = 0; i < n; i++) {
        deposits.clear();
        transport.follow(Particle.PHOTON, energyMeV, ORIGIN, INWARD, random(i), deposits);
        through += transport.primaryOutMeV == energyMeV ? 1 : 0;
      }
      double expected =
          Math.exp(
              -1000 * tables.photons[0].totalPerUm(energyMeV)
                  - 300 * tables.photons[1].totalPerUm(energyMeV));
      assertEquals(expected, (double) through / n, 4 * Math.sqrt(expected / n), "" + energyMeV);
    }
  }

  @Test
  void scatteringOfKleinAndNishina() {
    Material.IncoherentFunction free = new Material.IncoherentFunction(1e-9, 1, 0, 1e-9, 1);
    for (double energyMeV : new double[] {0.05, 0.662, 5}) {
      double sum = 0;
      int n = 200_000;
      ParticleRandom random = random(1);
      for (int i = 0; i < n; i++) {
        sum += 1 - Photons.comptonShare(free, energyMeV, random);
      }
      assertEquals(1, sum / n / meanTransfer(energyMeV), 0.01, energyMeV + " MeV");
    }
  }

  /// Mean share of the energy that goes to the electron, by numerical integration over angles.
  private static double meanTransfer(double energyMeV) {
    return moment(energyMeV, null, true) / moment(energyMeV, null, false);
  }

  private static double moment(
      double energyMeV, Material.@Nullable IncoherentFunction s, boolean lost) {
    double k = energyMeV / Physics.ELECTRON_MASS_MEV;
    double sum = 0;
    int n = 20_000;
    for (int i = 0; i < n; i++) {
      double cosine = -1 + (2 * i + 1.0) / n;
      double e = 1 / (1 + k * (1 - cosine));
      double section = e * e * (e + 1 / e - 1 + cosine * cosine);
      double x = energyMeV * 1e3 * Math.sqrt((1 - cosine) / 2) / 12.39842;
      sum += section * (s == null ? 1 : s.share(x)) * (lost ? 1 - e : 1);
    }
    return sum * 2 / n * Math.PI * Physics.ELECTRON_RADIUS_SQUARED_CM2;
  }

  @Test
  void bindingGivesTheCrossSectionOfXcom() {
    for (Material material : Material.KNOWN) {
      PhotonTable table = new PhotonTable(material);
      for (double energyMeV : new double[] {0.002, 0.005, 0.01, 0.03, 0.06, 0.2, 1}) {
        double perUm =
            moment(energyMeV, material.incoherent(), false)
                * Physics.AVOGADRO
                * material.electronsPerMass()
                * material.densityGPerCm3()
                / Physics.UM_PER_CM;
        assertEquals(
            1, perUm / table.incoherentPerUm(energyMeV), 0.013, material.name() + " " + energyMeV);
      }
    }
  }

  @Test
  void linesOfAmericium() {
    // 59.54 keV in a sensor: all of it, less what fluorescence or scattered photons carry off.
    Transport transport =
        new Transport(
            new TransportTables(
                List.of(new MaterialLayer(Material.SILICON, 300, true)),
                TransportOptions.defaults()));
    Deposits deposits = new Deposits();
    int whole = 0;
    int escaped = 0;
    int compton = 0;
    int between = 0;
    for (int i = 0; i < 60_000; i++) {
      deposits.clear();
      transport.follow(Particle.PHOTON, 0.05954, ORIGIN, INWARD, random(i), deposits);
      double sum = deposits.sumKeV();
      whole += Math.abs(sum - 59.54) < 0.01 ? 1 : 0;
      escaped += Math.abs(sum - 59.54 + 1.74) < 0.01 ? 1 : 0;
      compton += sum > 0 && sum < 11.3 ? 1 : 0;
      // Beyond the edge of Compton scattering, E 2k / (1 + 2k) or 11.25 keV, are those that
      // scattered twice.
      between += sum > 11.3 && sum < 50 ? 1 : 0;
    }
    assertTrue(whole > 450, "" + whole);
    assertTrue(between < 0.05 * compton, between + " of " + compton);
    // Fluorescence of a depth of 13 um leaves: a fiftieth of 5 % in 300 um.
    assertTrue(escaped < 0.008 * whole, escaped + " of " + whole);
    double ratio = (double) compton / whole;
    PhotonTable table = new PhotonTable(Material.SILICON);
    double expected = table.incoherentPerUm(0.05954) / table.photoelectricPerUm(0.05954);
    assertEquals(expected, ratio, 0.2 * expected);
  }

  @Test
  void positronsAnnihilateWhereTheyStop() {
    // In 300 um of silicon seldom a photon of the two is absorbed: the energy deposited is that of
    // the positron, and 1022 keV of its mass leave.
    Transport transport =
        new Transport(
            new TransportTables(
                List.of(new MaterialLayer(Material.SILICON, 2000, true)),
                TransportOptions.defaults()));
    Deposits deposits = new Deposits();
    double leaving = 0;
    int stopped = 0;
    for (int i = 0; i < 500; i++) {
      deposits.clear();
      transport.follow(
          Particle.POSITRON, 0.3, new double[] {0, 0, 1000}, INWARD, random(i), deposits);
      if (transport.massKeV < 0) {
        assertEquals(-1021.998, transport.massKeV, 1e-3);
        leaving += transport.leavingKeV;
        stopped++;
      }
    }
    assertTrue(stopped > 490, "" + stopped);
    assertTrue(leaving / stopped > 850 && leaving / stopped < 1022, "" + leaving / stopped);
  }
}
