package org.pixelwake.training;

import java.nio.file.Path;
import org.pixelwake.engine.Device;
import org.pixelwake.network.checkpoint.TensorMap;

/// A trained network from a file that a run wrote, with the normalisation that belongs to it.
public sealed interface Trained extends AutoCloseable permits TrainedModel, TrainedClassifier {
  /// Reads a model of either kind.
  ///
  /// @param path the file, or the folder of the run that wrote it
  static Trained read(Device device, Path path) {
    TensorMap tensors = ModelFile.read(path);
    return Checkpoint.Format.CLASSIFIER.is(tensors)
        ? new TrainedClassifier(device, tensors)
        : new TrainedModel(device, tensors);
  }

  /// Configuration that it was trained with, scales resolved.
  RunConfig config();

  /// Steps that it was trained for.
  long step();

  /// Features of a cluster: length of an embedding.
  int features();

  /// What it makes of clusters; to be closed before the model.
  ///
  /// @param batch clusters looked at in one run
  Predictor predictor(int batch);

  @Override
  void close();
}
