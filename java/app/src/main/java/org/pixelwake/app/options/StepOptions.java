package org.pixelwake.app.options;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.pixelwake.engine.Device;
import org.pixelwake.run.JsonOutput;
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

  public StepOptions() {}

  /// Images of a step.
  public int batch() {
    return batch;
  }

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

  /// The step and the device, for people.
  public String title(Device device) {
    return String.format(
        Locale.ROOT, "%s, side %d, batch %d, %s on %s", arch, side, batch, precision, device);
  }

  /// The same for programs.
  public ObjectNode json(Device device) {
    ObjectNode object = JsonOutput.object();
    object.put("arch", arch);
    object.put("side", side);
    object.put("batch", batch);
    object.put("precision", precision);
    object.put("device", device.toString());
    object.put("threads", device.threads());
    return object;
  }
}
