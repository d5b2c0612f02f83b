package org.pixelwake.training;

import java.nio.file.Path;
import java.util.List;
import org.pixelwake.engine.Device;
import org.pixelwake.network.checkpoint.TensorMap;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.training.target.TargetScale;

/// A finetuned network from a file that finetuning wrote, with its classes, its targets and the
/// normalisation that belongs to it.
public final class TrainedClassifier extends Trained {
  private final FinetuneConfig config;
  private final ClassifierMetadata metadata;
  private final Path dataset;

  TrainedClassifier(Device device, TensorMap tensors) {
    FinetuneConfig own = Checkpoint.configOf(tensors, FinetuneConfig.class);
    ClassifierMetadata outputs = ClassifierMetadata.of(tensors);
    super(device, tensors, own, Finetuning.network(own, outputs.outputs()));
    config = own;
    metadata = outputs;
    dataset = Path.of(Checkpoint.required(tensors, "dataset"));
  }

  /// Reads a model.
  ///
  /// @param path the file, or the folder of the run that wrote it
  /// @throws org.pixelwake.base.InputException where it is none that finetuning wrote
  public static TrainedClassifier read(Device device, Path path) {
    return new TrainedClassifier(device, Checkpoint.readModel(path));
  }

  @Override
  public FinetuneConfig config() {
    return config;
  }

  @Override
  public List<String> classes() {
    return metadata.classes();
  }

  @Override
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
}
