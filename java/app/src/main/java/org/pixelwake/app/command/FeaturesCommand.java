package org.pixelwake.app.command;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.options.OutputOptions;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.app.terminal.SourceContents;
import org.pixelwake.base.InputException;
import org.pixelwake.options.SourceOptions;
import org.pixelwake.run.Texts;
import org.pixelwake.run.data.FeatureTable;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.clustering.ClusterReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `pixelwake features`.
@Command(
    name = "features",
    description = {
      "Measures the clusters of detector data or data sets: a table with one row per cluster.",
      "",
      "Size, energy, height, centroid, hits on the border, roundness, azimuth and elevation,"
          + " linearity, length and width, spread along and across, LET, diameter, duration, whether"
          + " it touches the edge of the sensor, its shape (dot, small_blob, curly_track, heavy_blob,"
          + " heavy_track, straight_track); the particle and its energy and angles where they are"
          + " known. Defined as in the cluster lists of ADVACAM's DPE. Energies are in keV with a"
          + " calibration, else in ToT.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pixelwake features data.t3pa -o features.csv --calibration calibration/",
      "  pixelwake features tracks.parquet -o features.parquet --thickness-um 500"
    })
public final class FeaturesCommand extends PixelwakeCommand {
  @Parameters(
      arity = "1..*",
      paramLabel = "IN",
      description = "Detector data (files, folders, zips) or data sets (.parquet).")
  private @Nullable List<Path> inputs;

  @Mixin
  private OutputOptions output =
      OutputOptions.required(
          "OUT", "Table to write: .parquet or .csv.", "Replace a file that exists.");

  @Option(
      names = "--thickness-um",
      paramLabel = "UM",
      defaultValue = "300",
      description = "Thickness of the sensor, by which elevation and LET are found.")
  private double thickness;

  @Mixin private SourceOptions source = new SourceOptions();

  @Override
  public Integer call() {
    if (!(thickness > 0 && thickness < Double.POSITIVE_INFINITY)) {
      throw new InputException(
          "--thickness-um", thickness + " um is not a thickness", "Give one above 0");
    }
    List<Path> from = given(inputs);
    Path to = output.file(from);
    ClusterOptions options = source.read();
    return work(
        "features",
        progress -> {
          try (FeatureTable table = FeatureTable.create(to)) {
            for (Path input : from) {
              ClusterReport report = table.add(input, options, thickness, progress);
              if (report != null) {
                SourceContents.printLeftOut(out(), report);
              }
            }
            table.finish();
            out().println(to + ": " + Texts.count(table.rows()) + " clusters");
          }
          return ExitCode.OK;
        });
  }
}
