package org.pixelwake.validation;

import java.util.ArrayList;
import java.util.List;
import org.pixelwake.report.plot.Figure;
import org.pixelwake.report.plot.Figure.Line;
import org.pixelwake.report.plot.Figure.Style;
import org.pixelwake.report.section.Finding;
import org.pixelwake.report.section.Finding.Verdict;
import org.pixelwake.timepix.simulation.Material;
import org.pixelwake.timepix.simulation.MaterialLayer;
import org.pixelwake.timepix.simulation.Particle;
import org.pixelwake.timepix.simulation.StoppingPower;
import org.pixelwake.timepix.simulation.TestBeam;

/// Multiple scattering.
final class Scatterings implements Topic {
  private static final int PARTICLES = 40_000;
  private static final long SEED = 21;
  private static final String HIGHLAND =
      "PDG, Review of Particle Physics (2022), equation 34.16 (V. L. Highland, G. R. Lynch, O. I."
          + " Dahl), which is good to 11 %";

  /// A beam on a layer of silicon.
  private record Case(Particle particle, double energyMeV, double thicknessUm) {}

  @Override
  public Finding compare(Runner runner) {
    List<Verdict> checks = new ArrayList<>();
    List<Line> widths = new ArrayList<>();
    List<Line> ratios = new ArrayList<>();
    double[] thicknesses = {100, 300, 500, 1000};
    record Beam(String name, Particle particle, double energyMeV) {}
    List<Beam> kinds =
        List.of(
            new Beam("muons of 320 MeV", Particle.MUON, 320),
            new Beam("pions of 500 MeV", Particle.PION, 500),
            new Beam("pions of 10 GeV", Particle.PION, 10_000),
            new Beam("protons of 100 MeV", Particle.PROTON, 100),
            new Beam("electrons of 20 MeV", Particle.ELECTRON, 20));
    List<Case> cases = new ArrayList<>();
    for (Beam beam : kinds) {
      for (double thickness : thicknesses) {
        cases.add(new Case(beam.particle, beam.energyMeV, thickness));
      }
    }
    int count = runner.particles(PARTICLES);
    List<Double> simulated = runner.each("scattering", cases, one -> width(one, count));
    for (int k = 0; k < kinds.size(); k++) {
      double[] width = new double[thicknesses.length];
      double[] published = new double[thicknesses.length];
      for (int i = 0; i < thicknesses.length; i++) {
        int at = k * thicknesses.length + i;
        width[i] = 1e3 * simulated.get(at);
        published[i] = 1e3 * highland(cases.get(at));
      }
      Deviation deviation = Deviation.of(width, published);
      String name = kinds.get(k).name;
      checks.add(
          Verdicts.deviation(
              name + " through 100 to 1000 um: width of the angle", deviation, 5, HIGHLAND));
      widths.add(new Line(name + ", published", Style.CURVE, thicknesses, published));
      widths.add(new Line(name + ", simulated", Style.POINTS, thicknesses, width));
      ratios.add(new Line(name, Style.POINTS, thicknesses, deviation.ratio()));
    }
    List<Figure> plots =
        List.of(
            new Figure(
                "Width of the projected angle",
                "thickness of silicon (um)",
                "mrad",
                true,
                true,
                "Points: simulated; curves: Highland's formula.",
                widths),
            Ratios.figure(
                "Width of the projected angle", "thickness of silicon (um)", true, 5, ratios));
    return new Finding(
        "scattering",
        "Multiple scattering",
        "Standard deviation of the projected angle behind a layer, of the normal distribution"
            + " that fits the central 98 %, as the formula defines it; the formula is taken at the"
            + " momentum in the middle of the layer.",
        checks,
        plots);
  }

  private static double width(Case one, int count) {
    List<Double> angles = new ArrayList<>();
    new TestBeam(
            List.of(new MaterialLayer(Material.SILICON, one.thicknessUm, false)),
            one.particle,
            one.energyMeV)
        .run(
            count,
            SEED,
            passage -> {
              if (passage.through()) {
                angles.add(passage.angleRadians());
              }
            });
    return new Distribution(angles.stream().mapToDouble(Double::doubleValue).toArray())
        .normalWidth98();
  }

  private static double highland(Case one) {
    Material silicon = Material.SILICON;
    double gPerCm2 = one.thicknessUm * 1e-4 * silicon.densityGPerCm3();
    // The momentum in the middle of the layer: the formula is meant for small losses.
    double lossMeV = new StoppingPower(one.particle, silicon).total(one.energyMeV) * gPerCm2;
    double tau = (one.energyMeV - lossMeV / 2) / one.particle.massMeV();
    double momentum = one.particle.massMeV() * Math.sqrt(tau * (tau + 2));
    double betaSquared = tau * (tau + 2) / ((tau + 1) * (tau + 1));
    double x = gPerCm2 / silicon.radiationLengthGPerCm2();
    return 13.6
        / (Math.sqrt(betaSquared) * momentum)
        * Math.abs(one.particle.charge())
        * Math.sqrt(x)
        * (1 + 0.038 * Math.log(x / betaSquared));
  }
}
