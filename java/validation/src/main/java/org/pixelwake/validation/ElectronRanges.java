package org.pixelwake.validation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.pixelwake.report.plot.Figure;
import org.pixelwake.report.plot.Figure.Line;
import org.pixelwake.report.plot.Figure.Style;
import org.pixelwake.report.section.Finding;
import org.pixelwake.report.section.Finding.Verdict;
import org.pixelwake.timepix.simulation.Material;
import org.pixelwake.timepix.simulation.MaterialLayer;
import org.pixelwake.timepix.simulation.Particle;
import org.pixelwake.timepix.simulation.TestBeam;

/// Electrons that are followed until they stop or come back: ranges corrected for detours, and
/// backscattering.
final class ElectronRanges implements Topic {
  private static final int PARTICLES = 20_000;
  private static final long SEED = 22;
  private static final double UM_PER_CM = 1e4;

  @Override
  public Finding compare(Runner runner) {
    List<Verdict> checks = new ArrayList<>();
    List<Figure> plots = new ArrayList<>();
    ranges(runner, checks, plots);
    backscattering(runner, checks, plots);
    return new Finding(
        "electrons",
        "Tracked electrons",
        "Electrons sent straight into thick silicon and followed with all that they set free."
            + " Extrapolated range: where the tangent at the steepest place of the share that"
            + " stops deeper, by depth, meets 0.",
        checks,
        plots);
  }

  private static void ranges(Runner runner, List<Verdict> checks, List<Figure> plots) {
    ReferenceTable ratios = ReferenceTable.of("tabata-silicon");
    ReferenceTable csda = ReferenceTable.of("estar-silicon");
    double[] energies = ratios.column("energy_mev");
    double[] ratio = ratios.column("ratio_1996");
    double[] laterRatio = ratios.column("ratio_2002");
    double[] published = new double[energies.length];
    double[] later = new double[energies.length];
    double[] unbent = new double[energies.length];
    for (int i = 0; i < energies.length; i++) {
      unbent[i] = range(csda, energies[i]);
      published[i] = ratio[i] * unbent[i];
      later[i] = laterRatio[i] * unbent[i];
    }
    int count = runner.particles(PARTICLES);
    List<Integer> cases = IntStream.range(0, energies.length).boxed().toList();
    List<Double> simulated =
        runner.each("electron ranges", cases, i -> extrapolated(energies[i], unbent[i], count));
    double[] found = simulated.stream().mapToDouble(Double::doubleValue).toArray();
    Deviation deviation = Deviation.of(found, published);
    checks.add(
        Verdicts.deviation(
            "electrons of " + Spans.of(energies) + " MeV: extrapolated range",
            deviation,
            3,
            ratios.source() + ", with the ranges of ESTAR"));
    plots.add(
        new Figure(
            "Extrapolated range of electrons",
            "kinetic energy (MeV)",
            "g/cm2",
            true,
            true,
            "Points: simulated; curves: published, with detours (1996, of the depths where"
                + " electrons stop, as here; 2002, of those that pass a layer) and without.",
            List.of(
                new Line("published 1996, extrapolated", Style.CURVE, energies, published),
                new Line("published 2002, extrapolated", Style.CURVE, energies, later),
                new Line("simulated, extrapolated", Style.POINTS, energies, found),
                new Line("published, along the track", Style.LIMIT, energies, unbent))));
    plots.add(
        Ratios.figure(
            "Extrapolated range of electrons",
            "kinetic energy (MeV)",
            true,
            3,
            List.of(new Line("range", Style.POINTS, energies, deviation.ratio()))));
  }

  private static double range(ReferenceTable csda, double energyMeV) {
    double[] energies = csda.column("energy_mev");
    int at = Arrays.binarySearch(energies, energyMeV);
    return csda.column("range_g_per_cm2")[at];
  }

  /// Extrapolated range, g/cm2, from the depths where electrons stop.
  private static double extrapolated(double energyMeV, double csdaGPerCm2, int count) {
    double thicknessUm = csdaGPerCm2 / Material.SILICON.densityGPerCm3() * UM_PER_CM;
    List<Double> depths = new ArrayList<>();
    new TestBeam(
            List.of(new MaterialLayer(Material.SILICON, thicknessUm, false)),
            Particle.ELECTRON,
            energyMeV)
        .run(
            count,
            SEED,
            passage -> {
              if (!passage.back()) {
                depths.add(passage.zUm() / thicknessUm);
              }
            });
    double[] sorted = depths.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return csdaGPerCm2 * tangent(sorted);
  }

  /// Where the tangent at the steepest place of the share beyond a depth meets 0: the depth where
  /// most stop, plus the share beyond over the density there.
  private static double tangent(double[] sorted) {
    double best = 0;
    double crossing = Double.NaN;
    double half = 0.05;
    for (double middle = half; middle < 1; middle += 0.005) {
      int low = below(sorted, middle - half);
      int high = below(sorted, middle + half);
      if (high - low > best) {
        best = high - low;
        double beyond = sorted.length - below(sorted, middle);
        crossing = middle + beyond / (best / (2 * half));
      }
    }
    return crossing;
  }

  private static int below(double[] sorted, double value) {
    int at = Arrays.binarySearch(sorted, value);
    return at < 0 ? -at - 1 : at;
  }

  private static void backscattering(Runner runner, List<Verdict> checks, List<Figure> plots) {
    ReferenceTable table = ReferenceTable.of("backscattering-silicon");
    double[] energies = table.column("energy_kev");
    double[] published = table.column("share");
    int count = runner.particles(PARTICLES);
    List<Double> simulated =
        runner.each(
            "backscattering",
            Arrays.stream(energies).boxed().toList(),
            energy -> back(energy / 1e3, count));
    double[] found = simulated.stream().mapToDouble(Double::doubleValue).toArray();
    Deviation deviation = Deviation.of(found, published);
    checks.add(
        Verdicts.deviation(
            "electrons of 20 to 100 keV: share that comes back from thick silicon",
            deviation,
            15,
            table.source()));
    plots.add(
        new Figure(
            "Backscattering of electrons",
            "kinetic energy (keV)",
            "share that comes back",
            false,
            false,
            "Points: simulated; curve: published (" + table.source() + ").",
            List.of(
                new Line("published", Style.CURVE, energies, published),
                new Line("simulated", Style.POINTS, energies, found))));
  }

  private static double back(double energyMeV, int count) {
    int[] back = {0};
    new TestBeam(
            List.of(new MaterialLayer(Material.SILICON, 300, false)), Particle.ELECTRON, energyMeV)
        .run(count, SEED, passage -> back[0] += passage.back() ? 1 : 0);
    return (double) back[0] / count;
  }
}
