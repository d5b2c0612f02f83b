package org.pixelwake.run.data;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.base.Version;
import org.pixelwake.run.Texts;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.dataset.DatasetInfo;
import org.pixelwake.timepix.dataset.DatasetStatistics;
import org.pixelwake.timepix.dataset.DatasetWriter;
import org.pixelwake.timepix.io.ClusterSink;
import org.pixelwake.timepix.io.Writers;
import org.pixelwake.timepix.sensor.Sensor;
import org.pixelwake.timepix.simulation.MaterialLayer;
import org.pixelwake.timepix.simulation.Particle;
import org.pixelwake.timepix.simulation.Setup;

/// A run of the simulation.
///
/// @param setup what is simulated
/// @param particles number of particles
/// @param seed seed of the run
/// @param threads threads to use
public record Simulation(Setup setup, long particles, long seed, int threads) {

  /// What the clusters are from.
  public SourceInfo source() {
    Sensor sensor = setup.sensor();
    boolean timepix3 = sensor.chip() == Sensor.Chip.TIMEPIX3;
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("particles", Long.toString(particles));
    facts.put("seed", Long.toString(seed));
    facts.put("thickness um", Double.toString(sensor.thicknessUm()));
    facts.put("bias V", Double.toString(sensor.biasV()));
    facts.put("threshold keV", Double.toString(sensor.thresholdKeV()));
    for (MaterialLayer layer : setup.layers()) {
      facts.merge(
          "layers um", layer.material().name() + " " + layer.thicknessUm(), (a, b) -> a + ", " + b);
    }
    return new SourceInfo(
        "simulated " + setup.name(),
        "simulation",
        timepix3 ? "Timepix3" : "Timepix",
        "",
        sensor.pixels(),
        sensor.pixels(),
        timepix3,
        sensor.calibrated() ? EnergyUnit.KEV : EnergyUnit.TOT,
        facts);
  }

  /// Gives all clusters to the receiver.
  public void run(Consumer<Cluster> receiver, Progress progress) {
    setup
        .simulator()
        .run(
            setup.sources(),
            0,
            particles,
            seed,
            threads,
            receiver,
            done -> progress.update(done, particles, "particles", ""));
  }

  /// What was written.
  ///
  /// @param statistics of the data set
  /// @param kinds clusters by the particle that made them, or "noise"
  public record Written(DatasetStatistics statistics, SortedMap<String, Long> kinds) {}

  /// Writes a data set.
  ///
  /// @throws InputException where no particle left a hit
  public Written write(Path to, Progress progress) {
    SortedMap<String, Long> kinds = new TreeMap<>();
    DatasetInfo info = DatasetInfo.of(Version.CURRENT, source());
    try (DatasetWriter writer = DatasetWriter.create(to, info)) {
      run(
          cluster -> {
            writer.append(cluster, 0);
            kinds.merge(kind(cluster), 1L, Long::sum);
          },
          progress);
      if (kinds.isEmpty()) {
        throw new InputException(
            to,
            "none of " + Texts.count(particles) + " particles left a hit",
            "Simulate more particles, or thinner layers");
      }
      return new Written(writer.finish(), kinds);
    }
  }

  /// Writes the hits alone, as a detector gives them: those of clusters in their order.
  ///
  /// @param format [OutputFormat#T3PA] or [OutputFormat#XYC]
  /// @param perFrame particles that share a frame
  /// @return how much was written, for people
  /// @throws InputException where the chip cannot give the format
  public String writeHits(OutputFormat format, Path to, int perFrame, Progress progress) {
    try (ClusterSink sink =
        format == OutputFormat.T3PA
            ? Writers.t3pa(source(), to)
            : Writers.xyc(source(), to, perFrame)) {
      run(sink::append, progress);
      sink.finish();
      return Conversion.amounts(sink.frames(), 0, sink.hits());
    }
  }

  /// Returns the setup as it counts for a format: a detector counts ticks, and energies follow from
  /// a calibration.
  ///
  /// @throws InputException where the chip cannot give the format
  public static Setup counting(Setup setup, OutputFormat format) {
    boolean timepix3 = setup.sensor().chip() == Sensor.Chip.TIMEPIX3;
    if (format == OutputFormat.T3PA && !timepix3) {
      throw new InputException(
          "--as", "t3pa holds times, and Timepix has none", "Use a Timepix3, or --as xyc");
    }
    if (format == OutputFormat.XYC && timepix3) {
      throw new InputException(
          "--as", "xyc holds frames, and Timepix3 has none", "Use a Timepix, or --as t3pa");
    }
    return format == OutputFormat.T3PA ? setup.withCalibrated(false) : setup;
  }

  private static String kind(Cluster cluster) {
    Truth truth = cluster.truth();
    return truth == null
        ? "noise"
        : Particle.ofPdg(truth.particle()).map(Particle::name).orElse("unknown particles");
  }
}
