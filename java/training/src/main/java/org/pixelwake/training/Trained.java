package org.pixelwake.training;

import java.nio.file.Path;
import java.util.List;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.network.Network;
import org.pixelwake.network.StateDict;
import org.pixelwake.network.checkpoint.TensorMap;
import org.pixelwake.training.target.TargetScale;

/// A trained network from a file that a run wrote, with the normalisation that belongs to it.
public abstract sealed class Trained implements AutoCloseable
    permits TrainedModel, TrainedClassifier {
  final Device device;
  final Network network;
  final ParameterStore store;
  private final RunConfig config;
  private final long step;

  Trained(Device device, TensorMap tensors, RunConfig config, Network network) {
    this.device = device;
    this.config = config;
    this.network = network;
    step = Checkpoint.stepOf(tensors);
    store = ParameterStore.forInference(device, network.layout());
    StateDict.load(tensors, store);
  }

  /// Reads a model of either kind.
  ///
  /// @param path the file, or the folder of the run that wrote it
  public static Trained read(Device device, Path path) {
    TensorMap tensors = Checkpoint.readModel(path);
    return Checkpoint.Format.CLASSIFIER.is(tensors)
        ? new TrainedClassifier(device, tensors)
        : new TrainedModel(device, tensors);
  }

  /// Returns the configuration that it was trained with, scales resolved.
  public RunConfig config() {
    return config;
  }

  /// Returns the number of steps that it was trained for.
  public final long step() {
    return step;
  }

  /// Returns the number of features of a cluster: the length of an embedding.
  public final int features() {
    return network.shape().top();
  }

  /// Returns the number of learned parameters.
  public final long parameters() {
    return network.layout().parameters();
  }

  /// Names of the classes, in the order of the probabilities; none of an autoencoder and of
  /// regression alone.
  public List<String> classes() {
    return List.of();
  }

  /// Returns what it measures, in the order of the values.
  public List<TargetScale> targets() {
    return List.of();
  }

  /// Compiles what it makes of clusters; to be closed before the model.
  ///
  /// @param batch clusters looked at in one run
  public final Predictor predictor(int batch) {
    return predictor(batch, 1);
  }

  /// Compiles what it makes of clusters; to be closed before the model.
  ///
  /// @param batch clusters looked at in one run
  /// @param symmetries of the square that a classifier's outputs are averaged over: 1, or 8 for all
  ///   turns and reflections
  public final Predictor predictor(int batch, int symmetries) {
    return new Predictor(
        device, network, store, config, false, batch, classes(), targets(), symmetries);
  }

  @Override
  public final void close() {
    store.close();
  }
}
