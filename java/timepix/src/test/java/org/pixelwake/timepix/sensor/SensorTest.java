package org.pixelwake.timepix.sensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.calibration.PixelMask;
import org.pixelwake.timepix.simulation.Material;
import org.pixelwake.timepix.simulation.MaterialLayer;
import org.pixelwake.timepix.simulation.Particle;
import org.pixelwake.timepix.simulation.Transport;
import org.pixelwake.timepix.simulation.TransportOptions;
import org.pixelwake.timepix.simulation.TransportTables;

/// Response of the sensor.
class SensorTest {
  private static final double MIDDLE_UM = 128.5 * 55;

  private static Sensor sensor(
      double biasV, double depletionV, double thicknessUm, PixelMask dead) {
    return Sensor.timepix3().withDrift(thicknessUm, biasV, depletionV, 45).withDead(dead);
  }

  private static Deposits point(double x, double y, double z, double energyKeV) {
    Deposits deposits = new Deposits();
    deposits.add(x, y, z, x, y, z, energyKeV);
    return deposits;
  }

  private static ParticleRandom random() {
    ParticleRandom random = new ParticleRandom();
    random.start(5, 0, 0);
    return random;
  }

  @Test
  void driftAndDiffusionOfPublishedSensors() {
    // 500 um, 230 V, depleted at 110 V, mobility 450 cm2/(V s): 26.3 ns over all the thickness.
    Sensor thick = sensor(230, 110, 500, PixelMask.none());
    assertEquals(26.3, thick.driftNs(0), 0.05);
    assertEquals(0, thick.driftNs(500), 1e-9);
    assertEquals(7.7, thick.diffusionUm(thick.driftNs(0)), 0.1);
    // 300 um at 100 V, depleted at 40 V: about 21 ns and 7 um.
    assertEquals(21.2, Sensor.timepix3().driftNs(0), 0.5);
    assertEquals(7, Sensor.timepix3().diffusionUm(21.2), 0.1);
    assertThrows(IllegalArgumentException.class, () -> sensor(30, 40, 300, PixelMask.none()));
  }

  @Test
  void chargeIsSharedAndKept() {
    SensorResponse response = new SensorResponse(Sensor.timepix3(), 1);
    // On the corner of four pixels: a quarter each.
    Deposits corner = point(128 * 55, 128 * 55, 150, 80);
    List<Cluster> clusters = response.respond(corner, 0, 0, random());
    assertEquals(80, response.collectedKeV(), 0.01);
    assertEquals(1, clusters.size());
    assertEquals(4, clusters.get(0).size());
    for (float energy : clusters.get(0).energy()) {
      assertEquals(20, energy, 3);
    }
    // In the middle of a pixel: all in one.
    clusters = response.respond(point(MIDDLE_UM, MIDDLE_UM, 150, 80), 0, 0, random());
    assertEquals(1, clusters.get(0).size());
    assertEquals(128, clusters.get(0).x()[0]);
    assertEquals(80, clusters.get(0).energy()[0], 3);
  }

  @Test
  void thresholdSaturationAndDeadPixels() {
    SensorResponse response = new SensorResponse(Sensor.timepix3(), 1);
    assertTrue(response.respond(point(MIDDLE_UM, MIDDLE_UM, 150, 1.5), 0, 0, random()).isEmpty());
    float saturated =
        response.respond(point(MIDDLE_UM, MIDDLE_UM, 299, 3000), 0, 0, random()).get(0).energy()[0];
    assertEquals(600, saturated, 3);
    SensorResponse dead =
        new SensorResponse(sensor(100, 40, 300, PixelMask.none().with(128, 128)), 1);
    assertTrue(dead.respond(point(MIDDLE_UM, MIDDLE_UM, 150, 80), 0, 0, random()).isEmpty());
  }

  @Test
  void lineOfGammasIsAsWideAsMeasured() {
    // Timepix3 resolves 2 keV at 60 keV, here in one pixel: noise, Fano and steps of ToT.
    SensorResponse response = new SensorResponse(Sensor.timepix3(), 1);
    ParticleRandom random = random();
    double sum = 0;
    double square = 0;
    int n = 5000;
    for (int i = 0; i < n; i++) {
      double energy =
          response.respond(point(MIDDLE_UM, MIDDLE_UM, 250, 60), 0, 0, random).get(0).energy()[0];
      sum += energy;
      square += energy * energy;
    }
    double mean = sum / n;
    assertEquals(60, mean, 0.1);
    double sigma = Math.sqrt(square / n - mean * mean);
    assertTrue(sigma > 0.5 && sigma < 2, "sigma " + sigma);
  }

  @Test
  void timesAreThoseOfTheChip() {
    assertEquals(25, SensorResponse.quantised(25), 0);
    assertEquals(25 - 1.5625, SensorResponse.quantised(23), 0);
    for (double ns = 0.1; ns < 200; ns += 0.37) {
      double given = SensorResponse.quantised(ns);
      assertTrue(given >= ns && given < ns + 1.5625 + 1e-9, ns + " as " + given);
      assertEquals(0, Math.IEEEremainder(given, 1.5625), 1e-9);
    }
    // A small signal comes late: 34.8 ns keV / (E - 1.75 keV).
    SensorResponse response = new SensorResponse(Sensor.timepix3(), 1);
    double small =
        response.respond(point(MIDDLE_UM, MIDDLE_UM, 150, 6.5), 0, 0, random()).get(0).time();
    double great =
        response.respond(point(MIDDLE_UM, MIDDLE_UM, 150, 160), 0, 0, random()).get(0).time();
    assertEquals(7.1, small - great, 3.2);
    // Depth shows in the time.
    double deep =
        response.respond(point(MIDDLE_UM, MIDDLE_UM, 0, 160), 0, 0, random()).get(0).time();
    double near =
        response.respond(point(MIDDLE_UM, MIDDLE_UM, 300, 160), 0, 0, random()).get(0).time();
    assertEquals(Sensor.timepix3().driftNs(0), deep - near, 1.6);
  }

  @Test
  void alphasAreAsLargeAsMeasured() {
    // Median sizes measured with Timepix, 300 um at 155 V and a threshold of 5 keV: 14 pixels at
    // 1.6
    // to 3.2 MeV, 17 to 5 MeV, 21 to 6.5 MeV (to which the repulsion is fitted), 24 to 8.5 MeV.
    Sensor sensor = Sensor.timepix().withBias(155);
    assertEquals(14, medianSize(sensor, 2.4), 2);
    assertEquals(17, medianSize(sensor, 4.1), 2);
    assertEquals(21, medianSize(sensor, 5.5), 2);
    assertEquals(24, medianSize(sensor, 7.5), 2);
  }

  private static double medianSize(Sensor sensor, double energyMeV) {
    Transport transport =
        new Transport(
            new TransportTables(
                List.of(new MaterialLayer(Material.SILICON, 300, true)),
                TransportOptions.defaults()));
    SensorResponse response = new SensorResponse(sensor, 1);
    ParticleRandom random = new ParticleRandom();
    Deposits deposits = new Deposits();
    List<Integer> sizes = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      random.start(8, 0, i);
      deposits.clear();
      double[] at = {(100 + random.uniform()) * 55, (100 + random.uniform()) * 55, 0};
      transport.follow(Particle.ALPHA, energyMeV, at, new double[] {0, 0, 1}, random, deposits);
      sizes.add(response.respond(deposits, 0, 0, random).get(0).size());
    }
    int[] sorted = sizes.stream().mapToInt(Integer::intValue).toArray();
    Arrays.sort(sorted);
    return sorted[150];
  }
}
