package org.pixelwake.app.command;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.options.SourceOptions;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.app.terminal.Interrupt;
import org.pixelwake.app.terminal.Outputs;
import org.pixelwake.app.terminal.ProgressLine;
import org.pixelwake.app.terminal.SourceContents;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.run.Texts;
import org.pixelwake.run.data.FeatureTable;
import org.pixelwake.run.data.FileKind;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.clustering.ClusterStream;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetReader;
import org.pixelwake.timepix.features.FeatureFinder;
import org.pixelwake.timepix.features.SensorShape;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `pixelwake features`.
@Command(
    name = "features",
    description = {
      "Measures the clusters of detector data or data sets: a table with a row a cluster.",
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
  private static final int PROGRESS_EVERY = 1 << 12;
  private static final double PITCH_UM = 55;

  @Parameters(
      arity = "1..*",
      paramLabel = "IN",
      description = "Detector data (files, folders, zips) or data sets (.parquet).")
  private @Nullable List<Path> inputs;

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "OUT",
      description = "Table to write: .parquet or .csv.")
  private @Nullable Path output;

  @Option(
      names = "--thickness-um",
      paramLabel = "UM",
      defaultValue = "300",
      description = "Thickness of the sensor, by which elevation and LET are found.")
  private double thickness;

  @Option(
      names = {"-f", "--force"},
      description = "Replace a file that exists.")
  private boolean force;

  @Mixin private SourceOptions source = new SourceOptions();

  FeaturesCommand() {}

  @Override
  public Integer call() {
    if (!(thickness > 0 && thickness < Double.POSITIVE_INFINITY)) {
      throw new InputException(
          "--thickness-um", thickness + " um is no thickness", "Give one above 0");
    }
    Path to = given(output);
    List<Path> from = given(inputs);
    Outputs.check(List.of(to), from, force);
    ClusterOptions options = source.read();
    try (Interrupt interrupt = interrupt();
        ProgressLine line = progress("features");
        FeatureTable table = FeatureTable.create(to)) {
      Progress progress = interrupt.cancelling(line);
      for (Path input : from) {
        if (!source.forced() && FileKind.of(input) == FileKind.DATASET) {
          dataset(input, table, progress);
        } else {
          detector(input, options, table, progress);
        }
      }
      table.finish();
      out().println(to + ": " + Texts.count(table.rows()) + " clusters");
    }
    return ExitCode.OK;
  }

  private void detector(Path input, ClusterOptions options, FeatureTable table, Progress progress) {
    try (ClusterStream stream = ClusterStream.open(input, options)) {
      FeatureFinder finder = finder(stream.info());
      while (stream.hasNext()) {
        var cluster = stream.next();
        table.append(stream.info(), cluster, finder.of(cluster));
        if (table.rows() % PROGRESS_EVERY == 0) {
          progress.update(stream.bytesRead(), stream.bytesTotal(), "bytes", counted(table));
        }
      }
      SourceContents.printLeftOut(out(), stream.report());
    }
  }

  private void dataset(Path input, FeatureTable table, Progress progress) {
    try (DatasetReader reader = DatasetReader.open(input)) {
      List<SourceInfo> sources = reader.info().sources();
      List<FeatureFinder> finders = sources.stream().map(this::finder).toList();
      long done = 0;
      for (ClusterTable batch = reader.nextBatch(); batch != null; batch = reader.nextBatch()) {
        for (int row = 0; row < batch.count(); row++) {
          var cluster = batch.cluster(row);
          int of = batch.source(row);
          table.append(sources.get(of), cluster, finders.get(of).of(cluster));
        }
        done += batch.count();
        progress.update(done, reader.count(), "clusters", input.toString());
      }
    }
  }

  private FeatureFinder finder(SourceInfo info) {
    return new FeatureFinder(new SensorShape(info.width(), info.height(), PITCH_UM, thickness));
  }

  private static String counted(FeatureTable table) {
    return Texts.count(table.rows()) + " clusters";
  }
}
