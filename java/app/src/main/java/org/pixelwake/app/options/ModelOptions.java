package org.pixelwake.app.options;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.pixelwake.options.SourceOptions;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// Parameter and options of every command that shows clusters to a trained model.
public final class ModelOptions {
  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "model.safetensors of a run, or the run's folder.")
  private @Nullable Path model;

  /// Where to compute.
  @Mixin public final DeviceOptions device = new DeviceOptions();

  /// How to read detector data.
  @Mixin public final SourceOptions source = new SourceOptions();

  /// Returns the file of the model, or the folder of its run.
  public Path path() {
    Path given = model;
    if (given == null) {
      throw new IllegalStateException("a required parameter is missing");
    }
    return given;
  }
}
