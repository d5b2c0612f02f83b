package org.pixelwake.training;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.training.metrics.AngularError;
import org.pixelwake.training.metrics.Bootstrap;
import org.pixelwake.training.metrics.Classification;
import org.pixelwake.training.metrics.Estimate;
import org.pixelwake.training.metrics.Predictions;
import org.pixelwake.training.metrics.Regression;
import org.pixelwake.training.target.RegressionTarget;
import org.pixelwake.training.target.TargetScale;

/// Figures of a classifier over clusters whose class or truth is known, with bootstrap intervals.
///
/// @param clusters looked at
/// @param classes names of the classes, in the order of their labels
/// @param predictions of the clusters that have a label; null where there are none
/// @param labelled indices of these among the clusters looked at
/// @param classification figures of them
/// @param values figures of each target of which at least two clusters know the truth
public record Assessment(
    int clusters,
    List<String> classes,
    @Nullable Predictions predictions,
    int[] labelled,
    @Nullable Classification classification,
    List<Values> values) {
  /// How well a target is measured.
  ///
  /// @param target what it is
  /// @param unit of the errors: dex (factors of ten) for energies, degrees for angles
  /// @param clusters whose truth is known
  /// @param figures by name, with intervals
  public record Values(
      RegressionTarget target, String unit, int clusters, Map<String, Estimate> figures) {}

  /// Judges what a model made of clusters.
  ///
  /// @param rows of the outputs in the table
  /// @param labels of them; [Labels#NONE] where unknown
  public static Assessment of(
      ClassifierOutputs outputs,
      ClusterTable table,
      int[] rows,
      int[] labels,
      Bootstrap bootstrap) {
    boolean classified = !outputs.classes().isEmpty();
    int[] labelled =
        IntStream.range(0, rows.length).filter(i -> labels[i] >= 0 && classified).toArray();
    Predictions predictions = null;
    Classification classification = null;
    if (labelled.length > 0) {
      predictions =
          Predictions.of(
              Arrays.stream(labelled).map(i -> labels[i]).toArray(),
              Arrays.stream(labelled).mapToObj(outputs::probabilities).toArray(float[][]::new));
      classification = Classification.of(predictions, bootstrap);
    }
    List<Values> values =
        IntStream.range(0, outputs.targets().size())
            .mapToObj(t -> values(outputs, t, table, rows, bootstrap))
            .flatMap(Optional::stream)
            .toList();
    return new Assessment(
        rows.length, outputs.classes(), predictions, labelled, classification, values);
  }

  private static Optional<Values> values(
      ClassifierOutputs outputs, int t, ClusterTable table, int[] rows, Bootstrap bootstrap) {
    TargetScale scale = outputs.targets().get(t);
    double[] truth = new double[rows.length];
    double[] error = new double[rows.length];
    int known = 0;
    for (int i = 0; i < rows.length; i++) {
      float value = scale.target().of(table, rows[i]);
      double difference = scale.error(outputs.value(i, t), value);
      if (Double.isFinite(difference)) {
        truth[known] = scale.comparable(value);
        error[known++] = difference;
      }
    }
    if (known < 2) {
      return Optional.empty();
    }
    double[] truths = Arrays.copyOf(truth, known);
    double[] errors = Arrays.copyOf(error, known);
    Map<String, Estimate> figures = new LinkedHashMap<>();
    if (scale.target() == RegressionTarget.PHI) {
      AngularError angular =
          AngularError.of(Arrays.stream(errors).map(Math::abs).toArray(), bootstrap);
      figures.put("mean_absolute_error", angular.mean());
      figures.put("median_absolute_error", angular.median());
      figures.put("containment_68", angular.containment());
      figures.put("root_mean_square_error", angular.rootMeanSquare());
    } else {
      double[] found = new double[known];
      Arrays.setAll(found, i -> truths[i] + errors[i]);
      Regression regression = Regression.of(truths, found, bootstrap);
      figures.put("mean_absolute_error", regression.meanAbsoluteError());
      figures.put("root_mean_square_error", regression.rootMeanSquareError());
      figures.put("bias", regression.bias());
      figures.put("r2", regression.r2());
    }
    return Optional.of(new Values(scale.target(), scale.errorUnit(), known, figures));
  }

  /// The figures of the classes by name, none where no cluster has a label.
  public Map<String, Estimate> classFigures() {
    Classification c = classification;
    if (c == null) {
      return Map.of();
    }
    Map<String, Estimate> figures = new LinkedHashMap<>();
    figures.put("accuracy", c.accuracy());
    figures.put("balanced_accuracy", c.balancedAccuracy());
    figures.put("auc", c.auc());
    figures.put("calibration_error", c.calibrationError());
    figures.put("brier", c.brier());
    figures.put("log_loss", c.logLoss());
    return figures;
  }

  /// All figures as JSON; a number that is not defined is null.
  public ObjectNode json() {
    ObjectNode node = JsonMapper.builder().build().createObjectNode();
    node.put("clusters", clusters);
    Classification c = classification;
    if (c != null) {
      ObjectNode found = node.putObject("classification");
      found.put("clusters", c.count());
      classFigures().forEach((name, figure) -> put(found, name, figure));
      ObjectNode perClass = found.putObject("classes");
      for (Classification.ClassScores scores : c.perClass()) {
        ObjectNode one = perClass.putObject(classes.get(scores.label()));
        one.put("clusters", scores.count());
        put(one, "recall", scores.recall());
        put(one, "precision", scores.precision());
        put(one, "auc", scores.auc());
      }
      ArrayNode matrix = found.putArray("confusion");
      for (long[] counts : c.confusion().counts()) {
        ArrayNode row = matrix.addArray();
        Arrays.stream(counts).forEach(row::add);
      }
    }
    ObjectNode targets = node.putObject("values");
    for (Values v : values) {
      ObjectNode one = targets.putObject(v.target.column());
      one.put("clusters", v.clusters);
      one.put("unit", v.unit);
      v.figures.forEach((name, figure) -> put(one, name, figure));
    }
    return node;
  }

  /// Adds a figure with its interval.
  public static void put(ObjectNode node, String name, Estimate figure) {
    ObjectNode one = node.putObject(name);
    one.put("value", number(figure.value()));
    one.put("low", number(figure.low()));
    one.put("high", number(figure.high()));
  }

  private static @Nullable Double number(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
