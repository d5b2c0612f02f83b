package org.pixelwake.training;

import java.nio.file.Path;
import java.util.List;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.network.Network;
import org.pixelwake.network.StateDict;
import org.pixelwake.network.checkpoint.TensorMap;
import org.pixelwake.timepix.EnergyUnit;

/// A finetuned network from a file that finetuning wrote, with its classes, its targets and the
/// normalisation that belongs to it.
public final class TrainedClassifier implements Trained {
  private final FinetuneConfig config;
  private final ClassifierMetadata metadata;
  private final Network network;
  private final ParameterStore store;
  private final Device device;
  private final long step;
  private final Path dataset;

  TrainedClassifier(Device device, TensorMap tensors) {
    this.device = device;
    this.config = Finetuning.configOf(tensors);
    this.metadata = ClassifierMetadata.of(tensors);
    this.step = Checkpoint.stepOf(tensors);
    this.dataset = Path.of(Checkpoint.required(tensors, "dataset"));
    this.network = Finetuning.network(config, metadata.outputs());
    this.store = ParameterStore.forInference(device, network.layout());
    StateDict.load(tensors, store);
  }

  /// Reads a model.
  ///
  /// @param path the file, or the folder of the run that wrote it
  /// @throws org.pixelwake.base.InputException where it is none that finetuning wrote
  public static TrainedClassifier read(Device device, Path path) {
    return new TrainedClassifier(device, ModelFile.read(path));
  }

  @Override
  public FinetuneConfig config() {
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

  /// Names of the classes, in the order of the probabilities; none for regression alone.
  public List<String> classes() {
    return metadata.classes();
  }

  /// What it measures, in the order of the values.
  public List<TargetScale> targets() {
    return metadata.targets();
  }

  /// Unit of the energies that it was trained on.
  public EnergyUnit unit() {
    return metadata.unit();
  }

  /// Whether this is the data set that it was trained on, as far as the path tells.
  boolean trainedOn(Path file) {
    return dataset.equals(file.toAbsolutePath().normalize());
  }

  @Override
  public Predictor predictor(int batch) {
    return new Predictor(device, network, store, config, false, batch, classes(), targets());
  }

  @Override
  public void close() {
    store.close();
  }
}
