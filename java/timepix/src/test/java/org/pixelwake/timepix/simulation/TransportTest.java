package org.pixelwake.timepix.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pixelwake.timepix.sensor.Deposits;
import org.pixelwake.timepix.sensor.ParticleRandom;

/// What the transport conserves and what it must not depend on; it is compared with measurements by
/// the validation.
@Tag("slow")
class TransportTest {
  private static final double[] ORIGIN = {0, 0, 0};
  private static final double[] INWARD = {0, 0, 1};

  /// What many particles did that went straight into a layer of silicon.
  private record Sample(
      double[] depositsKeV,
      double[] angles,
      double[] displacementsUm,
      double[] depthsUm,
      double meanOutMeV,
      int back) {}

  private static Sample run(Particle particle, double energyMeV, double thicknessUm, int n) {
    return run(particle, energyMeV, thicknessUm, n, TransportOptions.defaults());
  }

  private static Sample run(
      Particle particle, double energyMeV, double thicknessUm, int n, TransportOptions options) {
    Transport transport =
        new Transport(
            new TransportTables(
                List.of(new MaterialLayer(Material.SILICON, thicknessUm, true)), options));
    ParticleRandom random = new ParticleRandom();
    Deposits deposits = new Deposits();
    double[] deposited = new double[n];
    double[] depths = new double[n];
    double[] angles = new double[n];
    double[] displacements = new double[n];
    int through = 0;
    int back = 0;
    double out = 0;
    for (int i = 0; i < n; i++) {
      random.start(20, 0, i);
      deposits.clear();
      transport.follow(particle, energyMeV, ORIGIN, INWARD, random, deposits);
      deposited[i] = deposits.sumKeV();
      depths[i] = transport.primaryPoint[2];
      out += transport.primaryOutMeV;
      if (depths[i] >= thicknessUm) {
        Direction direction = transport.primaryDirection;
        angles[through] = Math.atan2(direction.x, direction.z);
        displacements[through++] = transport.primaryPoint[0];
      } else if (transport.primaryOutMeV > 0) {
        back++;
      }
    }
    return new Sample(
        deposited,
        Arrays.copyOf(angles, through),
        Arrays.copyOf(displacements, through),
        depths,
        out / n,
        back);
  }

  /// Width of the normal distribution that fits the central 98 % of a symmetric sample.
  private static double gaussianWidth98(double[] sample) {
    double[] sorted = sample.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    int from = n / 100;
    double window = (sorted[n - 1 - from] - sorted[from]) / 2;
    double square = 0;
    for (int i = from; i < n - from; i++) {
      square += sorted[i] * sorted[i];
    }
    square /= n - 2 * from;
    // The normal distribution that has, cut at the window, the mean square that was seen.
    double sigma = Math.sqrt(square);
    for (int i = 0; i < 200; i++) {
      double mass = 0;
      double moment = 0;
      for (int k = 0; k < 400; k++) {
        double u = (k + 0.5) / 400 * window / sigma;
        mass += Math.exp(-u * u / 2);
        moment += u * u * Math.exp(-u * u / 2);
      }
      sigma = Math.sqrt(square * mass / moment);
    }
    return sigma;
  }

  @Test
  void energyIsConserved() {
    Transport transport =
        new Transport(
            new TransportTables(
                List.of(
                    new MaterialLayer(Material.ALUMINIUM, 500, false),
                    new MaterialLayer(Material.SILICON, 300, true),
                    new MaterialLayer(Material.COPPER, 50, false)),
                TransportOptions.defaults()));
    ParticleRandom random = new ParticleRandom();
    Deposits deposits = new Deposits();
    Object[][] cases = {
      {Particle.ELECTRON, 0.05}, {Particle.ELECTRON, 0.6}, {Particle.ELECTRON, 20.0},
      {Particle.POSITRON, 2.0}, {Particle.PROTON, 8.0}, {Particle.PROTON, 12.0},
      {Particle.PROTON, 400.0}, {Particle.MUON, 3000.0}, {Particle.ALPHA, 60.0},
      {Particle.ion(6, 12), 1200.0}, {Particle.PHOTON, 0.003}, {Particle.PHOTON, 0.03},
      {Particle.PHOTON, 0.6}, {Particle.PHOTON, 8.0}
    };
    double[] slanted = {0.6, 0, 0.8};
    for (Object[] row : cases) {
      double energyMeV = (Double) row[1];
      for (int i = 0; i < 200; i++) {
        random.start(3, 0, i);
        deposits.clear();
        transport.follow((Particle) row[0], energyMeV, ORIGIN, slanted, random, deposits);
        double sum =
            deposits.sumKeV() + transport.elsewhereKeV + transport.leavingKeV + transport.massKeV;
        assertEquals(energyMeV * 1e3, sum, 1e-6 * energyMeV, row[0].toString());
        for (int k = 0; k < deposits.size(); k++) {
          assertTrue(deposits.energyKeV(k) >= 0);
          assertTrue(deposits.end(k, 2) >= -1e-6 && deposits.end(k, 2) <= 300 + 1e-6);
        }
      }
    }
  }

  @Test
  void meanLossIsThatOfTheStoppingPower() {
    double massPerUm = 2.329 / Physics.UM_PER_CM;
    for (double energyMeV : new double[] {30, 100, 1000}) {
      double lost = energyMeV - run(Particle.PROTON, energyMeV, 100, 20_000).meanOutMeV;
      double mean = new StoppingPower(Particle.PROTON, Material.SILICON).total(energyMeV);
      assertEquals(mean * 100 * massPerUm, lost, 0.02 * lost, energyMeV + " MeV");
    }
  }

  @Test
  void lossesBelowAndAboveTheCutAddUp() {
    ParticleRandom random = new ParticleRandom();
    random.start(1, 0, 0);
    for (Particle particle :
        List.of(Particle.ELECTRON, Particle.POSITRON, Particle.PROTON, Particle.MUON)) {
      LossTable table = new LossTable(particle, Material.SILICON);
      double energyMeV = particle.equals(Particle.PROTON) ? 50 : 0.5;
      double place = table.place(energyMeV);
      Collisions collisions = new Collisions(10, table);
      collisions.at(table, energyMeV, place);
      double sum = 0;
      int steps = 200_000;
      double stepUm = 50;
      for (int i = 0; i < steps; i++) {
        sum += collisions.restrictedLossKeV(stepUm, random);
        for (int k = collisions.candidates(stepUm, random); k > 0; k--) {
          sum += collisions.electron(random);
        }
      }
      double mean = table.electronicKeVPerUm(place) * stepUm * steps;
      assertEquals(1, sum / mean, 0.01, particle.name());
    }
  }

  @Test
  void displacementBelongsToTheAngle() {
    Sample sample = run(Particle.PION, 500, 300, 40_000);
    // PDG 2022, equation 34.20.
    double plane = gaussianWidth98(sample.displacementsUm);
    double angle = gaussianWidth98(sample.angles);
    assertEquals(1, plane / (angle * 300 / Math.sqrt(3)), 0.03);
  }

  @Test
  void protonsStopAtTheirRange() {
    // PSTAR: 4 MeV protons have a projected range of 3.461e-2 g/cm2 in silicon.
    Sample sample = run(Particle.PROTON, 4, 300, 4000);
    double depth = Arrays.stream(sample.depthsUm).average().orElse(0);
    assertEquals(3.461e-2 / 2.329 * Physics.UM_PER_CM, depth, 0.02 * depth);
    double square = Arrays.stream(sample.depthsUm).map(z -> z * z).average().orElse(0);
    // Range straggling of light ions is 1 to 2 % (Janni, At. Data Nucl. Data Tables 27 (1982) 147).
    double share = Math.sqrt(square - depth * depth) / depth;
    assertTrue(share > 0.008 && share < 0.03, "straggling " + share);
  }

  @Test
  void stepsDoNotMatter() {
    TransportOptions fine = new TransportOptions(10, 3, 0.05);
    Sample coarse = run(Particle.ELECTRON, 0.7, 300, 20_000);
    Sample other = run(Particle.ELECTRON, 0.7, 300, 20_000, fine);
    double mean = Arrays.stream(coarse.depositsKeV).average().orElse(0);
    double otherMean = Arrays.stream(other.depositsKeV).average().orElse(0);
    assertEquals(1, mean / otherMean, 0.02);
    assertEquals(1, (double) coarse.back / other.back, 0.12);
    assertEquals(1, gaussianWidth98(coarse.angles) / gaussianWidth98(other.angles), 0.03);
  }
}
