package org.pixelwake.timepix.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Transport against theory and measurements.
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
            new TransportTables(List.of(new Layer(Material.SILICON, thicknessUm, true)), options));
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
      depths[i] = transport.primaryPoint(2);
      out += transport.primaryOutMeV();
      if (depths[i] >= thicknessUm) {
        Direction direction = transport.primaryDirection();
        angles[through] = Math.atan2(direction.x, direction.z);
        displacements[through++] = transport.primaryPoint(0);
      } else if (transport.primaryOutMeV() > 0) {
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

  /// Place of the maximum, by a parabola through the histogram around it, and full width at half
  /// maximum.
  private static double[] peak(double[] values, double bin, double half) {
    int bins = 400;
    double[] counts = new double[bins];
    for (double value : values) {
      int at = (int) (value / bin);
      if (at < bins) {
        counts[at]++;
      }
    }
    int reach = (int) (half / bin);
    int top = 0;
    double best = -1;
    double[] smooth = new double[bins];
    for (int i = 2; i < bins - 2; i++) {
      smooth[i] = (counts[i - 2] + counts[i - 1] + counts[i] + counts[i + 1] + counts[i + 2]) / 5;
      if (smooth[i] > best) {
        best = smooth[i];
        top = i;
      }
    }
    double s0 = 0;
    double s2 = 0;
    double s4 = 0;
    double y0 = 0;
    double y1 = 0;
    double y2 = 0;
    for (int k = -reach; k <= reach; k++) {
      double y = counts[top + k];
      s0++;
      s2 += k * k;
      s4 += (double) k * k * k * k;
      y0 += y;
      y1 += k * y;
      y2 += k * k * y;
    }
    double curve = (s0 * y2 - s2 * y0) / (s0 * s4 - s2 * s2);
    double slope = y1 / s2;
    double height = (y0 - curve * s2) / s0 - slope * slope / (4 * curve);
    int low = top;
    while (smooth[low] > height / 2) {
      low--;
    }
    int high = top;
    while (smooth[high] > height / 2) {
      high++;
    }
    return new double[] {(top + 0.5 - slope / (2 * curve)) * bin, (high - low) * bin};
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

  /// PDG 2022, equation 34.16.
  private static double highland(Particle particle, double energyMeV, double thicknessUm) {
    double beta = Math.sqrt(Physics.betaSquared(energyMeV, particle.massMeV()));
    double momentum = Physics.momentumMeV(energyMeV, particle.massMeV());
    double x = thicknessUm / Physics.UM_PER_CM * 2.329 / 21.82;
    return 13.6
        / (beta * momentum)
        * Math.abs(particle.charge())
        * Math.sqrt(x)
        * (1 + 0.038 * Math.log(x / (beta * beta)));
  }

  @Test
  void energyIsConserved() {
    Transport transport =
        new Transport(
            new TransportTables(
                List.of(
                    new Layer(Material.ALUMINIUM, 500, false),
                    new Layer(Material.SILICON, 300, true),
                    new Layer(Material.ALUMINIUM, 100, false)),
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
            deposits.sumKeV()
                + transport.elsewhereKeV()
                + transport.leavingKeV()
                + transport.massKeV();
        assertEquals(energyMeV * 1e3, sum, 1e-6 * energyMeV, row[0].toString());
        for (int k = 0; k < deposits.size(); k++) {
          assertTrue(deposits.energyKeV(k) >= 0);
          assertTrue(deposits.end(k, 2) >= -1e-6 && deposits.end(k, 2) <= 300 + 1e-6);
        }
      }
    }
  }

  @Test
  void stragglingOfBichsel() {
    // H. Bichsel, Rev. Mod. Phys. 60 (1988) 663: beyond beta gamma of 500 the most probable loss in
    // t um of silicon is t (190 + 16.3 ln t) eV and the width 71.3 t (1 + 39.4 t^-0.8) eV.
    double[] fast = peak(run(Particle.MUON, 60_000, 300, 60_000).depositsKeV, 1, 7);
    assertEquals(0.3 * (190 + 16.3 * Math.log(300)), fast[0], 2, "most probable, keV");
    assertEquals(0.3 * 71.3 * (1 + 39.4 * Math.pow(300, -0.8)), fast[1], 3, "width, keV");
    // Cosmic muons, by which detectors are judged.
    double[] cosmic = peak(run(Particle.MUON, 4_000, 300, 60_000).depositsKeV, 1, 7);
    assertTrue(cosmic[0] > 81 && cosmic[0] < 86, "most probable, keV: " + cosmic[0]);
    // At the minimum itself Landau and Vavilov have 78.4 keV (PDG 2022, equation 34.12), to which
    // the binding of the electrons adds a few per cent.
    double[] least = peak(run(Particle.MUON, 320, 300, 60_000).depositsKeV, 1, 7);
    assertTrue(least[0] > 77 && least[0] < 82, "most probable, keV: " + least[0]);
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
  void scatteringOfHighland() {
    Object[][] cases = {
      {Particle.MUON, 320.0, 300.0},
      {Particle.PION, 500.0, 100.0},
      {Particle.PION, 500.0, 500.0},
      {Particle.PROTON, 100.0, 300.0},
      {Particle.ELECTRON, 20.0, 300.0}
    };
    for (Object[] row : cases) {
      Particle particle = (Particle) row[0];
      Sample sample = run(particle, (Double) row[1], (Double) row[2], 40_000);
      double width = gaussianWidth98(sample.angles);
      double expected = highland(particle, (Double) row[1], (Double) row[2]);
      assertEquals(1, width / expected, 0.05, particle.name() + " " + row[2]);
      // PDG 2022, equation 34.20.
      double plane = gaussianWidth98(sample.displacementsUm);
      assertEquals(1, plane / (width * (Double) row[2] / Math.sqrt(3)), 0.03, "displacement");
    }
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
  void electronsComeBack() {
    // Backscattering of 100 keV electrons from thick silicon: 0.14 to 0.17 (E. H. Darlington, J.
    // Phys. D 8 (1975) 85).
    Sample sample = run(Particle.ELECTRON, 0.1, 300, 10_000);
    double share = sample.back / 10_000.0;
    assertTrue(share > 0.13 && share < 0.18, "share " + share);
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
