package org.pixelwake.app.command;

import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.options.ModelOptions;
import org.pixelwake.app.options.OutputOptions;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.Device;
import org.pixelwake.run.Texts;
import org.pixelwake.run.data.Outputs;
import org.pixelwake.run.evaluation.Reconstruction;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.training.Evaluation;
import org.pixelwake.training.TrainedModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `pixelwake reconstruct`.
@Command(
    name = "reconstruct",
    description = {
      "Shows what a trained autoencoder makes of clusters.",
      "",
      "Writes a folder with report.html, metrics.json and, for each pictured cluster, PNG images of"
          + " the input, the reconstructed energy and both masks. The figures are means over all"
          + " clusters of the file, or over --limit of them; a cluster that a model was trained on"
          + " counts like any other.",
      ""
    },
    footerHeading = "%nExample:%n",
    footer = "  pixelwake reconstruct run other-tracks.parquet -o pictures --clusters 24")
public final class ReconstructCommand extends PixelwakeCommand {
  // The last bits of the figures, sums over batches, depend on it.
  private static final int BATCH = 16;

  @Parameters(
      index = "1",
      paramLabel = "DATA",
      description = "Data set (.parquet) or detector file.")
  private @Nullable Path data;

  @Mixin
  private OutputOptions output =
      OutputOptions.optional(
          "FOLDER", "reconstruction", "Folder to write to.", "Write into a folder that exists.");

  @Option(
      names = "--clusters",
      paramLabel = "N",
      defaultValue = "16",
      description = "Clusters pictured, of all sizes, the largest first.")
  private int pictured;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Clusters that the figures are taken over, evenly spaced.")
  private int limit;

  @Mixin private ModelOptions model = new ModelOptions();

  @Override
  public Integer call() {
    if (pictured < 0 || limit < 1) {
      throw new InputException(
          "--clusters, --limit", "is out of range", "Picture 0 or more, measure 1 or more");
    }
    Path folder = output.folder();
    return host(host -> {
      try (Device opened = model.device.open(console());
          TrainedModel trained = TrainedModel.read(opened, model.path())) {
        Reconstruction work =
            new Reconstruction(trained, model.path().toString(), pictured, limit, BATCH);
        ClusterOptions options = model.source.read();
        print(Outputs.fillFolder(folder, () -> work.write(given(data), options, folder, host)));
      }
      return ExitCode.OK;
    });
  }

  private void print(Evaluation.Metrics m) {
    out()
        .printf(
            Locale.ROOT,
            "%s clusters: cluster IoU %.4f, threshold IoU %.4f, MSE %.3e (empty image %.3e)%n",
            Texts.count(m.clusters()),
            m.clusterIou(),
            m.thresholdIou(),
            m.mse(),
            m.zeroMse());
    out().println("report: " + output.path().resolve("report.html"));
  }
}
