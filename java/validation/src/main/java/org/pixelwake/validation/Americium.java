package org.pixelwake.validation;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.pixelwake.report.plot.Figure.Line;
import org.pixelwake.report.plot.Figure.Style;
import org.pixelwake.report.section.Finding;
import org.pixelwake.timepix.calibration.EnergyCalibration;
import org.pixelwake.timepix.sensor.Sensor;
import org.pixelwake.timepix.simulation.Angles;
import org.pixelwake.timepix.simulation.Particle;
import org.pixelwake.timepix.simulation.Simulator;
import org.pixelwake.timepix.simulation.Source;
import org.pixelwake.timepix.simulation.Spectrum;

/// Lines of photons through the response of the sensor, the calibration and its inverse.
final class Americium {
  private static final int PHOTONS = 600_000;
  private static final long SEED = 25;

  private static final double FWHM_PER_SIGMA = 2.3548;

  /// Reach of what is searched for the peak to both sides, keV.
  private static final double WINDOW_KEV = 6;

  private static final String RESOLUTION =
      "P. Manek et al., arXiv 2111.00624: 2 keV at 60 keV of Timepix3, taken as a standard deviation;"
          + " the resolution of the simulated ToT, 2.5 %, was chosen by it";

  private Americium() {}

  static Finding compare(Runner runner) {
    FindingBuilder all = new FindingBuilder();
    ReferenceTable table = ReferenceTable.of("photon-lines");
    double[] lines = table.column("energy_kev");
    int last = lines.length - 1;
    int count = runner.particles(PHOTONS);
    List<Distribution> found =
        runner.each("photons", lines.length, i -> energies(lines[i], count, i == last));
    double[] width = new double[lines.length];
    double place = Double.NaN;
    double greatest = 0;
    for (int i = 0; i < lines.length; i++) {
      Distribution.Peak peak = found.get(i).near(lines[i], WINDOW_KEV).peak(0.2, 1);
      place = peak.place();
      width[i] = peak.fullWidth() / FWHM_PER_SIGMA;
      double shift = place - lines[i];
      // NaN is not less than anything, and so is kept.
      greatest = Math.abs(shift) <= Math.abs(greatest) ? greatest : shift;
    }
    String source = table.source();
    double line = lines[last];
    all.between("Am-241: place of the peak", place, "keV", line - 1, line + 1, source);
    all.within("Am-241: standard deviation of the peak", width[last], "keV", 2, 0.25, RESOLUTION);
    all.between("lines of 8 to 60 keV: greatest shift of the peak", greatest, "keV", -1, 1, source);
    double[] counts = found.get(last).counts(0, 0.5, 140);
    double[] edges = Distribution.edges(0, 0.5, counts.length);
    all.figure(
        "Spectrum of 59.5 keV photons",
        "energy of the cluster (keV)",
        "clusters in 0.5 keV",
        false,
        true,
        "Clusters of one pixel on Timepix3 of 300 um, from ToT back to keV: the photopeak, and"
            + " below 11 keV the electrons of Compton scattering.",
        new Line("simulated", Style.STEPS, edges, counts));
    all.figure(
        "Width of lines",
        "energy (keV)",
        "standard deviation (keV)",
        false,
        false,
        "Simulated, of the full width at half maximum: noise, Fano's statistics, resolution and steps"
            + " of ToT.",
        new Line("simulated", Style.POINTS, lines, width));
    return all.finding(
        "photons",
        "Am-241 and fluorescence lines",
        "Photons sent straight into Timepix3 of 300 um; charge becomes ToT by the calibration a,"
            + " b, c, t of each pixel, and ToT again energy by its inverse. Clusters of one pixel,"
            + " whose peaks lie up to half a keV low, by charge that neighbours keep below the"
            + " threshold. The coefficients are spread over the pixels as on a measured chip.");
  }

  private static Distribution energies(double energyKeV, int photons, boolean rare) {
    Sensor typical = Sensor.timepix3();
    Sensor sensor = typical.withCalibration(calibration(typical.pixels()));
    Source beam =
        Source.of(Particle.PHOTON, new Spectrum.Mono(energyKeV / 1e3), new Angles.Beam(0, 0));
    DoubleStream.Builder energies = DoubleStream.builder();
    new Simulator(sensor, List.of())
        .run(
            List.of(beam),
            0,
            rare ? photons : photons / 10,
            SEED,
            1,
            cluster -> {
              if (cluster.size() == 1) {
                energies.add(cluster.energy()[0]);
              }
            });
    return new Distribution(energies.build().toArray());
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
