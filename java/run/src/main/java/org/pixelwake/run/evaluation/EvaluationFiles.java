package org.pixelwake.run.evaluation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.pixelwake.report.page.Report;
import org.pixelwake.report.section.SettingsSection;
import org.pixelwake.run.Texts;
import org.pixelwake.run.data.ClusterBatches;
import org.pixelwake.run.data.ClusterColumns;
import org.pixelwake.run.report.FinetuneReport;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.dataset.ParquetTable;
import org.pixelwake.timepix.dataset.ParquetTable.Column;
import org.pixelwake.timepix.dataset.ParquetTable.Kind;
import org.pixelwake.training.Assessment;
import org.pixelwake.training.ClassifierOutputs;
import org.pixelwake.training.LabelledClusters;
import org.pixelwake.training.TargetScale;
import org.pixelwake.training.TrainedClassifier;
import org.pixelwake.training.metrics.AccuracyBin;
import org.pixelwake.training.metrics.Bootstrap;
import org.pixelwake.training.metrics.Calibration;
import org.pixelwake.training.metrics.Predictions;

/// What `pixelwake evaluate` writes: predictions, metrics, report.
public final class EvaluationFiles {
  private static final int ANGLE_BINS = 9;

  private final Path folder;
  private final TrainedClassifier model;
  private final LabelledClusters clusters;
  private final ClassifierOutputs outputs;
  private final Assessment assessment;
  private final List<Binned> binned;

  /// Accuracy in bins of a quantity.
  ///
  /// @param id such as `hits`
  /// @param name with its unit
  /// @param logarithmic whether bins grow exponentially
  record Binned(String id, String name, boolean logarithmic, List<AccuracyBin> bins) {}

  public EvaluationFiles(
      Path folder,
      TrainedClassifier model,
      LabelledClusters clusters,
      ClassifierOutputs outputs,
      Assessment assessment,
      Bootstrap bootstrap) {
    this.folder = folder;
    this.model = model;
    this.clusters = clusters;
    this.outputs = outputs;
    this.assessment = assessment;
    this.binned = binned(bootstrap);
  }

  private List<Binned> binned(Bootstrap bootstrap) {
    Predictions predictions = assessment.predictions();
    List<Binned> list = new ArrayList<>();
    if (predictions == null) {
      return list;
    }
    String unit = clusters.info().unit().label();
    double[] hits = values(row -> clusters.table().size(row));
    add(list, predictions, bootstrap, "hits", "hits per cluster", hits);
    double[] energy = values(row -> clusters.table().energySum(row));
    add(list, predictions, bootstrap, "energy", "energy of the cluster, " + unit, energy);
    double[] primary = truths(Truth::energyMeV);
    add(list, predictions, bootstrap, "primary-energy", "energy of the particle, MeV", primary);
    double[] theta = truths(Truth::thetaDegrees);
    if (known(theta)) {
      double[] edges = AccuracyBin.evenEdges(0, 90, ANGLE_BINS);
      list.add(
          new Binned(
              "theta",
              "angle from the normal, degrees",
              false,
              AccuracyBin.of(predictions, theta, edges, bootstrap)));
    }
    return list;
  }

  private static void add(
      List<Binned> list,
      Predictions predictions,
      Bootstrap bootstrap,
      String id,
      String name,
      double[] values) {
    if (known(values)) {
      double[] edges = AccuracyBin.exponentialEdges(values, 2);
      list.add(new Binned(id, name, true, AccuracyBin.of(predictions, values, edges, bootstrap)));
    }
  }

  private static boolean known(double[] values) {
    return Arrays.stream(values).anyMatch(value -> value > 0);
  }

  // Of the clusters that have a label, in their order.
  private double[] values(IntToDoubleFunction of) {
    return Arrays.stream(assessment.labelled())
        .mapToDouble(labelled -> of.applyAsDouble(clusters.rows()[labelled]))
        .toArray();
  }

  private double[] truths(ToDoubleFunction<Truth> of) {
    return values(row -> {
      Truth truth = clusters.table().truth(row);
      return truth == null ? Double.NaN : of.applyAsDouble(truth);
    });
  }

  /// The metrics as JSON.
  public ObjectNode metrics() {
    ObjectNode node = assessment.json();
    node.put("step", model.step());
    node.put("data", clusters.file().toString());
    Predictions predictions = assessment.predictions();
    if (predictions != null) {
      ArrayNode reliability = node.putArray("reliability");
      for (Calibration.Bin bin : Calibration.of(predictions, Calibration.BINS).bins()) {
        if (bin.count() > 0) {
          bin(reliability, bin.lower(), bin.upper(), bin.count())
              .put("confidence", bin.confidence())
              .put("accuracy", bin.accuracy());
        }
      }
      ObjectNode by = node.putObject("accuracy_by");
      for (Binned b : binned) {
        ArrayNode bins = by.putArray(b.id().replace('-', '_'));
        for (AccuracyBin bin : b.bins()) {
          if (bin.count() > 0) {
            ObjectNode one = bin(bins, bin.lower(), bin.upper(), bin.count());
            Assessment.put(one, "accuracy", bin.accuracy());
          }
        }
      }
    }
    return node;
  }

  private static ObjectNode bin(ArrayNode bins, double from, double to, long clusters) {
    return bins.addObject().put("from", from).put("to", to).put("clusters", clusters);
  }

  /// Writes `predictions.parquet`.
  public void writePredictions() {
    List<Column> columns = ClusterColumns.leading();
    if (!model.classes().isEmpty()) {
      columns.add(new Column("class", Kind.TEXT));
      columns.add(new Column("predicted_class", Kind.TEXT));
      model.classes().forEach(c -> columns.add(new Column("probability_" + c, Kind.FLOAT)));
    }
    for (TargetScale scale : model.targets()) {
      columns.add(new Column("predicted_" + scale.target().column(), Kind.FLOAT));
    }
    ClusterBatches.Part part =
        new ClusterBatches.Part(
            clusters.table(), clusters.info().sources(), clusters.info().unit(), 0);
    try (ParquetTable table =
        ParquetTable.create(folder.resolve("predictions.parquet"), "cluster", columns)) {
      for (int i = 0; i < clusters.rows().length; i++) {
        table.append(row(part, i));
      }
      table.finish();
    }
  }

  private List<@Nullable Object> row(ClusterBatches.Part part, int i) {
    List<@Nullable Object> row = ClusterColumns.leading(part, clusters.rows()[i]);
    if (!model.classes().isEmpty()) {
      int label = clusters.labels()[i];
      row.add(label < 0 ? null : model.classes().get(label));
      row.add(model.classes().get(outputs.best(i)));
      for (float probability : outputs.probabilities(i)) {
        row.add(probability);
      }
    }
    for (int t = 0; t < model.targets().size(); t++) {
      row.add(outputs.value(i, t));
    }
    return row;
  }

  /// Writes `report.html` and its figures.
  ///
  /// @param name of the model
  public void writeReport(String name) {
    Report.Builder report =
        Report.builder("Evaluation of " + name)
            .summary(
                String.format(
                    Locale.ROOT,
                    "%s clusters of %s, and what %s makes of them after %s steps of training.",
                    Texts.count(assessment.clusters()),
                    clusters.file(),
                    model.config().arch,
                    Texts.count(model.step())));
    EvaluationFigures.addTo(report, assessment, binned);
    Map<String, String> files = new LinkedHashMap<>();
    files.put("model", name);
    files.put("data", clusters.file().toString());
    SettingsSection provenance = SettingsSection.provenance().add("Files", files);
    FinetuneReport.addSettings(provenance, model.config());
    report.section(provenance).build().write(folder.resolve("report.html"));
  }
}
