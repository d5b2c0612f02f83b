package org.pixelwake.app.options;

import org.pixelwake.training.PretrainConfig;
import org.pixelwake.training.benchmark.StepBenchmark;
import picocli.CommandLine.Option;

/// Options that say of which training step, or of which encoder, the `bench` commands speak.
public final class StepOptions {
  @Option(
      names = "--arch",
      paramLabel = "NAME",
      defaultValue = "efficientnet_b4",
      description = "Encoder.")
  private String arch = "efficientnet_b4";

  @Option(
      names = "--side",
      paramLabel = "N",
      defaultValue = "96",
      description = "Side of the images.")
  private int side;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "8",
      description = "Images at a time.")
  private int batch;

  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      defaultValue = "f32",
      description = "Storage of activations: f32 or bf16.")
  private String precision = "f32";

  /// The configuration of the step.
  ///
  /// @throws org.pixelwake.base.InputException where an option is out of range
  public PretrainConfig config() {
    PretrainConfig config = new PretrainConfig();
    config.arch = arch;
    config.side = side;
    config.batch = batch;
    config.precision = precision;
    StepBenchmark.prepare(config);
    config.validate();
    return config;
  }
}
