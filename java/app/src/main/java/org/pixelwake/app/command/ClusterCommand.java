package org.pixelwake.app.command;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.options.OutputOptions;
import org.pixelwake.base.InputException;
import org.pixelwake.options.SourceOptions;
import org.pixelwake.run.data.Conversion;
import org.pixelwake.run.data.OutputFormat;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

  @Mixin
  private OutputOptions output =
      OutputOptions.required(
          "OUT",
          "File to write; a folder for several inputs, except for .parquet.",
          "Replace files that exist.");

  @Mixin private SourceOptions source = new SourceOptions();

  @Override
  public Integer call() {
    Path to = output.path();
    OutputFormat target = OutputFormat.of(to, OutputFormat.MM);
    if (target == OutputFormat.T3PA) {
      throw new InputException(
          to, "t3pa holds hits, not clusters", "Name a .parquet, .clog or .ini");
    }
    Conversion conversion =
        new Conversion(
            given(inputs), to, target, source.read(), source.properties(), output.force());
    return convert("clustering", conversion);
  }
}
