package org.pixelwake.validation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.pixelwake.report.plot.Figure;
import org.pixelwake.report.plot.Figure.Line;
import org.pixelwake.report.plot.Figure.Style;
import org.pixelwake.report.section.Finding;
import org.pixelwake.report.section.Finding.Verdict;
import org.pixelwake.timepix.calibration.EnergyCalibration;
import org.pixelwake.timepix.sensor.Sensor;
import org.pixelwake.timepix.simulation.Angles;
import org.pixelwake.timepix.simulation.Particle;
import org.pixelwake.timepix.simulation.Simulator;
import org.pixelwake.timepix.simulation.Source;
import org.pixelwake.timepix.simulation.Spectrum;

/// Lines of photons through the response of the sensor, the calibration and its inverse.
final class Americium implements Topic {
  private static final int PHOTONS = 600_000;
  private static final long SEED = 25;

  private static final double FWHM_PER_SIGMA = 2.3548;

  /// Reach of what is searched for the peak to both sides, keV.
  private static final double WINDOW_KEV = 6;

  private static final String RESOLUTION =
      "P. Manek et al., arXiv 2111.00624: 2 keV at 60 keV of Timepix3, taken as a standard deviation;"
          + " the resolution of the simulated ToT, 2.5 %, was chosen by it";

  @Override
  public Finding compare(Runner runner) {
    ReferenceTable table = ReferenceTable.of("photon-lines");
    double[] lines = table.column("energy_kev");
    int count = runner.particles(PHOTONS);
    List<Distribution> found =
        runner.each(
            "photons",
            IntStream.range(0, lines.length).boxed().toList(),
            i -> energies(lines[i], count, lines.length == i + 1));
    double[] place = new double[lines.length];
    double[] width = new double[lines.length];
    for (int i = 0; i < lines.length; i++) {
      Distribution.Peak peak = found.get(i).near(lines[i], WINDOW_KEV).peak(0.2, 1);
      place[i] = peak.place();
      width[i] = peak.fullWidth() / FWHM_PER_SIGMA;
    }
    int last = lines.length - 1;
    List<Verdict> checks =
        List.of(
            Verdicts.between(
                "Am-241: place of the peak",
                place[last],
                "keV",
                lines[last] - 1,
                lines[last] + 1,
                table.source()),
            Verdicts.within(
                "Am-241: standard deviation of the peak", width[last], "keV", 2, 0.25, RESOLUTION),
            Verdicts.between(
                "lines of 8 to 60 keV: greatest shift of the peak",
                greatestShift(place, lines),
                "keV",
                -1,
                1,
                table.source()));
    double[] counts = found.get(last).counts(0, 0.5, 140);
    double[] edges = new double[counts.length];
    for (int i = 0; i < edges.length; i++) {
      edges[i] = 0.5 * i;
    }
    List<Figure> plots = new ArrayList<>();
    plots.add(
        new Figure(
            "Spectrum of 59.5 keV photons",
            "energy of the cluster (keV)",
            "clusters in 0.5 keV",
            false,
            true,
            "Clusters of one pixel on Timepix3 of 300 um, from ToT back to keV: the photopeak, and"
                + " below 11 keV the electrons of Compton scattering.",
            List.of(new Line("simulated", Style.STEPS, edges, counts))));
    plots.add(
        new Figure(
            "Width of lines",
            "energy (keV)",
            "standard deviation (keV)",
            false,
            false,
            "Simulated, of the full width at half maximum: noise, Fano's statistics, resolution and steps"
                + " of ToT.",
            List.of(new Line("simulated", Style.POINTS, lines, width))));
    return new Finding(
        "photons",
        "Am-241 and fluorescence lines",
        "Photons sent straight into Timepix3 of 300 um; charge becomes ToT by the calibration a,"
            + " b, c, t of each pixel, and ToT again energy by its inverse. Clusters of one pixel,"
            + " whose peaks lie up to half a keV low, by charge that neighbours keep below the"
            + " threshold. The coefficients are spread over the pixels as on a measured chip.",
        checks,
        plots);
  }

  private static double greatestShift(double[] place, double[] lines) {
    double greatest = 0;
    for (int i = 0; i < lines.length; i++) {
      double shift = place[i] - lines[i];
      // NaN is not less than anything, and so is kept.
      greatest = Math.abs(shift) <= Math.abs(greatest) ? greatest : shift;
    }
    return greatest;
  }

  private static Distribution energies(double energyKeV, int photons, boolean rare) {
    Sensor typical = Sensor.timepix3();
    Sensor sensor = typical.withCalibration(calibration(typical.pixels()));
    List<Double> energies = new ArrayList<>();
    new Simulator(sensor, List.of())
        .run(
            List.of(
                Source.of(
                    Particle.PHOTON, new Spectrum.Mono(energyKeV / 1e3), new Angles.Beam(0, 0))),
            0,
            rare ? photons : photons / 10,
            SEED,
            1,
            cluster -> {
              if (cluster.size() == 1) {
                energies.add((double) cluster.energy()[0]);
              }
            });
    return new Distribution(energies.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /// Coefficients spread over the pixels evenly between the 5th and the 95th percentile of the chip
  /// H3-W00036 (github.com/TomSpeedy/ClusterProcessor, config/CALIBRATION).
  private static EnergyCalibration calibration(int side) {
    Random random = new Random(SEED);
    double[][] ends = {{0.71, 0.878}, {3.24, 4.77}, {0.85, 5.01}, {1.97, 2.58}};
    double[][] values = new double[4][side * side];
    for (int k = 0; k < 4; k++) {
      double[] end = ends[k];
      Arrays.setAll(values[k], i -> end[0] + random.nextDouble() * (end[1] - end[0]));
    }
    return new EnergyCalibration(
        "H3-W00036, spread", side, side, values[0], values[1], values[2], values[3]);
  }
}
