package org.pixelwake.run.evaluation;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.run.Host;
import org.pixelwake.training.Assessment;
import org.pixelwake.training.ClassifierOutputs;
import org.pixelwake.training.LabelledClusters;
import org.pixelwake.training.Predictor;
import org.pixelwake.training.TrainedClassifier;
import org.pixelwake.training.metrics.Bootstrap;

/// Holds a finetuned model against labelled clusters.
///
/// @param labels what decides the class of a cluster: particle, source, pile-up or none; null: as
///   in training
/// @param classes with labels by source, their patterns; null: as in training
/// @param heldOut only the clusters of its own data set that the model's run held out
/// @param resamples of the bootstrap; 0: no intervals
/// @param batch clusters looked at in one run; changes nothing but the speed
/// @param symmetries of the square that outputs are averaged over: 1 or 8
public record ClassifierEvaluation(
    @Nullable String labels,
    @Nullable String classes,
    boolean heldOut,
    int resamples,
    int batch,
    int symmetries) {
  /// @throws InputException where a value is out of range
  public ClassifierEvaluation {
    if (resamples < 0) {
      throw new InputException("--resamples", "is out of range", "Give 0 or more");
    }
    Predictor.checkSymmetries(symmetries);
  }

  /// Writes `predictions.parquet`, `metrics.json` and `report.html`.
  ///
  /// @param name of the model, for the report
  /// @param dataset Parquet file of the clusters
  /// @param folder to write to; it exists
  /// @throws InputException where the data set is not one that the model can be held against
  public Assessment write(
      TrainedClassifier model, String name, Path dataset, Path folder, Host host) {
    LabelledClusters clusters;
    ClassifierOutputs outputs;
    try (Host.Shown shown = host.progress("evaluating")) {
      clusters =
          LabelledClusters.load(dataset, model, labels, classes, heldOut, host.cancelling(shown));
      if (!heldOut && clusters.trainedOn()) {
        host.notice(
            "the model was trained on clusters of this data set: --held-out leaves those out");
      }
      outputs = predict(model, clusters, host, shown);
    }
    Bootstrap bootstrap = new Bootstrap(resamples, 0.95, 1);
    Assessment assessment = clusters.assess(outputs, bootstrap);
    new EvaluationFiles(folder, model, clusters, outputs, assessment, bootstrap).write(name);
    return assessment;
  }

  private ClassifierOutputs predict(
      TrainedClassifier model, LabelledClusters clusters, Host host, Host.Shown shown) {
    int[] rows = clusters.rows();
    int step = 16 * batch;
    ClassifierOutputs[] parts = new ClassifierOutputs[Math.ceilDiv(rows.length, step)];
    try (Predictor predictor = model.predictor(batch, symmetries)) {
      for (int p = 0; p < parts.length; p++) {
        host.check();
        int end = Math.min(rows.length, (p + 1) * step);
        parts[p] = predictor.predict(clusters.table(), Arrays.copyOfRange(rows, p * step, end));
        shown.update(end, rows.length, "clusters", "");
      }
    }
    return ClassifierOutputs.joined(List.of(parts));
  }
}
