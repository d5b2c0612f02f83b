package org.pixelwake.app.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.options.OutputOptions;
import org.pixelwake.app.terminal.Bars;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.base.InputException;
import org.pixelwake.options.Choices;
import org.pixelwake.run.Texts;
import org.pixelwake.run.data.Conversion;
import org.pixelwake.run.data.OutputFormat;
import org.pixelwake.run.data.Simulation;
import org.pixelwake.timepix.dataset.DatasetStatistics;
import org.pixelwake.timepix.simulation.Material;
import org.pixelwake.timepix.simulation.MaterialLayer;
import org.pixelwake.timepix.simulation.Setup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

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

  @Mixin
  private OutputOptions output =
      OutputOptions.optional(
          "OUT", null, "File to write; a folder with --as xyc.", "Replace a file that exists.");

  @Option(
      names = "--as",
      paramLabel = "FORMAT",
      converter = Formats.class,
      completionCandidates = Formats.class,
      defaultValue = "parquet",
      description = "Format to write: ${COMPLETION-CANDIDATES}.")
  private OutputFormat format = OutputFormat.PARQUET;

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

  @Override
  public Integer call() {
    if (printed != null) {
      out().print(Setup.presetText(printed));
      return ExitCode.OK;
    }
    Path to = output.path();
    int workers = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    requireAtLeastOne("--particles", particles);
    requireAtLeastOne("--threads", workers);
    requireAtLeastOne("--particles-per-frame", perFrame);
    Simulation simulation = new Simulation(setup(), particles, seed, workers);
    if (format != OutputFormat.XYC) {
      output.file(file == null ? List.of() : List.of(file));
    }
    return work(
        "simulating",
        progress -> {
          if (format == OutputFormat.PARQUET) {
            print(to, simulation.write(to, progress));
          } else {
            out().println(to + ": " + simulation.writeHits(format, to, perFrame, progress));
          }
          return ExitCode.OK;
        });
  }

  private void print(Path to, Simulation.Written written) {
    DatasetStatistics all = written.statistics();
    Bars.print(console(), "clusters by number of hits", all.sizes());
    written
        .kinds()
        .forEach((kind, count) -> out().println(Texts.count(count) + " clusters of " + kind));
    out().println(to + ": " + Conversion.amounts(all));
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
    return Simulation.counting(setup, format)
        .withLayers(layers.stream().map(SimulateCommand::layer).toList());
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

  /// Names of the presets, for help and completion.
  static final class Presets implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Setup.presets().iterator();
    }
  }

  /// Formats that are written.
  static final class Formats extends Choices<OutputFormat> {
    Formats() {
      super(List.of(OutputFormat.PARQUET, OutputFormat.T3PA, OutputFormat.XYC), OutputFormat::id);
    }
  }
}
