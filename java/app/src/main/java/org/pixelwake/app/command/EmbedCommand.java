package org.pixelwake.app.command;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.options.BatchOptions;
import org.pixelwake.app.options.ModelOptions;
import org.pixelwake.app.options.OutputOptions;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.engine.Device;
import org.pixelwake.run.Texts;
import org.pixelwake.run.evaluation.Embedding;
import org.pixelwake.training.Trained;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
      index = "1",
      paramLabel = "DATA",
      description = "Data set (.parquet) or detector file.")
  private @Nullable Path data;

  @Mixin
  private OutputOptions output =
      OutputOptions.optional(
          "FILE",
          "embeddings.parquet",
          "Table to write (.parquet).",
          "Replace a file that exists.");

  @Mixin private BatchOptions batch = new BatchOptions();
  @Mixin private ModelOptions model = new ModelOptions();

  @Override
  public Integer call() {
    Path from = given(data);
    Embedding.checkName(output.path());
    Path to = output.file(List.of(from, model.path()));
    return host(host -> {
      try (Device device = model.device.open(console());
          Trained trained = Trained.read(device, model.path())) {
        long rows = Embedding.write(trained, batch.size(), from, model.source.read(), to, host);
        out()
            .println(
                to
                    + ": "
                    + Texts.count(rows)
                    + " clusters, "
                    + trained.features()
                    + " features each");
      }
      return ExitCode.OK;
    });
  }
}
