package org.pixelwake.validation;

import java.util.Arrays;
import java.util.List;
import org.pixelwake.report.plot.Figure.Line;
import org.pixelwake.report.plot.Figure.Style;
import org.pixelwake.report.section.Finding;
import org.pixelwake.timepix.simulation.Material;
import org.pixelwake.timepix.simulation.Particle;

/// Fluctuation of the energy loss in thin layers of silicon.
final class Stragglings {
  private static final int PARTICLES = 60_000;
  private static final long SEED = 20;

  /// The energy that the tables are of, beyond the minimum where the loss no longer rises.
  private static final double FAST_MEV = 45_000;

  /// A muon of 4 GeV, the mean of cosmic muons at sea level.
  private static final double COSMIC_MEV = 4_000;

  private static final String PDG =
      "PDG, Review of Particle Physics (2022), equation 34.12, which leaves out the binding of the"
          + " electrons";

  private Stragglings() {}

  static Finding compare(Runner runner) {
    FindingBuilder all = new FindingBuilder();
    thicknesses(runner, all);
    velocities(runner, all);
    return all.finding(
        "straggling",
        "Straggling of the energy loss",
        "Energy that particles lose in silicon layers, not what they leave there: fast electrons"
            + " that they set free carry some of it out. Most probable value by a parabola"
            + " through the histogram around the peak.");
  }

  private static Distribution losses(
      Particle particle, double energyMeV, double thicknessUm, int count) {
    return new Distribution(
        new Beam(particle, energyMeV, thicknessUm)
            .values(count, SEED, out -> (energyMeV - out.energyOutMeV()) * 1e3));
  }

  /// The peak, in bins of a fortieth of about its width.
  private static Distribution.Peak peak(Distribution losses) {
    double width = losses.quantile(0.6) - losses.quantile(0.1);
    return losses.peak(width / 40, width / 4);
  }

  private static void thicknesses(Runner runner, FindingBuilder all) {
    ReferenceTable table = ReferenceTable.of("bichsel-silicon");
    double[] thicknesses = table.column("thickness_um");
    double[] publishedPlace = table.column("most_probable_kev");
    double[] publishedFull = table.column("full_width_kev");
    int n = thicknesses.length;
    int count = runner.particles(PARTICLES);
    List<Distribution> losses =
        runner.each("straggling", n, i -> losses(Particle.PION, FAST_MEV, thicknesses[i], count));
    double[] place = new double[n];
    double[] full = new double[n];
    Line[] shapes = new Line[n];
    for (int i = 0; i < n; i++) {
      Distribution.Peak peak = peak(losses.get(i));
      place[i] = peak.place();
      full[i] = peak.fullWidth();
      shapes[i] = shape(thicknesses[i], losses.get(i));
      if (thicknesses[i] == 300) {
        comparedShape(losses.get(i), all);
      }
    }
    int thin = 2;
    double[] placeRatio = FindingBuilder.ratios(place, publishedPlace);
    double[] fullRatio = FindingBuilder.ratios(full, publishedFull);
    all.deviation(
        "pions of 45 GeV in 150 to 1000 um: most probable loss",
        Arrays.copyOfRange(placeRatio, thin, n),
        3,
        table.source());
    all.deviation(
        "pions of 45 GeV in 50 and 100 um, where each shell shows: most probable loss",
        Arrays.copyOf(placeRatio, thin),
        10,
        table.source());
    all.deviation(
        "pions of 45 GeV in 50 to 1000 um: full width at half maximum",
        fullRatio,
        10,
        table.source());
    all.figure(
        "Loss by thickness",
        "loss per thickness (keV/um)",
        "particles (share of the highest bin)",
        false,
        false,
        "Simulated losses of pions of 45 GeV: the thicker the layer, the narrower and the"
            + " nearer to the mean.",
        shapes);
    String title = "Peak and width by thickness";
    String axis = "thickness (um)";
    all.figure(
        title,
        axis,
        "keV",
        true,
        true,
        "Points: simulated, pions of 45 GeV; curves: published (Bichsel 1988).",
        new Line("most probable, published", Style.CURVE, thicknesses, publishedPlace),
        new Line("most probable, simulated", Style.POINTS, thicknesses, place),
        new Line("width, published", Style.CURVE, thicknesses, publishedFull),
        new Line("width, simulated", Style.POINTS, thicknesses, full));
    all.ratioFigure(
        title,
        axis,
        true,
        10,
        new Line("most probable", Style.POINTS, thicknesses, placeRatio),
        new Line("width", Style.POINTS, thicknesses, fullRatio));
  }

  private static Line shape(double thicknessUm, Distribution losses) {
    int bins = 80;
    double from = 0.1;
    double step = 0.6 / bins;
    double[] counts = losses.counts(from * thicknessUm, step * thicknessUm, bins);
    double top = Arrays.stream(counts).max().orElseThrow();
    double[] shares = Arrays.stream(counts).map(count -> count / top).toArray();
    double[] edges = Distribution.edges(from, step, bins);
    return new Line(Math.round(thicknessUm) + " um", Style.STEPS, edges, shares);
  }

  /// The whole distribution in 300 um beside Bichsel's.
  private static void comparedShape(Distribution losses, FindingBuilder all) {
    ReferenceTable table = ReferenceTable.of("bichsel-300um");
    double[] x = table.column("loss_kev");
    double[] published = table.column("density_per_kev");
    double step = x[1] - x[0];
    double[] counts = losses.counts(x[0] - step / 2, step, x.length);
    double[] density = new double[x.length];
    double[] edges = new double[x.length];
    double below = 0;
    double publishedBelow = 0;
    double distance = 0;
    for (int i = 0; i < x.length; i++) {
      density[i] = counts[i] / (losses.size() * step);
      edges[i] = x[i] - step / 2;
      below += density[i] * step;
      publishedBelow += published[i] * step;
      distance = Math.max(distance, Math.abs(below - publishedBelow));
    }
    all.between(
        "pions of 45 GeV in 300 um: distance of Kolmogorov and Smirnov from the published"
            + " distribution",
        distance,
        "",
        0,
        0.06,
        table.source());
    all.figure(
        "Loss in 300 um",
        "energy loss (keV)",
        "probability per keV",
        false,
        false,
        "Steps: simulated, pions of 45 GeV; curve: " + table.source() + ".",
        new Line("simulated", Style.STEPS, edges, density),
        new Line("published", Style.CURVE, x, published));
  }

  private static void velocities(Runner runner, FindingBuilder all) {
    double[] energies = {60, 100, 200, 320, 600, 1200, COSMIC_MEV, 20_000, 100_000};
    int n = energies.length;
    int count = runner.particles(PARTICLES);
    double[] place =
        runner.numbers(
            "straggling", n, i -> peak(losses(Particle.MUON, energies[i], 300, count)).place());
    double[] momentum = new double[n];
    double[] published = new double[n];
    double cosmic = Double.NaN;
    for (int i = 0; i < n; i++) {
      double tau = energies[i] / Particle.MUON.massMeV();
      momentum[i] = Math.sqrt(tau * (tau + 2));
      published[i] = landau(momentum[i], 300);
      cosmic = energies[i] == COSMIC_MEV ? place[i] : cosmic;
    }
    all.between(
        "cosmic muons (4 GeV) in 300 um: most probable loss",
        cosmic,
        "keV",
        81,
        86,
        "81 to 86 keV, what sensors are judged by; 82 keV: S. Meroli, scienceshot.com/post/"
            + "landau-distribution-thin-silicon-detectors");
    all.between(
        "at minimum ionisation in 300 um: most probable loss",
        Arrays.stream(place).min().orElseThrow(),
        "keV",
        0.96 * 78,
        1.04 * 80,
        "78 to 80 keV after Bichsel (1988), as quoted in CMSSW (BLMaterialMap); within 4 %");
    all.deviation(
        "muons of 60 MeV to 100 GeV in 300 um: most probable loss",
        FindingBuilder.ratios(place, published),
        5,
        PDG);
    all.figure(
        "Most probable loss in 300 um by momentum",
        "beta gamma",
        "keV",
        true,
        false,
        "Points: simulated muons; curve: " + PDG + ".",
        new Line("published", Style.CURVE, momentum, published),
        new Line("simulated", Style.POINTS, momentum, place));
  }

  /// Most probable loss of Landau and Vavilov with density effect, keV.
  private static double landau(double betaGamma, double thicknessUm) {
    Material silicon = Material.SILICON;
    double betaSquared = betaGamma * betaGamma / (1 + betaGamma * betaGamma);
    double xi =
        0.307075e3
            / 2
            * silicon.electronsPerMass()
            * silicon.densityGPerCm3()
            * thicknessUm
            * 1e-4
            / betaSquared;
    double excitation = silicon.excitationEv() * 1e-3;
    double electron = Particle.ELECTRON.massMeV() * 1e3;
    return xi
        * (Math.log(2 * electron * betaGamma * betaGamma / excitation)
            + Math.log(xi / excitation)
            + 0.2
            - betaSquared
            - silicon.densityEffect().delta(betaGamma * betaGamma));
  }
}
