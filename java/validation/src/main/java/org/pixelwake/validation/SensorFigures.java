package org.pixelwake.validation;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.pixelwake.report.plot.Figure;
import org.pixelwake.report.plot.Figure.Line;
import org.pixelwake.report.plot.Figure.Style;
import org.pixelwake.report.section.Finding;
import org.pixelwake.report.section.Finding.Verdict;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.sensor.Sensor;
import org.pixelwake.timepix.simulation.Angles;
import org.pixelwake.timepix.simulation.Particle;
import org.pixelwake.timepix.simulation.Setup;
import org.pixelwake.timepix.simulation.Simulator;
import org.pixelwake.timepix.simulation.Source;
import org.pixelwake.timepix.simulation.Spectrum;

/// Drift and diffusion in the sensor, and the sizes of clusters.
final class SensorFigures implements Topic {
  private static final int ALPHAS = 2_000;
  private static final int ELECTRONS = 40_000;
  private static final long SEED = 24;

  /// Bias of the measured sizes, V.
  private static final double BIAS_V = 155;

  @Override
  public Finding compare(Runner runner) {
    List<Verdict> checks = new ArrayList<>();
    List<Figure> plots = new ArrayList<>();
    drift(checks, plots);
    alphas(runner, checks, plots);
    electrons(runner, checks, plots);
    return new Finding(
        "sensor",
        "Drift times and cluster sizes",
        "Time that holes drift through the sensor and what they spread by diffusion, beside those"
            + " by which Timepix3 groups turn times into depths; median sizes of clusters beside"
            + " measured ones of a Timepix of 300 um. One number of the simulation, how much dense"
            + " charge repels itself, was fitted to the size at 5 to 6.5 MeV.",
        checks,
        plots);
  }

  private static void drift(List<Verdict> checks, List<Figure> plots) {
    ReferenceTable table = ReferenceTable.of("drift");
    List<Line> lines = new ArrayList<>();
    for (int i = 0; i < table.rows(); i++) {
      double bias = table.column("bias_v")[i];
      Sensor sensor =
          Sensor.timepix()
              .withDrift(
                  500,
                  bias,
                  table.column("depletion_v")[i],
                  table.column("mobility_um2_per_v_ns")[i]);
      String name = Math.round(bias) + " V over 500 um";
      double all = sensor.driftNs(0);
      checks.add(
          Verdicts.within(
              name + ": drift time", all, "ns", table.column("drift_ns")[i], 0.03, table.source()));
      checks.add(
          Verdicts.within(
              name + ": spread by diffusion",
              sensor.diffusionUm(all),
              "um",
              table.column("diffusion_um")[i],
              0.03,
              table.source()));
      double[] depth = IntStream.rangeClosed(0, 50).mapToDouble(k -> 10.0 * k).toArray();
      double[] time = new double[depth.length];
      for (int k = 0; k < depth.length; k++) {
        time[k] = sensor.driftNs(depth[k]);
      }
      lines.add(new Line(name, Style.CURVE, depth, time));
      lines.add(
          new Line(
              name + ", published",
              Style.POINTS,
              new double[] {0},
              new double[] {table.column("drift_ns")[i]}));
    }
    plots.add(
        new Figure(
            "Drift time by depth",
            "depth below the entrance (um)",
            "drift time (ns)",
            false,
            false,
            "Curves: simulated; points: published times through all of the sensor.",
            lines));
  }

  private static void alphas(Runner runner, List<Verdict> checks, List<Figure> plots) {
    ReferenceTable table = ReferenceTable.of("alpha-sizes");
    double[] energies = table.column("simulated_mev");
    double[] published = table.column("median");
    List<Integer> cases = IntStream.range(0, energies.length).boxed().toList();
    int count = runner.particles(ALPHAS);
    List<Double> medians =
        runner.each("alphas", cases, i -> alphaSize(energies[i], count).median());
    double[] found = medians.stream().mapToDouble(Double::doubleValue).toArray();
    for (int i = 0; i < energies.length; i++) {
      checks.add(
          Verdicts.between(
              "alphas of " + energies[i] + " MeV: median pixels",
              found[i],
              "",
              published[i] - 2,
              published[i] + 2,
              table.source()));
    }
    sizes("Sizes of alphas", "energy (MeV)", energies, table, found, plots);
  }

  private static Distribution alphaSize(double energyMeV, int count) {
    Source beam = Source.of(Particle.ALPHA, new Spectrum.Mono(energyMeV), new Angles.Beam(0, 0));
    return clusters(List.of(beam), count).sizes(0, Double.POSITIVE_INFINITY);
  }

  private static void electrons(Runner runner, List<Verdict> checks, List<Figure> plots) {
    ReferenceTable table = ReferenceTable.of("beta-sizes");
    double[] least = table.column("least_kev");
    double[] greatest = table.column("greatest_kev");
    double[] published = table.column("median");
    int count = runner.particles(ELECTRONS);
    List<Source> betas =
        Setup.preset("radon").sources().stream()
            .filter(source -> source.particle().equals(Particle.ELECTRON))
            .toList();
    Sizes all = runner.each("electrons", List.of(count), n -> clusters(betas, n)).getFirst();
    double[] middle = new double[least.length];
    double[] found = new double[least.length];
    for (int i = 0; i < least.length; i++) {
      middle[i] = Math.sqrt(least[i] * greatest[i]);
      found[i] = all.sizes(least[i], greatest[i]).median();
      double room = Math.max(1, 0.2 * published[i]);
      checks.add(
          Verdicts.between(
              Math.round(least[i])
                  + " to "
                  + Math.round(greatest[i])
                  + " keV of electrons: median pixels",
              found[i],
              "",
              published[i] - room,
              published[i] + room,
              table.source()
                  + "; within a pixel or 20 %: simulated are the betas alone, from all sides"));
    }
    sizes("Sizes of electrons", "energy left in the sensor (keV)", middle, table, found, plots);
  }

  private static void sizes(
      String title,
      String x,
      double[] energies,
      ReferenceTable table,
      double[] found,
      List<Figure> plots) {
    plots.add(
        new Figure(
            title,
            x,
            "median number of pixels",
            true,
            false,
            "Points: measured and simulated medians; faint: 5th and 95th percentile, measured.",
            List.of(
                new Line("measured", Style.POINTS, energies, table.column("median")),
                new Line("simulated", Style.POINTS, energies, found),
                new Line("5 % measured", Style.LIMIT, energies, table.column("p5")),
                new Line("95 % measured", Style.LIMIT, energies, table.column("p95")))));
  }

  /// Sizes and energies of clusters.
  private record Sizes(List<Cluster> clusters) {
    Distribution sizes(double leastKeV, double greatestKeV) {
      return new Distribution(
          clusters.stream()
              .filter(cluster -> {
                double sum = 0;
                for (float energy : cluster.energy()) {
                  sum += energy;
                }
                return sum >= leastKeV && sum < greatestKeV;
              })
              .mapToDouble(Cluster::size)
              .toArray());
    }
  }

  private static Sizes clusters(List<Source> sources, int count) {
    Sensor sensor = Sensor.timepix().withBias(BIAS_V);
    List<Cluster> found = new ArrayList<>();
    new Simulator(sensor, List.of()).run(sources, 0, count, SEED, 1, found::add);
    return new Sizes(found);
  }
}
