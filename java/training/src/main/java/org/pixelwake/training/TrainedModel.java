package org.pixelwake.training;

import java.nio.file.Path;
import java.util.List;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.network.Network;
import org.pixelwake.network.StateDict;
import org.pixelwake.network.checkpoint.TensorMap;
import org.pixelwake.timepix.dataset.ClusterTable;

/// A trained autoencoder from a file that pretraining wrote, with the normalisation that belongs to
/// it.
public final class TrainedModel implements Trained {
  private final PretrainConfig config;
  private final Network network;
  private final ParameterStore store;
  private final Device device;
  private final long step;

  TrainedModel(Device device, TensorMap tensors) {
    this.device = device;
    this.config = Pretraining.configOf(tensors);
    this.step = Checkpoint.stepOf(tensors);
    this.network = Pretraining.network(config);
    this.store = ParameterStore.forInference(device, network.layout());
    StateDict.load(tensors, store);
  }

  /// Reads a model.
  ///
  /// @param path the file, or the folder of the run that wrote it
  public static TrainedModel read(Device device, Path path) {
    return new TrainedModel(device, ModelFile.read(path));
  }

  @Override
  public PretrainConfig config() {
    return config;
  }

  @Override
  public long step() {
    return step;
  }

  @Override
  public int features() {
    return network.architecture().top();
  }

  @Override
  public Predictor predictor(int batch) {
    return new Predictor(device, network, store, config, false, batch, List.of(), List.of());
  }

  /// Compiles it for clusters of a table.
  public Evaluation evaluation(ClusterTable table, int[] rows, int batch) {
    return new Evaluation(
        device, network, store, config, false, batch, HitBatch.capacity(table, rows, batch));
  }

  @Override
  public void close() {
    store.close();
  }
}
