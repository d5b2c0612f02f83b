package org.pixelwake.validation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.pixelwake.report.plot.Figure.Line;
import org.pixelwake.report.plot.Figure.Style;
import org.pixelwake.report.section.Finding;
import org.pixelwake.timepix.simulation.Material;
import org.pixelwake.timepix.simulation.Particle;
import org.pixelwake.timepix.simulation.StoppingPower;

/// Mean stopping power and range in the continuous-slowing-down approximation.
final class StoppingPowers {
  private static final double ALLOWED_PER_CENT = 3;

  /// Where the energy given to nuclei, which PSTAR's ranges include, is below 1 % of the range,
  /// MeV.
  private static final double PROTON_RANGES_FROM_MEV = 0.5;

  /// Energy from which the end of the track, where the formula ends, no longer counts, MeV.
  private static final double ELECTRON_RANGES_FROM_MEV = 0.05;

  private static final String ENERGY = "kinetic energy (MeV)";

  private static final String STOPPING = "MeV cm2/g";
  private static final String RANGE = "g/cm2";

  private StoppingPowers() {}

  static Finding compare(Runner runner) {
    FindingBuilder all = new FindingBuilder();
    StoppingPower proton = new StoppingPower(Particle.PROTON, Material.SILICON);
    StoppingPower electron = new StoppingPower(Particle.ELECTRON, Material.SILICON);
    StoppingPower aluminium = new StoppingPower(Particle.ELECTRON, Material.ALUMINIUM);
    StoppingPower alpha = new StoppingPower(Particle.ALPHA, Material.SILICON);
    Column protonRange = range(proton, PROTON_RANGES_FROM_MEV);
    Column electronRange = range(electron, ELECTRON_RANGES_FROM_MEV);
    compare(all, "Protons", "pstar-silicon", STOPPING, stopping(proton));
    compare(all, "Protons, range", "pstar-silicon", RANGE, protonRange);
    compare(all, "Electrons", "estar-silicon", STOPPING, electronStopping(electron));
    compare(all, "Electrons, range", "estar-silicon", RANGE, electronRange);
    compare(
        all, "Electrons in aluminium", "estar-aluminium", STOPPING, electronStopping(aluminium));
    compare(all, "Alphas", "astar-silicon", STOPPING, stopping(alpha));
    ions(all);
    runner.step("stopping power");
    return all.finding(
        "stopping-power",
        "Mean stopping power and ranges",
        "The mean energy loss that the simulation follows, computed at the energies of the tables."
            + " Protons to 5 MeV follow the fit of ICRU Report 49 and alphas to 8 MeV ASTAR"
            + " itself at other energies, so there the table tests the interpolation; elsewhere"
            + " the Bethe formula with density effect and shell correction, and for electrons that"
            + " of Berger and Seltzer, are compared.");
  }

  /// A column of a table, what is computed for it, and the energy from which it is compared, MeV.
  private record Column(String name, String column, DoubleUnaryOperator computed, double fromMeV) {
    double[] computed(double[] energies) {
      return Arrays.stream(energies).map(computed).toArray();
    }
  }

  private static Column stopping(StoppingPower power) {
    return new Column("stopping power", "stopping_mev_cm2_per_g", power::electronic, 0);
  }

  private static Column[] electronStopping(StoppingPower power) {
    return new Column[] {
      new Column("collisions", "collision_mev_cm2_per_g", power::electronic, 0),
      new Column("bremsstrahlung", "radiative_mev_cm2_per_g", power::radiative, 0)
    };
  }

  private static Column range(StoppingPower power, double fromMeV) {
    return new Column("range", "range_g_per_cm2", power::csdaRangeGPerCm2, fromMeV);
  }

  private static void compare(
      FindingBuilder comparison,
      String particles,
      String reference,
      String unit,
      Column... columns) {
    ReferenceTable table = ReferenceTable.of(reference);
    double[] all = table.column("energy_mev");
    List<Line> lines = new ArrayList<>();
    List<Line> ratios = new ArrayList<>();
    for (Column column : columns) {
      int from = 0;
      while (all[from] < column.fromMeV) {
        from++;
      }
      double[] energies = Arrays.copyOfRange(all, from, all.length);
      double[] published = Arrays.copyOfRange(table.column(column.column), from, all.length);
      double[] ratio = FindingBuilder.ratios(column.computed(energies), published);
      comparison.deviation(
          particles + ", " + ElectronRanges.span(energies) + " MeV: " + column.name,
          ratio,
          ALLOWED_PER_CENT,
          table.source());
      double[] fine = fine(energies[0], energies[energies.length - 1]);
      lines.add(new Line("computed " + column.name, Style.CURVE, fine, column.computed(fine)));
      lines.add(new Line("published " + column.name, Style.POINTS, energies, published));
      ratios.add(new Line(column.name, Style.POINTS, energies, ratio));
    }
    String text = "Curve: computed; points: published (" + table.source() + ").";
    comparison.figure(particles, ENERGY, unit, true, true, text, lines.toArray(Line[]::new));
    comparison.ratioFigure(particles, ENERGY, true, ALLOWED_PER_CENT, ratios.toArray(Line[]::new));
  }

  private static double[] fine(double from, double to) {
    int n = 100;
    return IntStream.rangeClosed(0, n)
        .mapToDouble(i -> from * Math.pow(to / from, (double) i / n))
        .toArray();
  }

  /// Ions are outside of what is asked, and the effective charge is known to a few per cent only.
  private static void ions(FindingBuilder all) {
    ReferenceTable table = ReferenceTable.of("srim-silicon-ions");
    double[] energies = table.column("energy_mev");
    List<String> names = table.texts("ion");
    double[] computed = new double[energies.length];
    for (int i = 0; i < computed.length; i++) {
      Particle ion = Particle.named(names.get(i));
      computed[i] = new StoppingPower(ion, Material.SILICON).electronic(energies[i]) / 1e3;
    }
    all.deviation(
        "ions of 15 MeV/u (" + String.join(", ", names) + "): stopping power",
        FindingBuilder.ratios(computed, table.column("stopping_mev_cm2_per_mg")),
        6,
        table.source());
  }
}
