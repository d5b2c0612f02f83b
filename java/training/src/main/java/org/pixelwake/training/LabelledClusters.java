package org.pixelwake.training;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetInfo;
import org.pixelwake.timepix.dataset.DatasetReader;
import org.pixelwake.timepix.dataset.Split;
import org.pixelwake.training.metrics.Bootstrap;
import org.pixelwake.training.target.Labels;

/// Clusters with the classes that a model has, to hold it against.
///
/// @param file the Parquet file
/// @param info what it says of itself
/// @param table all clusters
/// @param rows those that are looked at
/// @param labels of these; [Labels#NONE] where there are no classes
/// @param trainedOn whether the model was trained on clusters among them
public record LabelledClusters(
    Path file, DatasetInfo info, ClusterTable table, int[] rows, int[] labels, boolean trainedOn) {

  /// Loads a data set and labels it as the model was trained.
  ///
  /// @param labelling what decides the class ([FinetuneConfig#labels]); null: as in training
  /// @param classes with classes by source their patterns ([FinetuneConfig#classes]); null: as in
  ///   training
  /// @param heldOut only what the model's run held out, of the data set that it was trained on
  /// @throws InputException where no cluster is of the model's classes, energies are in another
  ///   unit, or `heldOut` is asked of another data set
  public static LabelledClusters load(
      Path file,
      TrainedClassifier model,
      @Nullable String labelling,
      @Nullable String classes,
      boolean heldOut,
      Progress progress) {
    DatasetInfo info;
    ClusterTable table;
    try (DatasetReader reader = DatasetReader.open(file)) {
      info = reader.info();
      table = reader.loadAll(progress);
    }
    if (info.unit() != model.unit()) {
      throw new InputException(
          file,
          "its energies are in " + info.unit() + ", those of the model in " + model.unit(),
          "Calibrate the data as those that the model was trained on");
    }
    FinetuneConfig config = model.config().copy(FinetuneConfig.class);
    config.labels = labelling == null ? config.labels : labelling;
    config.classes = classes == null ? config.classes : classes;
    boolean own = model.trainedOn(file);
    if (heldOut && (!own || labelling != null || classes != null)) {
      throw new InputException(
          "--held-out",
          file.toString(),
          "is not the data set and the classes that the model was trained on",
          "Leave out --held-out, --labels and --classes");
    }
    boolean classified =
        !model.classes().isEmpty() && config.labelling() != FinetuneConfig.Labelling.NONE;
    Labels labels = classified ? labels(table, info, model, config) : Labels.all(table, info);
    int[] rows = labels.rows();
    if (heldOut) {
      Labels used = FinetuneData.labels(file, info, table, model.config());
      rows = used.split(new Split(config.heldOut, config.splitUnit(), config.seed)).heldOut();
    }
    int[] found =
        Arrays.stream(rows).map(row -> classified ? labels.of(row) : Labels.NONE).toArray();
    return new LabelledClusters(file, info, table, rows, found, own && !heldOut);
  }

  private static Labels labels(
      ClusterTable table, DatasetInfo info, TrainedClassifier model, FinetuneConfig config) {
    List<String> classes = model.classes();
    return switch (config.labelling()) {
      case SOURCE -> Labels.bySource(table, info, config.classList()).withClasses(classes);
      case PILE_UP -> Labels.byPileUp(table, info, classes);
      case PARTICLE, NONE -> Labels.byParticle(table, info, classes);
    };
  }

  /// Figures of what the model makes of the rows.
  public Assessment assess(ClassifierOutputs outputs, Bootstrap bootstrap) {
    return Assessment.of(outputs, table, rows, labels, bootstrap);
  }
}
