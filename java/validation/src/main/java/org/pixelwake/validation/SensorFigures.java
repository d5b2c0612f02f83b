package org.pixelwake.validation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.pixelwake.report.plot.Figure.Line;
import org.pixelwake.report.plot.Figure.Style;
import org.pixelwake.report.section.Finding;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.sensor.Sensor;
import org.pixelwake.timepix.simulation.Angles;
import org.pixelwake.timepix.simulation.Particle;
import org.pixelwake.timepix.simulation.Setup;
import org.pixelwake.timepix.simulation.Simulator;
import org.pixelwake.timepix.simulation.Source;
import org.pixelwake.timepix.simulation.Spectrum;

/// Drift and diffusion in the sensor, and the sizes of clusters.
final class SensorFigures {
  private static final int ALPHAS = 2_000;
  private static final int ELECTRONS = 40_000;
  private static final long SEED = 24;

  /// Bias of the measured sizes, V.
  private static final double BIAS_V = 155;

  private SensorFigures() {}

  static Finding compare(Runner runner) {
    FindingBuilder all = new FindingBuilder();
    drift(all);
    alphas(runner, all);
    electrons(runner, all);
    return all.finding(
        "sensor",
        "Drift times and cluster sizes",
        "Time that holes drift through the sensor and what they spread by diffusion, beside those"
            + " by which Timepix3 groups turn times into depths; median sizes of clusters beside"
            + " measured ones of a Timepix of 300 um. One number of the simulation, how much dense"
            + " charge repels itself, was fitted to the size at 5 to 6.5 MeV.");
  }

  private static void drift(FindingBuilder all) {
    ReferenceTable table = ReferenceTable.of("drift");
    double[] bias = table.column("bias_v");
    double[] depletion = table.column("depletion_v");
    double[] mobility = table.column("mobility_um2_per_v_ns");
    double[] driftNs = table.column("drift_ns");
    double[] spreadUm = table.column("diffusion_um");
    double[] depth = IntStream.rangeClosed(0, 50).mapToDouble(k -> 10.0 * k).toArray();
    List<Line> lines = new ArrayList<>();
    for (int i = 0; i < bias.length; i++) {
      Sensor sensor = Sensor.timepix().withDrift(500, bias[i], depletion[i], mobility[i]);
      String name = Math.round(bias[i]) + " V over 500 um";
      double through = sensor.driftNs(0);
      double spread = sensor.diffusionUm(through);
      all.within(name + ": drift time", through, "ns", driftNs[i], 0.03, table.source());
      all.within(name + ": spread by diffusion", spread, "um", spreadUm[i], 0.03, table.source());
      double[] time = Arrays.stream(depth).map(sensor::driftNs).toArray();
      double[] published = {driftNs[i]};
      lines.add(new Line(name, Style.CURVE, depth, time));
      lines.add(new Line(name + ", published", Style.POINTS, new double[] {0}, published));
    }
    all.figure(
        "Drift time by depth",
        "depth below the entrance (um)",
        "drift time (ns)",
        false,
        false,
        "Curves: simulated; points: published times through all of the sensor.",
        lines.toArray(Line[]::new));
  }

  private static void alphas(Runner runner, FindingBuilder all) {
    ReferenceTable table = ReferenceTable.of("alpha-sizes");
    double[] energies = table.column("simulated_mev");
    double[] published = table.column("median");
    int count = runner.particles(ALPHAS);
    double[] found = runner.numbers("alphas", energies.length, i -> alphaSize(energies[i], count));
    for (int i = 0; i < energies.length; i++) {
      all.between(
          "alphas of " + energies[i] + " MeV: median pixels",
          found[i],
          "",
          published[i] - 2,
          published[i] + 2,
          table.source());
    }
    sizes("Sizes of alphas", "energy (MeV)", energies, table, found, all);
  }

  private static double alphaSize(double energyMeV, int count) {
    Source beam = Source.of(Particle.ALPHA, new Spectrum.Mono(energyMeV), new Angles.Beam(0, 0));
    return medianSize(clusters(List.of(beam), count), 0, Double.POSITIVE_INFINITY);
  }

  private static void electrons(Runner runner, FindingBuilder all) {
    ReferenceTable table = ReferenceTable.of("beta-sizes");
    double[] least = table.column("least_kev");
    double[] greatest = table.column("greatest_kev");
    double[] published = table.column("median");
    int count = runner.particles(ELECTRONS);
    List<Source> betas =
        Setup.preset("radon").sources().stream()
            .filter(source -> source.particle().equals(Particle.ELECTRON))
            .toList();
    List<Cluster> clusters = runner.each("electrons", 1, i -> clusters(betas, count)).getFirst();
    double[] middle = new double[least.length];
    double[] found = new double[least.length];
    for (int i = 0; i < least.length; i++) {
      middle[i] = Math.sqrt(least[i] * greatest[i]);
      found[i] = medianSize(clusters, least[i], greatest[i]);
      double room = Math.max(1, 0.2 * published[i]);
      String energies = Math.round(least[i]) + " to " + Math.round(greatest[i]) + " keV";
      all.between(
          energies + " of electrons: median pixels",
          found[i],
          "",
          published[i] - room,
          published[i] + room,
          table.source()
              + "; within a pixel or 20 %: simulated are the betas alone, from all sides");
    }
    sizes("Sizes of electrons", "energy left in the sensor (keV)", middle, table, found, all);
  }

  private static void sizes(
      String title,
      String x,
      double[] energies,
      ReferenceTable table,
      double[] found,
      FindingBuilder all) {
    all.figure(
        title,
        x,
        "median number of pixels",
        true,
        false,
        "Points: measured and simulated medians; faint: 5th and 95th percentile, measured.",
        new Line("measured", Style.POINTS, energies, table.column("median")),
        new Line("simulated", Style.POINTS, energies, found),
        new Line("5 % measured", Style.LIMIT, energies, table.column("p5")),
        new Line("95 % measured", Style.LIMIT, energies, table.column("p95")));
  }

  private static List<Cluster> clusters(List<Source> sources, int count) {
    Sensor sensor = Sensor.timepix().withBias(BIAS_V);
    List<Cluster> found = new ArrayList<>();
    new Simulator(sensor, List.of()).run(sources, 0, count, SEED, 1, found::add);
    return found;
  }

  /// Median size of the clusters of an energy in a range.
  private static double medianSize(List<Cluster> clusters, double leastKeV, double greatestKeV) {
    return new Distribution(
            clusters.stream()
                .filter(cluster -> {
                  double energy = BetaSample.sum(cluster, keV -> keV);
                  return energy >= leastKeV && energy < greatestKeV;
                })
                .mapToDouble(Cluster::size)
                .toArray())
        .median();
  }
}
