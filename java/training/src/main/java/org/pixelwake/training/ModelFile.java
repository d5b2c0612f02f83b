package org.pixelwake.training;

import java.nio.file.Files;
import java.nio.file.Path;
import org.pixelwake.network.checkpoint.Safetensors;
import org.pixelwake.network.checkpoint.TensorMap;

/// Files of trained models.
final class ModelFile {
  private ModelFile() {}

  /// Reads a model.
  ///
  /// @param path the file, or the folder of the run that wrote it
  static TensorMap read(Path path) {
    return Safetensors.read(Files.isDirectory(path) ? Pretraining.model(path) : path);
  }

  /// The configuration that a model of any kind carries.
  static RunConfig config(TensorMap model) {
    return Checkpoint.Format.CLASSIFIER.is(model)
        ? Finetuning.configOf(model)
        : Pretraining.configOf(model);
  }
}
