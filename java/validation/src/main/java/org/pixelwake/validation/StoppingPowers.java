package org.pixelwake.validation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.pixelwake.report.plot.Figure;
import org.pixelwake.report.plot.Figure.Line;
import org.pixelwake.report.plot.Figure.Style;
import org.pixelwake.report.section.Finding;
import org.pixelwake.report.section.Finding.Verdict;
import org.pixelwake.timepix.simulation.Material;
import org.pixelwake.timepix.simulation.Particle;
import org.pixelwake.timepix.simulation.StoppingPower;

/// Mean stopping power and range in the continuous-slowing-down approximation.
final class StoppingPowers implements Topic {
  private static final double ALLOWED_PER_CENT = 3;

  /// Where the energy given to nuclei, which PSTAR's ranges include, is below 1 % of the range,
  /// MeV.
  private static final double PROTON_RANGES_FROM_MEV = 0.5;

  /// Energy from which the end of the track, where the formula ends, no longer counts, MeV.
  private static final double ELECTRON_RANGES_FROM_MEV = 0.05;

  private static final String ENERGY = "kinetic energy (MeV)";

  private final List<Verdict> checks = new ArrayList<>();
  private final List<Figure> plots = new ArrayList<>();

  @Override
  public Finding compare(Runner runner) {
    checks.clear();
    plots.clear();
    protons();
    electrons();
    alphas();
    ions();
    runner.step("stopping power");
    return new Finding(
        "stopping-power",
        "Mean stopping power and ranges",
        "The mean energy loss that the simulation follows, computed at the energies of the tables."
            + " Protons to 5 MeV follow the fit of ICRU Report 49 and alphas to 8 MeV ASTAR"
            + " itself at other energies, so there the table tests the interpolation; elsewhere"
            + " the Bethe formula with density effect and shell correction, and for electrons that"
            + " of Berger and Seltzer, are compared.",
        checks,
        plots);
  }

  private void protons() {
    StoppingPower power = new StoppingPower(Particle.PROTON, Material.SILICON);
    ReferenceTable table = ReferenceTable.of("pstar-silicon");
    compare(
        "Protons",
        table,
        List.of(new Column("stopping power", "stopping_mev_cm2_per_g", power::electronic, 0)),
        "MeV cm2/g");
    compare(
        "Protons, range",
        table,
        List.of(
            new Column(
                "range", "range_g_per_cm2", power::csdaRangeGPerCm2, PROTON_RANGES_FROM_MEV)),
        "g/cm2");
  }

  private void electrons() {
    StoppingPower power = new StoppingPower(Particle.ELECTRON, Material.SILICON);
    ReferenceTable table = ReferenceTable.of("estar-silicon");
    compare(
        "Electrons",
        table,
        List.of(
            new Column("collisions", "collision_mev_cm2_per_g", power::electronic, 0),
            new Column("bremsstrahlung", "radiative_mev_cm2_per_g", power::radiative, 0)),
        "MeV cm2/g");
    compare(
        "Electrons, range",
        table,
        List.of(
            new Column(
                "range", "range_g_per_cm2", power::csdaRangeGPerCm2, ELECTRON_RANGES_FROM_MEV)),
        "g/cm2");
    StoppingPower aluminium = new StoppingPower(Particle.ELECTRON, Material.ALUMINIUM);
    compare(
        "Electrons in aluminium",
        ReferenceTable.of("estar-aluminium"),
        List.of(
            new Column("collisions", "collision_mev_cm2_per_g", aluminium::electronic, 0),
            new Column("bremsstrahlung", "radiative_mev_cm2_per_g", aluminium::radiative, 0)),
        "MeV cm2/g");
  }

  private void alphas() {
    StoppingPower power = new StoppingPower(Particle.ALPHA, Material.SILICON);
    compare(
        "Alphas",
        ReferenceTable.of("astar-silicon"),
        List.of(new Column("stopping power", "stopping_mev_cm2_per_g", power::electronic, 0)),
        "MeV cm2/g");
  }

  /// Ions are outside of what is asked, and the effective charge is known to a few per cent only.
  private void ions() {
    ReferenceTable table = ReferenceTable.of("srim-silicon-ions");
    double[] energies = table.column("energy_mev");
    double[] published = table.column("stopping_mev_cm2_per_mg");
    List<String> names = table.texts("ion");
    double[] computed = new double[energies.length];
    for (int i = 0; i < computed.length; i++) {
      Particle ion = Particle.named(names.get(i));
      computed[i] = new StoppingPower(ion, Material.SILICON).electronic(energies[i]) / 1e3;
    }
    checks.add(
        Verdicts.deviation(
            "ions of 15 MeV/u (" + String.join(", ", names) + "): stopping power",
            Deviation.of(computed, published),
            6,
            table.source()));
  }

  /// A column of a table, what is computed for it, and the energy from which it is compared, MeV.
  private record Column(String name, String column, DoubleUnaryOperator computed, double fromMeV) {}

  private void compare(String particles, ReferenceTable table, List<Column> columns, String unit) {
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
      double[] computed = Arrays.stream(energies).map(column.computed).toArray();
      Deviation deviation = Deviation.of(computed, published);
      checks.add(
          Verdicts.deviation(
              particles + ", " + Spans.of(energies) + " MeV" + ": " + column.name,
              deviation,
              ALLOWED_PER_CENT,
              table.source()));
      double[] fine = fine(energies[0], energies[energies.length - 1]);
      lines.add(
          new Line(
              "computed " + column.name,
              Style.CURVE,
              fine,
              Arrays.stream(fine).map(column.computed).toArray()));
      lines.add(new Line("published " + column.name, Style.POINTS, energies, published));
      ratios.add(new Line(column.name, Style.POINTS, energies, deviation.ratio()));
    }
    plots.add(
        new Figure(
            particles,
            ENERGY,
            unit,
            true,
            true,
            "Curve: computed; points: published (" + table.source() + ").",
            lines));
    plots.add(Ratios.figure(particles, ENERGY, true, ALLOWED_PER_CENT, ratios));
  }

  private static double[] fine(double from, double to) {
    int n = 100;
    double[] x = new double[n + 1];
    for (int i = 0; i <= n; i++) {
      x[i] = from * Math.pow(to / from, (double) i / n);
    }
    return x;
  }
}
