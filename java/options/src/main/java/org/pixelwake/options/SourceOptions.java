package org.pixelwake.options;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.calibration.EnergyCalibration;
import org.pixelwake.timepix.calibration.PixelMask;
import org.pixelwake.timepix.calibration.TimeWalk;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.io.ChipLayout;
import org.pixelwake.timepix.io.Format;
import org.pixelwake.timepix.io.OpenOptions;
import org.pixelwake.timepix.sensor.Sensor;
import org.pixelwake.timepix.simulation.Setup;
import picocli.CommandLine.Option;

/// Options of every command that reads detector data.
public final class SourceOptions {
  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      converter = Formats.class,
      completionCandidates = Formats.class,
      description =
          "Read the files as this format instead of finding it by their content:"
              + " ${COMPLETION-CANDIDATES}.")
  private @Nullable Format format;

  @Option(
      names = "--calibration",
      paramLabel = "PATH",
      description =
          "Folder or zip with the matrices a, b, c, t of the chip: ToT becomes energy in keV.")
  private @Nullable Path calibration;

  @Option(
      names = "--transposed",
      description = "A row of a calibration matrix is a column of the sensor.")
  private boolean transposed;

  @Option(
      names = "--time-walk",
      paramLabel = "FILE",
      description =
          "Take the time walk a/(E-b)^c+d ns, with E in keV, off the times of hits: a file of a, b,"
              + " c, d. Needs energies in keV.")
  private @Nullable Path timeWalk;

  @Option(
      names = "--sensor",
      paramLabel = "SENSOR",
      description =
          "Sensor that energy deposited by Geant4 or Allpix Squared goes through: timepix, timepix3,"
              + " or the file or preset of a setup as for `simulate`.")
  private @Nullable String sensor;

  @Option(
      names = "--mask",
      paramLabel = "FILE",
      description = "Leave out the pixels of this file, one x y a line.")
  private @Nullable Path mask;

  @Option(
      names = "--no-source-mask",
      description = "Do not obey a masked_pixels.txt that lies beside the frames.")
  private boolean noSourceMask;

  @Option(
      names = "--window-ns",
      paramLabel = "NS",
      defaultValue = "200",
      description = "Most time between neighbouring hits of a cluster (Timepix3).")
  private double windowNs;

  @Option(
      names = "--sort-window-ns",
      paramLabel = "NS",
      defaultValue = "500000",
      description = "How far hits may come out of order (Timepix3); widened where it must be.")
  private double sortWindowNs;

  @Option(
      names = "--layout",
      paramLabel = "LAYOUT",
      defaultValue = "auto",
      description = "Chips of a data-driven source: auto, single or quad (512 x 512).")
  private String layout = "auto";

  @Option(
      names = "--tolerance",
      paramLabel = "SHARE",
      defaultValue = "0.05",
      description = "Share of malformed records that is skipped and counted; more is an error.")
  private double tolerance;

  /// With the values of no option given.
  public SourceOptions() {}

  /// How to read and cluster.
  ///
  /// @throws InputException where a value or a file is wrong
  public ClusterOptions read() {
    checkNotNegative("--window-ns", windowNs);
    checkNotNegative("--sort-window-ns", sortWindowNs);
    if (!(tolerance >= 0 && tolerance <= 1)) {
      throw new InputException(
          "--tolerance", tolerance + " is no share", "Give a number from 0 to 1");
    }
    if (transposed && calibration == null) {
      throw new InputException(
          "--transposed", "says how a calibration is written", "Give it with --calibration");
    }
    OpenOptions open =
        OpenOptions.defaults()
            .withFormat(format)
            .withCalibration(
                calibration == null ? null : EnergyCalibration.read(calibration, transposed))
            .withTimeWalk(timeWalk == null ? null : TimeWalk.read(timeWalk))
            .withSensor(sensor == null ? null : sensor(sensor))
            .withMask(mask == null ? null : PixelMask.read(mask))
            .withMaskFromSource(!noSourceMask)
            .withLayout(chips())
            .withTolerance(tolerance);
    return ClusterOptions.defaults()
        .withOpen(open)
        .withWindowNs(windowNs)
        .withSortWindowNs(sortWindowNs)
        .withThreads(Runtime.getRuntime().availableProcessors());
  }

  private static Sensor sensor(String name) {
    return switch (name) {
      case "timepix" -> Sensor.timepix();
      case "timepix3" -> Sensor.timepix3();
      default ->
          (Setup.presets().contains(name) ? Setup.preset(name) : Setup.read(Path.of(name)))
              .sensor();
    };
  }

  private static void checkNotNegative(String option, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new InputException(
          option, value + " is no time", "Give a number of nanoseconds, 0 or more");
    }
  }

  private ChipLayout chips() {
    for (ChipLayout known : ChipLayout.values()) {
      if (known.name().equals(layout.toUpperCase(Locale.ROOT))) {
        return known;
      }
    }
    throw new InputException(
        "--layout", "'" + layout + "' is no layout", "Use auto, single or quad");
  }

  /// What a data set keeps of these options.
  public Map<String, String> properties() {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("window_ns", Double.toString(windowNs));
    if (calibration != null) {
      properties.put("calibration", calibration.toString());
      properties.put("calibration_transposed", Boolean.toString(transposed));
    }
    if (timeWalk != null) {
      properties.put("time_walk", timeWalk.toString());
    }
    if (sensor != null) {
      properties.put("sensor", sensor);
    }
    if (mask != null) {
      properties.put("mask", mask.toString());
    }
    return properties;
  }

  /// Formats by their short names.
  static final class Formats extends Choices<Format> {
    Formats() {
      super(List.of(Format.values()), Format::id);
    }
  }
}
