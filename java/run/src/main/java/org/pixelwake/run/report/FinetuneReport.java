package org.pixelwake.run.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pixelwake.report.log.MetricsTail;
import org.pixelwake.report.page.Report;
import org.pixelwake.report.plot.ConfusionMatrix;
import org.pixelwake.report.plot.Figure;
import org.pixelwake.report.plot.Figure.Axis;
import org.pixelwake.report.plot.Palette;
import org.pixelwake.report.section.DiagramSection;
import org.pixelwake.report.section.SettingsSection;
import org.pixelwake.run.RunFolder;
import org.pixelwake.run.Texts;
import org.pixelwake.run.machine.Machine;
import org.pixelwake.training.FinetuneConfig;
import org.pixelwake.training.FinetuneData;
import org.pixelwake.training.Finetuning;
import org.pixelwake.training.HeldOutScores;
import org.pixelwake.training.RunConfig;
import org.pixelwake.training.Training;
import org.pixelwake.training.target.TargetScale;

/// Makes the report of a finetuning run out of its folder.
public final class FinetuneReport {
  private FinetuneReport() {}

  public static void write(
      RunFolder folder,
      Finetuning task,
      Training.Outcome<Finetuning.Losses, HeldOutScores> outcome,
      RunReports.Session session) {
    FinetuneConfig config = task.config();
    FinetuneData data = task.data();
    Palette palette = new Palette();
    Report.Builder report =
        Report.builder("Finetuning of " + config.arch)
            .summary(summary(config, data, outcome))
            .section(DiagramSection.curves(curves(folder, data), palette));
    SettingsSection provenance = SettingsSection.provenance();
    HeldOutScores scores = outcome.evaluation();
    if (scores != null) {
      if (!data.classes().isEmpty()) {
        report.section(DiagramSection.quality(List.of(confusion(data, scores)), palette));
      }
      provenance.add("Results on held-out clusters", results(data, scores));
    }
    addSettings(provenance, config);
    provenance.add("Data", facts(data)).add("Session", facts(session));
    report.section(provenance).build().write(folder.report());
  }

  /// Adds the settings of a run, one table for each of their groups.
  public static void addSettings(SettingsSection section, RunConfig config) {
    config
        .describe()
        .forEach(
            (group, values) -> section.add("Settings: " + group.toLowerCase(Locale.ROOT), values));
  }

  private static String summary(
      FinetuneConfig config,
      FinetuneData data,
      Training.Outcome<Finetuning.Losses, HeldOutScores> outcome) {
    String start =
        !config.model.isEmpty()
            ? "pretrained (" + config.model + ")"
            : !config.weights.isEmpty() ? "of " + config.weights : "new";
    String learned =
        data.classes().isEmpty()
            ? "to measure " + config.targets
            : "the classes " + String.join(", ", data.classes());
    return String.format(
        Locale.ROOT,
        "An encoder %s, %s%s, learned %s from %s clusters in %s steps of %d; the model is that of"
            + " step %s. %s clusters were held out.",
        config.arch,
        start,
        config.frozen ? " and kept as it was" : "",
        learned,
        Texts.count(data.train().length),
        Texts.count(outcome.step()),
        config.batch,
        Texts.count(outcome.modelStep()),
        Texts.count(data.heldOut().length));
  }

  private static List<Figure> curves(RunFolder folder, FinetuneData data) {
    List<Figure> figures = new ArrayList<>();
    figures.add(
        figure(
            "loss",
            "Loss",
            Axis.logarithmic("loss"),
            "Weighted sum of cross-entropy and Huber's loss. Training clusters are turned and"
                + " features dropped, held-out clusters are shown as they are.",
            List.of(line(folder, "training", "loss"), line(folder, "held out", "heldout_loss"))));
    if (!data.classes().isEmpty()) {
      figures.add(
          figure(
              "accuracy",
              "Accuracy",
              Axis.of("accuracy").from(0, 1),
              "Part of the clusters whose class has the largest probability; balanced: the mean over"
                  + " the classes.",
              List.of(
                  line(folder, "training", "accuracy"),
                  line(folder, "held out", "heldout_accuracy"),
                  line(folder, "held out, balanced", "heldout_balanced_accuracy"))));
    }
    for (TargetScale target : data.targets()) {
      String column = target.target().column();
      figures.add(
          figure(
              column.replace('_', '-'),
              "Mean error of " + column,
              Axis.of("mean absolute error, " + target.errorUnit()),
              "Of held-out clusters whose value is known; dex is a factor of ten.",
              List.of(line(folder, "held out", Finetuning.errorColumn(target)))));
    }
    figures.add(
        figure(
            "learning-rate",
            "Learning rate",
            Axis.of("learning rate"),
            "A linear rise, then half a cosine.",
            List.of(line(folder, "learning rate", "learning_rate"))));
    return figures;
  }

  private static Figure figure(
      String id, String title, Axis axis, String explanation, List<Figure.Line> lines) {
    return Figure.overSteps(id, title, axis, "", explanation, lines);
  }

  private static Figure.Line line(RunFolder folder, String name, String column) {
    MetricsTail.Curve values = folder.column(column);
    double[] steps = Arrays.stream(values.steps()).asDoubleStream().toArray();
    return new Figure.Line(name, Figure.Style.CURVE, steps, values.values());
  }

  private static ConfusionMatrix confusion(FinetuneData data, HeldOutScores scores) {
    long[][] counts =
        scores.confusion().stream()
            .map(row -> row.stream().mapToLong(Long::longValue).toArray())
            .toArray(long[][]::new);
    return new ConfusionMatrix(
        "confusion",
        "Classes of the held-out clusters",
        "Rows are the true classes, columns what the model takes them for.",
        data.classes(),
        counts);
  }

  private static Map<String, String> results(FinetuneData data, HeldOutScores scores) {
    Map<String, String> results = new LinkedHashMap<>();
    results.put("clusters", Texts.count(scores.clusters()));
    results.put("loss", number(scores.loss()));
    if (!data.classes().isEmpty()) {
      results.put("accuracy", number(scores.accuracy()));
      results.put("balanced accuracy", number(scores.balancedAccuracy()));
    }
    for (int t = 0; t < data.targets().size(); t++) {
      TargetScale target = data.targets().get(t);
      results.put(
          "mean error of " + target.target().column(),
          number(scores.errors().get(t)) + " " + target.errorUnit());
    }
    return results;
  }

  private static String number(@Nullable Double value) {
    return String.format(Locale.ROOT, "%.5g", value);
  }

  private static Map<String, String> facts(FinetuneData data) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("data set", data.file().toString());
    data.info().sources().forEach(s -> facts.merge("sources", s.file(), (a, b) -> a + ", " + b));
    int[] train = data.trainCounts();
    int[] held = data.labels().counts(data.heldOut());
    for (int c = 0; c < data.classes().size(); c++) {
      facts.put(
          "clusters of " + data.classes().get(c),
          Texts.count(train[c]) + " to train on, " + Texts.count(held[c]) + " held out");
    }
    return facts;
  }

  private static Map<String, String> facts(RunReports.Session session) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("learned parameters", Texts.count(session.parameters()));
    facts.put("device", session.device().toString());
    facts.put("kernels", session.device().backend().buildInfo());
    facts.put("clusters a second", String.format(Locale.ROOT, "%.1f", session.clustersPerSecond()));
    facts.put("time", session.wallTime().toSeconds() + " s");
    if (session.processes() > 1) {
      facts.put("processes", Integer.toString(session.processes()));
    }
    facts.putAll(Machine.environment());
    return facts;
  }
}
