package org.pixelwake.training;

import java.nio.file.Files;
import java.nio.file.Path;
import org.pixelwake.base.InputException;
import org.pixelwake.network.checkpoint.Safetensors;
import org.pixelwake.network.checkpoint.TensorMap;
import org.pixelwake.timepix.EnergyUnit;

/// Files of trained models.
final class ModelFile {
  private ModelFile() {}

  /// Reads a model.
  ///
  /// @param path the file, or the folder of the run that wrote it
  static TensorMap read(Path path) {
    return Safetensors.read(Files.isDirectory(path) ? Training.model(path) : path);
  }

  /// Refuses a model whose scales are of another unit than the data's. Older models do not say
  /// theirs.
  static void requireUnit(TensorMap model, EnergyUnit unit) {
    String own = model.metadata().get("unit");
    if (own != null && !own.equalsIgnoreCase(unit.name())) {
      throw new InputException(
          model.source(),
          "its energies are in " + own + ", those of the data in " + unit,
          "Calibrate the data as those that the model was trained on");
    }
  }

  /// The configuration that a model of any kind carries.
  static RunConfig config(TensorMap model) {
    return Checkpoint.Format.CLASSIFIER.is(model)
        ? config(model, FinetuneConfig.class)
        : config(model, PretrainConfig.class);
  }

  /// The configuration that a model of one kind carries.
  ///
  /// @throws InputException where the model is of another kind
  static <C extends RunConfig> C config(TensorMap model, Class<C> type) {
    Checkpoint.Format.of(type).require(model);
    return RunConfig.fromJson(model.source(), Checkpoint.required(model, "config"), type);
  }
}
