package org.pixelwake.validation;

import java.util.ArrayList;
import java.util.List;
import org.pixelwake.report.plot.Figure.Line;
import org.pixelwake.report.plot.Figure.Style;
import org.pixelwake.report.section.Finding;
import org.pixelwake.timepix.simulation.Material;
import org.pixelwake.timepix.simulation.Particle;
import org.pixelwake.timepix.simulation.StoppingPower;

/// Multiple scattering.
final class Scatterings {
  private static final int PARTICLES = 40_000;
  private static final long SEED = 21;
  private static final String HIGHLAND =
      "PDG, Review of Particle Physics (2022), equation 34.16 (V. L. Highland, G. R. Lynch, O. I."
          + " Dahl), which is good to 11 %";

  /// Particles of one energy.
  private record Kind(String name, Particle particle, double energyMeV) {}

  private static final List<Kind> KINDS =
      List.of(
          new Kind("muons of 320 MeV", Particle.MUON, 320),
          new Kind("pions of 500 MeV", Particle.PION, 500),
          new Kind("pions of 10 GeV", Particle.PION, 10_000),
          new Kind("protons of 100 MeV", Particle.PROTON, 100),
          new Kind("electrons of 20 MeV", Particle.ELECTRON, 20));

  private Scatterings() {}

  static Finding compare(Runner runner) {
    FindingBuilder all = new FindingBuilder();
    List<Line> widths = new ArrayList<>();
    List<Line> ratios = new ArrayList<>();
    double[] thicknesses = {100, 300, 500, 1000};
    int n = thicknesses.length;
    List<Beam> beams = new ArrayList<>();
    for (Kind kind : KINDS) {
      for (double thickness : thicknesses) {
        beams.add(new Beam(kind.particle, kind.energyMeV, thickness));
      }
    }
    int count = runner.particles(PARTICLES);
    double[] simulated =
        runner.numbers("scattering", beams.size(), i -> width(beams.get(i), count));
    for (int k = 0; k < KINDS.size(); k++) {
      double[] width = new double[n];
      double[] published = new double[n];
      for (int i = 0; i < n; i++) {
        width[i] = 1e3 * simulated[k * n + i];
        published[i] = 1e3 * highland(beams.get(k * n + i));
      }
      double[] ratio = FindingBuilder.ratios(width, published);
      String name = KINDS.get(k).name;
      all.deviation(name + " through 100 to 1000 um: width of the angle", ratio, 5, HIGHLAND);
      widths.add(new Line(name + ", published", Style.CURVE, thicknesses, published));
      widths.add(new Line(name + ", simulated", Style.POINTS, thicknesses, width));
      ratios.add(new Line(name, Style.POINTS, thicknesses, ratio));
    }
    String title = "Width of the projected angle";
    String axis = "thickness of silicon (um)";
    String text = "Points: simulated; curves: Highland's formula.";
    all.figure(title, axis, "mrad", true, true, text, widths.toArray(Line[]::new));
    all.ratioFigure(title, axis, true, 5, ratios.toArray(Line[]::new));
    return all.finding(
        "scattering",
        "Multiple scattering",
        "Standard deviation of the projected angle behind a layer, of the normal distribution"
            + " that fits the central 98 %, as the formula defines it; the formula is taken at the"
            + " momentum in the middle of the layer.");
  }

  private static double width(Beam beam, int count) {
    double[] angles =
        beam.values(count, SEED, out -> out.through() ? out.angleRadians() : Double.NaN);
    return new Distribution(angles).normalWidth98();
  }

  private static double highland(Beam beam) {
    Material silicon = Material.SILICON;
    Particle particle = beam.particle();
    double gPerCm2 = beam.thicknessUm() * 1e-4 * silicon.densityGPerCm3();
    // The momentum in the middle of the layer: the formula is meant for small losses.
    double lossMeV = new StoppingPower(particle, silicon).total(beam.energyMeV()) * gPerCm2;
    double tau = (beam.energyMeV() - lossMeV / 2) / particle.massMeV();
    double momentum = particle.massMeV() * Math.sqrt(tau * (tau + 2));
    double betaSquared = tau * (tau + 2) / ((tau + 1) * (tau + 1));
    double x = gPerCm2 / silicon.radiationLengthGPerCm2();
    return 13.6
        / (Math.sqrt(betaSquared) * momentum)
        * Math.abs(particle.charge())
        * Math.sqrt(x)
        * (1 + 0.038 * Math.log(x / betaSquared));
  }
}
