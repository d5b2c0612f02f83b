package org.pixelwake.validation;

import java.math.BigDecimal;
import java.util.Arrays;
import org.pixelwake.report.plot.Figure.Line;
import org.pixelwake.report.plot.Figure.Style;
import org.pixelwake.report.section.Finding;
import org.pixelwake.timepix.simulation.Material;
import org.pixelwake.timepix.simulation.Particle;

/// Electrons that are followed until they stop or come back: ranges corrected for detours, and
/// backscattering.
final class ElectronRanges {
  private static final int PARTICLES = 20_000;
  private static final long SEED = 22;
  private static final double UM_PER_CM = 1e4;

  private ElectronRanges() {}

  static Finding compare(Runner runner) {
    FindingBuilder all = new FindingBuilder();
    ranges(runner, all);
    backscattering(runner, all);
    return all.finding(
        "electrons",
        "Tracked electrons",
        "Electrons sent straight into thick silicon and followed with all that they set free."
            + " Extrapolated range: where the tangent at the steepest place of the share that"
            + " stops deeper, by depth, meets 0.");
  }

  private static void ranges(Runner runner, FindingBuilder all) {
    ReferenceTable ratios = ReferenceTable.of("tabata-silicon");
    ReferenceTable csda = ReferenceTable.of("estar-silicon");
    double[] energies = ratios.column("energy_mev");
    double[] published = ratios.column("ratio_1996");
    double[] later = ratios.column("ratio_2002");
    double[] unbent = new double[energies.length];
    for (int i = 0; i < energies.length; i++) {
      int row = Arrays.binarySearch(csda.column("energy_mev"), energies[i]);
      unbent[i] = csda.column("range_g_per_cm2")[row];
      published[i] *= unbent[i];
      later[i] *= unbent[i];
    }
    int count = runner.particles(PARTICLES);
    double[] found =
        runner.numbers(
            "electron ranges", energies.length, i -> extrapolated(energies[i], unbent[i], count));
    double[] ratio = FindingBuilder.ratios(found, published);
    all.deviation(
        "electrons of " + span(energies) + " MeV: extrapolated range",
        ratio,
        3,
        ratios.source() + ", with the ranges of ESTAR");
    String title = "Extrapolated range of electrons";
    String axis = "kinetic energy (MeV)";
    all.figure(
        title,
        axis,
        "g/cm2",
        true,
        true,
        "Points: simulated; curves: published, with detours (1996, of the depths where"
            + " electrons stop, as here; 2002, of those that pass a layer) and without.",
        new Line("published 1996, extrapolated", Style.CURVE, energies, published),
        new Line("published 2002, extrapolated", Style.CURVE, energies, later),
        new Line("simulated, extrapolated", Style.POINTS, energies, found),
        new Line("published, along the track", Style.LIMIT, energies, unbent));
    all.ratioFigure(title, axis, true, 3, new Line("range", Style.POINTS, energies, ratio));
  }

  /// Returns the first and the last number, such as `0.1 to 10`.
  static String span(double[] ascending) {
    return text(ascending[0]) + " to " + text(ascending[ascending.length - 1]);
  }

  private static String text(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  /// Extrapolated range, g/cm2, from the depths where electrons stop.
  private static double extrapolated(double energyMeV, double csdaGPerCm2, int count) {
    double thicknessUm = csdaGPerCm2 / Material.SILICON.densityGPerCm3() * UM_PER_CM;
    double[] depths =
        new Beam(Particle.ELECTRON, energyMeV, thicknessUm)
            .values(count, SEED, out -> out.back() ? Double.NaN : out.zUm() / thicknessUm);
    Arrays.sort(depths);
    return csdaGPerCm2 * tangent(depths);
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

  private static void backscattering(Runner runner, FindingBuilder all) {
    ReferenceTable table = ReferenceTable.of("backscattering-silicon");
    double[] energies = table.column("energy_kev");
    double[] published = table.column("share");
    int count = runner.particles(PARTICLES);
    double[] found =
        runner.numbers("backscattering", energies.length, i -> back(energies[i] / 1e3, count));
    all.deviation(
        "electrons of 20 to 100 keV: share that comes back from thick silicon",
        FindingBuilder.ratios(found, published),
        15,
        table.source());
    all.figure(
        "Backscattering of electrons",
        "kinetic energy (keV)",
        "share that comes back",
        false,
        false,
        "Points: simulated; curve: published (" + table.source() + ").",
        new Line("published", Style.CURVE, energies, published),
        new Line("simulated", Style.POINTS, energies, found));
  }

  private static double back(double energyMeV, int count) {
    double[] back =
        new Beam(Particle.ELECTRON, energyMeV, 300)
            .values(count, SEED, out -> out.back() ? 1 : Double.NaN);
    return (double) back.length / count;
  }
}
