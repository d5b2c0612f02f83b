package org.pixelwake.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pixelwake.run.report.FinetuneReport;
import org.pixelwake.run.report.RunReports;
import org.pixelwake.training.Assessment;
import org.pixelwake.training.FinetuneData;
import org.pixelwake.training.Finetuning;
import org.pixelwake.training.HeldOutScores;
import org.pixelwake.training.ModelFolder;
import org.pixelwake.training.Training;
import org.pixelwake.training.metrics.Bootstrap;
import org.pixelwake.training.target.TargetScale;

/// Runs of finetuning.
record FinetuningTask(Finetuning task) implements RunTask<Finetuning.Losses, HeldOutScores> {
  @Override
  public String composition() {
    FinetuneData data = task.data();
    List<String> parts = new ArrayList<>();
    int[] counts = data.trainCounts();
    for (int c = 0; c < data.classes().size(); c++) {
      parts.add(data.classes().get(c) + " " + Texts.count(counts[c]));
    }
    return " (" + (parts.isEmpty() ? "no classes" : String.join(", ", parts)) + ")";
  }

  @Override
  public String brief(HeldOutScores scores) {
    return Double.isNaN(scores.accuracy())
        ? String.format(Locale.ROOT, "loss %.4f", scores.loss())
        : String.format(
            Locale.ROOT,
            "accuracy %.3f, balanced %.3f",
            scores.accuracy(),
            scores.balancedAccuracy());
  }

  @Override
  public String figures(HeldOutScores scores) {
    List<String> parts = new ArrayList<>();
    parts.add(String.format(Locale.ROOT, "held out: loss %.9g", scores.loss()));
    if (!Double.isNaN(scores.accuracy())) {
      parts.add(String.format(Locale.ROOT, "accuracy %.4f", scores.accuracy()));
      parts.add(String.format(Locale.ROOT, "balanced accuracy %.4f", scores.balancedAccuracy()));
    }
    List<TargetScale> targets = task.data().targets();
    for (int t = 0; t < targets.size(); t++) {
      TargetScale target = targets.get(t);
      parts.add(
          String.format(
              Locale.ROOT,
              "%s off by %.4g %s",
              target.target().column(),
              scores.errors().get(t),
              target.errorUnit()));
    }
    return String.join(", ", parts);
  }

  @Override
  public void writeModel(
      RunFolder folder,
      Training.Outcome<Finetuning.Losses, HeldOutScores> outcome,
      HeldOutScores held) {
    FinetuneData data = task.data();
    int[] rows = task.evaluated();
    int[] labels = Arrays.stream(rows).map(data::label).toArray();
    Assessment assessed =
        Assessment.of(task.predict(rows), data.table(), rows, labels, Bootstrap.DEFAULT);
    ModelFolder.write(folder.path(), task.config(), data, outcome.modelStep(), assessed);
  }

  @Override
  public void report(
      RunFolder folder,
      RunReports.Session session,
      Training.Outcome<Finetuning.Losses, HeldOutScores> outcome,
      RunReports.@Nullable Goals goals) {
    FinetuneReport.write(folder, task, outcome, session);
  }
}
