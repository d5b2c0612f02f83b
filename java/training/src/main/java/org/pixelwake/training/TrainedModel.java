package org.pixelwake.training;

import java.nio.file.Files;
import java.nio.file.Path;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.network.Network;
import org.pixelwake.network.StateDict;
import org.pixelwake.network.checkpoint.Safetensors;
import org.pixelwake.network.checkpoint.TensorMap;
import org.pixelwake.timepix.dataset.ClusterTable;

/// A trained autoencoder from a file that pretraining wrote, with the normalisation that belongs to
/// it.
public final class TrainedModel implements AutoCloseable {
  private final PretrainConfig config;
  private final Network network;
  private final ParameterStore store;
  private final Device device;
  private final long step;

  private TrainedModel(Device device, TensorMap tensors) {
    this.device = device;
    this.config = Checkpoint.configOf(tensors);
    this.step = Long.parseLong(Checkpoint.required(tensors, "step"));
    this.network = Pretraining.network(config);
    this.store = ParameterStore.forInference(device, network.layout());
    StateDict.load(tensors, store);
  }

  /// Reads a model.
  ///
  /// @param path the file, or the folder of the run that wrote it
  public static TrainedModel read(Device device, Path path) {
    Path file = Files.isDirectory(path) ? Pretraining.model(path) : path;
    return new TrainedModel(device, Safetensors.read(file));
  }

  /// Configuration that it was trained with, scales resolved.
  public PretrainConfig config() {
    return config;
  }

  /// Steps that it was trained for.
  public long step() {
    return step;
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
