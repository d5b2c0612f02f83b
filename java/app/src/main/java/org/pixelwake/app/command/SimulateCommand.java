package org.pixelwake.app.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.terminal.Bars;
import org.pixelwake.app.terminal.DatasetContents;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.app.terminal.Interrupt;
import org.pixelwake.app.terminal.Outputs;
import org.pixelwake.app.terminal.ProgressLine;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.run.Texts;
import org.pixelwake.run.data.Simulation;
import org.pixelwake.timepix.dataset.DatasetStatistics;
import org.pixelwake.timepix.io.ClusterSink;
import org.pixelwake.timepix.io.Writers;
import org.pixelwake.timepix.sensor.Sensor;
import org.pixelwake.timepix.simulation.Material;
import org.pixelwake.timepix.simulation.MaterialLayer;
import org.pixelwake.timepix.simulation.Setup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/// `pixelwake simulate`.
@Command(
    name = "simulate",
    description = {
      "Simulates the tracks of known particles in a Timepix detector.",
      "",
      "Writes a data set of clusters with what is known of the particle of each: kind, energy,"
          + " angles, entry, energy deposited. Or the hits alone as a detector gives them: --as"
          + " t3pa (Timepix3) or --as xyc (frames with .dsc).",
      "",
      "Sensor, layers before it and sources come from a YAML file. The presets are such files;"
          + " --print-preset shows one to copy and change. The result depends on the setup, the"
          + " seed and the number of particles only, not on the number of threads.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pixelwake simulate --preset satram-real --particles 100000 -o satram.parquet",
      "  pixelwake simulate --preset sr90 --layer aluminium:230 -o betas --as xyc",
      "  pixelwake simulate --print-preset lead > mine.yaml",
      "  pixelwake simulate mine.yaml --particles 5000 -o lead.parquet"
    })
public final class SimulateCommand extends PixelwakeCommand {
  @Parameters(
      arity = "0..1",
      paramLabel = "SETUP.yaml",
      description = "Sensor, layers and sources.")
  private @Nullable Path file;

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      completionCandidates = Presets.class,
      description = "Take a preset instead: ${COMPLETION-CANDIDATES}.")
  private @Nullable String preset;

  @Option(
      names = "--print-preset",
      paramLabel = "NAME",
      completionCandidates = Presets.class,
      description = "Print the file of a preset, and do nothing else.")
  private @Nullable String printed;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "OUT",
      description = "File to write; a folder with --as xyc.")
  private @Nullable Path output;

  @Option(
      names = "--as",
      paramLabel = "FORMAT",
      converter = Format.Names.class,
      completionCandidates = Format.Names.class,
      defaultValue = "parquet",
      description = "Format to write: ${COMPLETION-CANDIDATES}.")
  private Format format = Format.PARQUET;

  @Option(
      names = "--particles",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Particles to simulate; not all leave a hit.")
  private long particles;

  @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Seed.")
  private long seed;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads; by default as many as there are processors.",
      showDefaultValue = Visibility.NEVER)
  private @Nullable Integer threads;

  @Option(
      names = "--layer",
      paramLabel = "MATERIAL:UM",
      showDefaultValue = Visibility.NEVER,
      description =
          "A further layer before the sensor, after those of the setup, such as aluminium:230; may"
              + " be repeated.")
  private List<String> layers = new ArrayList<>();

  @Option(
      names = "--particles-per-frame",
      paramLabel = "N",
      defaultValue = "1",
      description = "Particles that share a frame, with --as xyc.")
  private int perFrame;

  @Option(
      names = {"-f", "--force"},
      description = "Replace a file that exists.")
  private boolean force;

  SimulateCommand() {}

  @Override
  public Integer call() {
    if (printed != null) {
      out().print(Setup.presetText(printed));
      return ExitCode.OK;
    }
    Path to = to();
    int workers = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    requireAtLeastOne("--particles", particles);
    requireAtLeastOne("--threads", workers);
    requireAtLeastOne("--particles-per-frame", perFrame);
    Setup setup = setup();
    Outputs.check(
        format == Format.XYC ? List.of() : List.of(to),
        file == null ? List.of() : List.of(file),
        force);
    Simulation simulation = new Simulation(setup, particles, seed, workers);
    try (Interrupt interrupt = interrupt();
        ProgressLine line = progress("simulating")) {
      Progress progress = interrupt.cancelling(line);
      if (format == Format.PARQUET) {
        print(to, simulation.write(to, progress));
      } else {
        hits(simulation, to, progress);
      }
    }
    return ExitCode.OK;
  }

  private void print(Path to, Simulation.Written written) {
    DatasetStatistics all = written.statistics();
    Bars.print(console(), "clusters by number of hits", DatasetContents.rows(all.sizes()));
    written
        .kinds()
        .forEach((kind, count) -> out().println(Texts.count(count) + " clusters of " + kind));
    out()
        .printf(
            "%s: %s clusters, %s hits%n", to, Texts.count(all.clusters()), Texts.count(all.hits()));
  }

  private Path to() {
    if (output == null) {
      throw new InputException("--output", "is missing", "Name what to write with -o");
    }
    return output;
  }

  private static void requireAtLeastOne(String option, long value) {
    if (value < 1) {
      throw new InputException(option, value + " is too few", "Give 1 or more");
    }
  }

  private Setup setup() {
    if ((file == null) == (preset == null)) {
      throw new InputException(
          "simulate",
          file == null ? "no setup is named" : "both a setup and a preset are named",
          "Name a YAML file, or one of the presets with --preset");
    }
    Setup setup = file == null ? Setup.preset(String.valueOf(preset)) : Setup.read(file);
    boolean timepix3 = setup.sensor().chip() == Sensor.Chip.TIMEPIX3;
    if (format == Format.T3PA && !timepix3) {
      throw new InputException(
          "--as", "t3pa holds times, and Timepix has none", "Use a Timepix3, or --as xyc");
    }
    if (format == Format.XYC && timepix3) {
      throw new InputException(
          "--as", "xyc holds frames, and Timepix3 has none", "Use a Timepix, or --as t3pa");
    }
    // Detectors count ticks; energies follow from a calibration.
    Setup counted = format == Format.T3PA ? setup.withCalibrated(false) : setup;
    return counted.withLayers(layers.stream().map(SimulateCommand::layer).toList());
  }

  private static MaterialLayer layer(String text) {
    String[] parts = text.split(":", -1);
    for (Material material : Material.KNOWN) {
      if (parts.length == 2 && material.name().equals(parts[0])) {
        try {
          return new MaterialLayer(material, Double.parseDouble(parts[1]), false);
        } catch (IllegalArgumentException e) {
          break;
        }
      }
    }
    throw new InputException(
        "--layer",
        "'" + text + "' is no layer",
        "Give a material ("
            + String.join(", ", Material.KNOWN.stream().map(Material::name).toList())
            + "), a colon and a thickness in um, such as aluminium:230");
  }

  private void hits(Simulation simulation, Path to, Progress progress) {
    try (ClusterSink sink =
        format == Format.T3PA
            ? Writers.t3pa(simulation.source(), to)
            : Writers.xyc(simulation.source(), to, perFrame)) {
      simulation.run(sink::append, progress);
      sink.finish();
      out()
          .println(
              to
                  + ": "
                  + (sink.frames() > 0 ? Texts.count(sink.frames()) + " frames, " : "")
                  + Texts.count(sink.hits())
                  + " hits");
    }
  }

  /// Names of the presets, for help and completion.
  static final class Presets implements Iterable<String> {
    Presets() {}

    @Override
    public Iterator<String> iterator() {
      return Setup.presets().iterator();
    }
  }

  /// Formats that are written.
  enum Format {
    PARQUET,
    T3PA,
    XYC;

    /// Formats by their names.
    static final class Names implements ITypeConverter<Format>, Iterable<String> {
      Names() {}

      @Override
      public Format convert(String value) {
        for (Format format : values()) {
          if (format.name().equals(value.toUpperCase(Locale.ROOT))) {
            return format;
          }
        }
        throw new TypeConversionException(
            "'" + value + "' is no format; choose one of " + String.join(", ", this));
      }

      @Override
      public Iterator<String> iterator() {
        return List.of("parquet", "t3pa", "xyc").iterator();
      }
    }
  }
}
