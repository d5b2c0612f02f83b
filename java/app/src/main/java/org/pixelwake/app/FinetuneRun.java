package org.pixelwake.app;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.pixelwake.app.terminal.Console;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.app.terminal.Interrupt;
import org.pixelwake.app.terminal.ProgressLine;
import org.pixelwake.engine.Device;
import org.pixelwake.run.FinetuneRecorder;
import org.pixelwake.run.RunFolder;
import org.pixelwake.run.Texts;
import org.pixelwake.run.report.FinetuneReport;
import org.pixelwake.training.Assessment;
import org.pixelwake.training.FinetuneConfig;
import org.pixelwake.training.FinetuneData;
import org.pixelwake.training.Finetuning;
import org.pixelwake.training.HeldOutScores;
import org.pixelwake.training.ModelFolder;
import org.pixelwake.training.TargetScale;
import org.pixelwake.training.metrics.Bootstrap;

/// One session of a finetuning run, with its records, its report and its model.
public final class FinetuneRun {
  private FinetuneRun() {}

  /// Trains, records, reports.
  ///
  /// @return exit code
  public static int run(
      Console console,
      RunFolder folder,
      FinetuneConfig config,
      FinetuneData data,
      Finetuning run,
      Device device,
      Interrupt interrupt,
      ProgressLine line) {
    console.notice(
        String.format(
            Locale.ROOT,
            "%s, %s parameters; %s clusters to train on (%s), %s held out; %s",
            config.arch,
            Texts.count(run.parameters()),
            Texts.count(data.train().length),
            classes(data),
            Texts.count(data.heldOut().length),
            run.plan().summary()));
    Finetuning.Outcome outcome;
    FinetuneReport.Session session;
    try (FinetuneRecorder recorder =
        new FinetuneRecorder(folder, data.targets(), config.batch, run.step(), line)) {
      outcome = run.run(recorder, interrupt::requested);
      session =
          new FinetuneReport.Session(
              device,
              recorder.clustersPerSecond(),
              recorder.wallTime(),
              run.parameters(),
              run.processes());
    }
    line.clear();
    if (outcome.finished()) {
      int[] rows = run.evaluated();
      int[] labels = Arrays.stream(rows).map(data::label).toArray();
      Assessment held =
          Assessment.of(run.predict(rows), data.table(), rows, labels, Bootstrap.DEFAULT);
      ModelFolder.write(folder.path(), config, data, outcome, held);
    }
    FinetuneReport.write(folder, config, data, outcome, session);
    return conclude(console, folder, data, run, outcome);
  }

  private static String classes(FinetuneData data) {
    List<String> parts = new ArrayList<>();
    int[] counts = data.trainCounts();
    for (int c = 0; c < data.classes().size(); c++) {
      parts.add(data.classes().get(c) + " " + Texts.count(counts[c]));
    }
    return parts.isEmpty() ? "no classes" : String.join(", ", parts);
  }

  private static int conclude(
      Console console,
      RunFolder folder,
      FinetuneData data,
      Finetuning run,
      Finetuning.Outcome outcome) {
    HeldOutScores scores = outcome.scores();
    if (scores != null) {
      console.out().println(text(scores, data.targets()));
    }
    if (!outcome.finished()) {
      console.notice(
          "stopped after step "
              + outcome.step()
              + "; go on with: pixelwake finetune --resume -o "
              + folder.path());
      return ExitCode.INTERRUPTED;
    }
    if (outcome.step() < run.total()) {
      console.notice("nothing better in the last evaluations: ended after step " + outcome.step());
    }
    if (outcome.modelStep() != outcome.step()) {
      console.notice("the model is that of step " + outcome.modelStep());
    }
    console.out().println("report: " + folder.report());
    return ExitCode.OK;
  }

  /// The figures in a line.
  static String text(HeldOutScores scores, List<TargetScale> targets) {
    StringBuilder text = new StringBuilder();
    text.append(String.format(Locale.ROOT, "held out: loss %.9g", scores.loss()));
    if (!Double.isNaN(scores.accuracy())) {
      text.append(
          String.format(
              Locale.ROOT,
              ", accuracy %.4f, balanced accuracy %.4f",
              scores.accuracy(),
              scores.balancedAccuracy()));
    }
    for (int t = 0; t < targets.size(); t++) {
      text.append(
          String.format(
              Locale.ROOT,
              ", %s off by %.4g %s",
              targets.get(t).target().column(),
              scores.errors().get(t),
              targets.get(t).errorUnit()));
    }
    return text.toString();
  }
}
