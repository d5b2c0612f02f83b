package org.pixelwake.training;

import java.nio.file.Path;
import org.pixelwake.engine.Device;
import org.pixelwake.network.checkpoint.TensorMap;
import org.pixelwake.timepix.dataset.ClusterTable;

/// A trained autoencoder from a file that pretraining wrote, with the normalisation that belongs to
/// it.
public final class TrainedModel extends Trained {
  private final PretrainConfig config;

  TrainedModel(Device device, TensorMap tensors) {
    PretrainConfig own = Checkpoint.configOf(tensors, PretrainConfig.class);
    super(device, tensors, own, Pretraining.network(own));
    config = own;
  }

  /// Reads a model.
  ///
  /// @param path the file, or the folder of the run that wrote it
  public static TrainedModel read(Device device, Path path) {
    return new TrainedModel(device, Checkpoint.readModel(path));
  }

  @Override
  public PretrainConfig config() {
    return config;
  }

  /// Compiles it for clusters of a table.
  public Evaluation evaluation(ClusterTable table, int[] rows, int batch) {
    int capacity = StagedBatch.capacity(table, rows, batch);
    return Evaluation.of(device, network, store, config, null, false, batch, capacity);
  }
}
