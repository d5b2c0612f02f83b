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
import org.pixelwake.timepix.simulation.TestBeam;

/// Fluctuation of the energy loss in thin layers of silicon.
final class Stragglings implements Topic {
  private static final int PARTICLES = 60_000;
  private static final long SEED = 20;

  /// The energy that the tables are of, beyond the minimum where the loss no longer rises.
  private static final double FAST_MEV = 45_000;

  /// A muon of 4 GeV, the mean of cosmic muons at sea level.
  private static final double COSMIC_MEV = 4_000;

  private static final String PDG = "PDG, Review of Particle Physics (2022), equation 34.12";

  /// A beam on a layer.
  private record Case(Particle particle, double energyMeV, double thicknessUm) {}

  @Override
  public Finding compare(Runner runner) {
    List<Verdict> checks = new ArrayList<>();
    List<Figure> plots = new ArrayList<>();
    thicknesses(runner, checks, plots);
    velocities(runner, checks, plots);
    return new Finding(
        "straggling",
        "Straggling of the energy loss",
        "Energy that particles lose in silicon layers, not what they leave there: fast electrons"
            + " that they set free carry some of it out. Most probable value by a parabola"
            + " through the histogram around the peak.",
        checks,
        plots);
  }

  private static Distribution losses(Case beam, int count) {
    double[] losses = new double[count];
    int[] next = {0};
    new TestBeam(
            List.of(new MaterialLayer(Material.SILICON, beam.thicknessUm, true)),
            beam.particle,
            beam.energyMeV)
        .run(
            count,
            SEED,
            passage -> losses[next[0]++] = (beam.energyMeV - passage.energyOutMeV()) * 1e3);
    return new Distribution(losses);
  }

  /// The peak, in bins of a fortieth of about its width.
  private static Distribution.Peak peak(Distribution losses) {
    double width = losses.quantile(0.6) - losses.quantile(0.1);
    return losses.peak(width / 40, width / 4);
  }

  private void thicknesses(Runner runner, List<Verdict> checks, List<Figure> plots) {
    ReferenceTable table = ReferenceTable.of("bichsel-silicon");
    double[] thicknesses = table.column("thickness_um");
    double[] publishedPlace = table.column("most_probable_kev");
    double[] publishedFull = table.column("full_width_kev");
    List<Case> beams = new ArrayList<>();
    for (double t : thicknesses) {
      beams.add(new Case(Particle.PION, FAST_MEV, t));
    }
    int count = runner.particles(PARTICLES);
    List<Distribution> all = runner.each("straggling", beams, beam -> losses(beam, count));
    double[] place = new double[thicknesses.length];
    double[] full = new double[thicknesses.length];
    List<Line> shapes = new ArrayList<>();
    for (int i = 0; i < thicknesses.length; i++) {
      double t = thicknesses[i];
      Distribution.Peak peak = peak(all.get(i));
      place[i] = peak.place();
      full[i] = peak.fullWidth();
      shapes.add(shape(t, all.get(i)));
      if (t == 300) {
        comparedShape(all.get(i), checks, plots);
      }
    }
    int thin = 2;
    checks.add(
        Verdicts.deviation(
            "pions of 45 GeV in 150 to 1000 um: most probable loss",
            Deviation.of(place, publishedPlace).from(thin),
            3,
            table.source()));
    checks.add(
        Verdicts.deviation(
            "pions of 45 GeV in 50 and 100 um, where each shell shows: most probable loss",
            Deviation.of(place, publishedPlace).until(thin),
            10,
            table.source()));
    checks.add(
        Verdicts.deviation(
            "pions of 45 GeV in 50 to 1000 um: full width at half maximum",
            Deviation.of(full, publishedFull),
            10,
            table.source()));
    plots.add(
        new Figure(
            "Loss by thickness",
            "loss per thickness (keV/um)",
            "particles (share of the highest bin)",
            false,
            false,
            "Simulated losses of pions of 45 GeV: the thicker the layer, the narrower and the"
                + " nearer to the mean.",
            shapes));
    plots.add(
        new Figure(
            "Peak and width by thickness",
            "thickness (um)",
            "keV",
            true,
            true,
            "Points: simulated, pions of 45 GeV; curves: published (Bichsel 1988).",
            List.of(
                new Line("most probable, published", Style.CURVE, thicknesses, publishedPlace),
                new Line("most probable, simulated", Style.POINTS, thicknesses, place),
                new Line("width, published", Style.CURVE, thicknesses, publishedFull),
                new Line("width, simulated", Style.POINTS, thicknesses, full))));
    plots.add(
        Ratios.figure(
            "Peak and width by thickness",
            "thickness (um)",
            true,
            10,
            List.of(
                new Line(
                    "most probable",
                    Style.POINTS,
                    thicknesses,
                    Deviation.of(place, publishedPlace).ratio()),
                new Line(
                    "width",
                    Style.POINTS,
                    thicknesses,
                    Deviation.of(full, publishedFull).ratio()))));
  }

  private static Line shape(double thicknessUm, Distribution losses) {
    int bins = 80;
    double from = 0.1;
    double step = 0.6 / bins;
    double[] counts = losses.counts(from * thicknessUm, step * thicknessUm, bins);
    double top = 0;
    for (double count : counts) {
      top = Math.max(top, count);
    }
    double[] x = new double[bins];
    for (int i = 0; i < bins; i++) {
      x[i] = from + i * step;
      counts[i] /= top;
    }
    return new Line(Math.round(thicknessUm) + " um", Style.STEPS, x, counts);
  }

  /// The whole distribution in 300 um beside Bichsel's.
  private static void comparedShape(Distribution losses, List<Verdict> checks, List<Figure> plots) {
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
    checks.add(
        Verdicts.between(
            "pions of 45 GeV in 300 um: distance of Kolmogorov and Smirnov from the published"
                + " distribution",
            distance,
            "",
            0,
            0.06,
            table.source()));
    plots.add(
        new Figure(
            "Loss in 300 um",
            "energy loss (keV)",
            "probability per keV",
            false,
            false,
            "Steps: simulated, pions of 45 GeV; curve: " + table.source() + ".",
            List.of(
                new Line("simulated", Style.STEPS, edges, density),
                new Line("published", Style.CURVE, x, published))));
  }

  private static void velocities(Runner runner, List<Verdict> checks, List<Figure> plots) {
    double[] energies = {60, 100, 200, 320, 600, 1200, COSMIC_MEV, 20_000, 100_000};
    List<Case> beams = new ArrayList<>();
    for (double energy : energies) {
      beams.add(new Case(Particle.MUON, energy, 300));
    }
    int count = runner.particles(PARTICLES);
    List<Distribution> all = runner.each("straggling", beams, beam -> losses(beam, count));
    double[] momentum = new double[energies.length];
    double[] place = new double[energies.length];
    double[] published = new double[energies.length];
    double least = Double.POSITIVE_INFINITY;
    double cosmic = Double.NaN;
    for (int i = 0; i < energies.length; i++) {
      double tau = energies[i] / Particle.MUON.massMeV();
      momentum[i] = Math.sqrt(tau * (tau + 2));
      place[i] = peak(all.get(i)).place();
      published[i] = landau(momentum[i], 300);
      least = Math.min(least, place[i]);
      cosmic = energies[i] == COSMIC_MEV ? place[i] : cosmic;
    }
    checks.add(
        Verdicts.between(
            "cosmic muons (4 GeV) in 300 um: most probable loss",
            cosmic,
            "keV",
            81,
            86,
            "81 to 86 keV, what sensors are judged by; 82 keV: S. Meroli, scienceshot.com/post/"
                + "landau-distribution-thin-silicon-detectors"));
    checks.add(
        Verdicts.between(
            "at minimum ionisation in 300 um: most probable loss",
            least,
            "keV",
            0.96 * 78,
            1.04 * 80,
            "78 to 80 keV after Bichsel (1988), as quoted in CMSSW (BLMaterialMap); within 4 %"));
    checks.add(
        Verdicts.deviation(
            "muons of 60 MeV to 100 GeV in 300 um: most probable loss",
            Deviation.of(place, published),
            5,
            PDG + ", which leaves out the binding of the electrons"));
    plots.add(
        new Figure(
            "Most probable loss in 300 um by momentum",
            "beta gamma",
            "keV",
            true,
            false,
            "Points: simulated muons; curve: "
                + PDG
                + ", which leaves out the binding of the"
                + " electrons.",
            List.of(
                new Line("published", Style.CURVE, momentum, published),
                new Line("simulated", Style.POINTS, momentum, place))));
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
