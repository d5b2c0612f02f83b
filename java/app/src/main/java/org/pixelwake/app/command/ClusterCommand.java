package org.pixelwake.app.command;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.Conversion;
import org.pixelwake.app.options.OutputFormat;
import org.pixelwake.app.options.SourceOptions;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.app.terminal.Interrupt;
import org.pixelwake.app.terminal.ProgressLine;
import org.pixelwake.base.InputException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `pixelwake cluster`.
@Command(
    name = "cluster",
    description = {
      "Joins hits to clusters, the tracks of particles.",
      "",
      "Hits are of one cluster where their pixels touch, at a corner too, and, on Timepix3,"
          + " neighbours are within the time window of each other. Clusters that a file holds"
          + " already stay as they are. The name of OUT tells the format: .parquet a data set (all"
          + " inputs together), .clog a cluster log, anything else an MM triplet.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pixelwake cluster data.t3pa -o tracks.parquet --calibration calibration/",
      "  pixelwake cluster data.t3pa -o tracks.clog --window-ns 100"
    })
public final class ClusterCommand extends PixelwakeCommand {
  @Parameters(
      arity = "1..*",
      paramLabel = "IN",
      description = "Files, folders or zips of detector data.")
  private @Nullable List<Path> inputs;

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "OUT",
      description = "File to write; a folder for several inputs, except for .parquet.")
  private @Nullable Path output;

  @Option(
      names = {"-f", "--force"},
      description = "Replace files that exist.")
  private boolean force;

  @Mixin private SourceOptions source = new SourceOptions();

  ClusterCommand() {}

  @Override
  public Integer call() {
    Path to = given(output);
    OutputFormat target = OutputFormat.of(to, OutputFormat.MM);
    if (target == OutputFormat.T3PA) {
      throw new InputException(
          to, "t3pa holds hits, not clusters", "Name a .parquet, .clog or .ini");
    }
    try (Interrupt interrupt = interrupt();
        ProgressLine line = progress("clustering")) {
      new Conversion(given(inputs), to, target, source, force)
          .run(console(), interrupt.cancelling(line));
    }
    return ExitCode.OK;
  }
}
