package org.pixelwake.app.options;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.training.PretrainConfig;
import org.pixelwake.training.benchmark.Workload;
import picocli.CommandLine.Option;

/// Options that say of which training step, or of which encoder, the `bench` commands speak.
public final class StepOptions {
  private static final int MOST_HITS = 1_000_000;

  @Option(
      names = "--arch",
      paramLabel = "NAME",
      defaultValue = "efficientnet_b4",
      description =
          "Encoder: of images, or over hits (hits_s, hits_m, hits_l), which is timed as a classifier.")
  private String arch = "efficientnet_b4";

  @Option(
      names = "--side",
      paramLabel = "N",
      defaultValue = "96",
      description = "Side of the images; nothing to a network over hits.")
  private int side;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "8",
      description = "Images or clusters at a time.")
  private int batch;

  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      defaultValue = "f32",
      description = "Storage of activations: f32 or bf16.")
  private String precision = "f32";

  @Option(
      names = "--clusters",
      paramLabel = "DATA",
      description =
          "Data set that the clusters of the batch are taken from, evenly spaced in it; random walks"
              + " are made up where it is not given. Networks over hits need simulated clusters.")
  private @Nullable Path clusters;

  @Option(
      names = "--hits",
      paramLabel = "N",
      description = "Hits of a cluster that is made up. Default: ${DEFAULT-VALUE}")
  private int hits = Workload.HITS;

  /// The network and the clusters of its batch.
  ///
  /// @throws InputException where an option is out of range
  public Workload work() {
    if (hits < 1 || hits > MOST_HITS) {
      throw new InputException("--hits", "is out of range", "Give 1 to " + MOST_HITS);
    }
    return new Workload(config(), clusters, hits);
  }

  private PretrainConfig config() {
    PretrainConfig config = new PretrainConfig();
    config.arch = arch;
    config.side = side;
    config.batch = batch;
    config.precision = precision;
    Workload.prepare(config);
    config.validate();
    return config;
  }
}
