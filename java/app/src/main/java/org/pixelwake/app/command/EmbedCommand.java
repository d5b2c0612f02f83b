package org.pixelwake.app.command;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.options.DeviceOptions;
import org.pixelwake.app.options.SourceOptions;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.app.terminal.Interrupt;
import org.pixelwake.app.terminal.Outputs;
import org.pixelwake.app.terminal.ProgressLine;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.Device;
import org.pixelwake.run.Texts;
import org.pixelwake.run.evaluation.ClusterBatches;
import org.pixelwake.run.evaluation.EmbeddingTable;
import org.pixelwake.run.report.RunReports;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.training.Predictor;
import org.pixelwake.training.Trained;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `pixelwake embed`.
@Command(
    name = "embed",
    description = {
      "Writes the features that the encoder of a model finds in clusters: a table with a row a"
          + " cluster.",
      "",
      "Features are the pooled outputs of the encoder, before the head of a classifier or the decoder"
          + " of an autoencoder: column features, a list of numbers, which pandas, polars and DuckDB"
          + " read. Beside them stand the number of the cluster in the file (row), its source, hit"
          + " count, energy and what is known of the particle. Memory does not grow with the number"
          + " of clusters.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {"  pixelwake embed run tracks.parquet -o embeddings.parquet"})
public final class EmbedCommand extends PixelwakeCommand {
  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "model.safetensors of a run, or the run's folder.")
  private @Nullable Path model;

  @Parameters(
      index = "1",
      paramLabel = "DATA",
      description = "Data set (.parquet) or detector file.")
  private @Nullable Path data;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      defaultValue = "embeddings.parquet",
      description = "Table to write (.parquet).")
  private Path output = Path.of("embeddings.parquet");

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "32",
      description = "Clusters looked at in one run; changes nothing but the speed.")
  private int batch;

  @Option(
      names = {"-f", "--force"},
      description = "Replace a file that exists.")
  private boolean force;

  @Mixin private DeviceOptions device = new DeviceOptions();
  @Mixin private SourceOptions source = new SourceOptions();

  EmbedCommand() {}

  @Override
  public Integer call() {
    Path from = given(data);
    if (!output.toString().toLowerCase(Locale.ROOT).endsWith(".parquet")) {
      throw new InputException(output, "tells no format of features", "Name a .parquet");
    }
    Outputs.check(List.of(output), List.of(from, given(model)), force);
    try (Interrupt interrupt = interrupt();
        ProgressLine line = progress("embedding");
        Device opened = device.open(console());
        Trained trained = Trained.read(opened, given(model));
        Predictor predictor = trained.predictor(batch);
        EmbeddingTable table = EmbeddingTable.create(output)) {
      ClusterBatches.read(
          from,
          source.read(),
          interrupt.cancelling(line),
          part -> embed(predictor, part, trained.config().energyScale, table, interrupt));
      table.finish();
      line.clear();
      out()
          .println(
              String.format(
                  Locale.ROOT,
                  "%s: %s clusters, %d features each",
                  output,
                  Texts.count(table.rows()),
                  trained.features()));
    }
    return ExitCode.OK;
  }

  // As `reconstruct` does: what a model was trained on need not be what it is shown.
  private void tellUnit(EnergyUnit unit, float scale) {
    console()
        .notice(
            String.format(
                Locale.ROOT,
                "energies are in %s and divided by %.4g as in training",
                RunReports.unitName(unit),
                scale));
  }

  private void embed(
      Predictor predictor,
      ClusterBatches.Part part,
      float scale,
      EmbeddingTable table,
      Interrupt interrupt) {
    int count = part.table().count();
    if (part.first() == 0) {
      tellUnit(part.unit(), scale);
    }
    int step = 16 * batch;
    // In pieces, so that the features of a part need not be in memory at once.
    for (int first = 0; first < count; first += step) {
      interrupt.check();
      int[] rows = new int[Math.min(step, count - first)];
      int from = first;
      Arrays.setAll(rows, i -> from + i);
      float[][] features = predictor.embed(part.table(), rows);
      for (int i = 0; i < rows.length; i++) {
        table.append(part, rows[i], features[i]);
      }
    }
  }
}
