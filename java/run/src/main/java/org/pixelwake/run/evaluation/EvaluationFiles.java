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
import org.pixelwake.run.JsonOutput;
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
import org.pixelwake.training.TrainedClassifier;
import org.pixelwake.training.metrics.AccuracyBin;
import org.pixelwake.training.metrics.Bootstrap;
import org.pixelwake.training.metrics.Calibration;
import org.pixelwake.training.metrics.Predictions;
import org.pixelwake.training.target.TargetScale;

/// What `pixelwake evaluate` writes: predictions, metrics, report.
record EvaluationFiles(
    Path folder,
    TrainedClassifier model,
    LabelledClusters clusters,
    ClassifierOutputs outputs,
    Assessment assessment,
    Bootstrap bootstrap) {
  private static final int ANGLE_BINS = 9;

  /// Accuracy in bins of a quantity, whose name has its unit.
  record Binned(String id, String name, boolean logarithmic, List<AccuracyBin> bins) {}

  /// Writes `predictions.parquet`, `metrics.json` and `report.html` with its figures.
  void write(String name) {
    List<Binned> binned = binned();
    writePredictions();
    JsonOutput.write(metrics(binned), folder.resolve("metrics.json"));
    writeReport(name, binned);
  }

  private List<Binned> binned() {
    List<Binned> list = new ArrayList<>();
    String unit = clusters.info().unit().label();
    add(list, "hits", "hits per cluster", values(row -> clusters.table().size(row)));
    add(
        list,
        "energy",
        "energy of the cluster, " + unit,
        values(row -> clusters.table().energySum(row)));
    add(list, "primary-energy", "energy of the particle, MeV", truths(Truth::energyMeV));
    add(list, "theta", "angle from the normal, degrees", truths(Truth::thetaDegrees));
    return list;
  }

  private void add(List<Binned> list, String id, String name, double[] values) {
    Predictions predictions = assessment.predictions();
    if (predictions != null && Arrays.stream(values).anyMatch(value -> value > 0)) {
      boolean logarithmic = !id.equals("theta");
      double[] edges =
          logarithmic
              ? AccuracyBin.exponentialEdges(values, 2)
              : AccuracyBin.evenEdges(0, 90, ANGLE_BINS);
      list.add(
          new Binned(id, name, logarithmic, AccuracyBin.of(predictions, values, edges, bootstrap)));
    }
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

  private ObjectNode metrics(List<Binned> binned) {
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

  private void writePredictions() {
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

  private void writeReport(String name, List<Binned> binned) {
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
