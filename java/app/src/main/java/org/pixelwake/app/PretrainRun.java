package org.pixelwake.app;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.terminal.Console;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.app.terminal.Interrupt;
import org.pixelwake.app.terminal.ProgressLine;
import org.pixelwake.engine.Device;
import org.pixelwake.run.RunFolder;
import org.pixelwake.run.RunRecorder;
import org.pixelwake.run.Texts;
import org.pixelwake.run.machine.Machine;
import org.pixelwake.run.report.RunReports;
import org.pixelwake.training.Evaluation;
import org.pixelwake.training.ModelFolder;
import org.pixelwake.training.PretrainConfig;
import org.pixelwake.training.Pretraining;
import org.pixelwake.training.TrainingData;

/// One session of a pretraining run, with its records and its report; shared by `pretrain` and
/// `demo`.
public final class PretrainRun {
  private PretrainRun() {}

  /// How a session ended.
  ///
  /// @param metrics of the last evaluation, null where there was none
  public record Result(
      boolean finished,
      long step,
      Evaluation.@Nullable Metrics metrics,
      double clustersPerSecond) {}

  /// Trains, records, reports.
  ///
  /// @param goals that the report holds the run to, or null
  public static Result run(
      Console console,
      RunFolder folder,
      PretrainConfig config,
      TrainingData data,
      Pretraining run,
      Device device,
      Interrupt interrupt,
      ProgressLine line,
      RunReports.@Nullable Goals goals) {
    console.notice(
        String.format(
            Locale.ROOT,
            "%s, %s parameters; %s clusters to train on, %s held out; %s",
            config.arch,
            Texts.count(run.parameters()),
            Texts.count(data.train().length),
            Texts.count(data.heldOut().length),
            run.plan().summary()));
    if (data.oversized() > 0) {
      console.notice(
          Texts.count(data.oversized())
              + " clusters are larger than the image and are shrunk to it; a larger --side shows"
              + " them whole");
    }
    long before = run.step();
    Pretraining.Outcome outcome;
    RunReports.Session session;
    try (RunRecorder recorder = new RunRecorder(folder, config.batch, before, line)) {
      outcome = run.run(recorder, interrupt::requested);
      session =
          new RunReports.Session(
              device.toString(),
              device.threads(),
              recorder.clustersPerSecond(),
              recorder.wallTime(),
              run.parameters(),
              run.plan().summary(),
              environment(device, run.processes()));
    }
    line.clear();
    Evaluation.Metrics last = outcome.metrics();
    if (outcome.finished() && last != null) {
      ModelFolder.write(folder.path(), config, data, outcome.step(), last);
    }
    RunReports.write(
        folder,
        config,
        data,
        outcome.step(),
        outcome.metrics(),
        run.pictures(),
        run.pictured(),
        session,
        goals);
    return new Result(
        outcome.finished(), outcome.step(), outcome.metrics(), session.clustersPerSecond());
  }

  private static Map<String, String> environment(Device device, int processes) {
    Map<String, String> environment = new LinkedHashMap<>(Machine.environment());
    environment.put("kernels", device.backend().buildInfo());
    if (processes > 1) {
      environment.put("processes", Integer.toString(processes));
    }
    return environment;
  }

  /// Says how it ended.
  ///
  /// @return exit code
  public static int conclude(Console console, RunFolder folder, Result result) {
    Evaluation.Metrics m = result.metrics();
    if (m != null) {
      console
          .out()
          .println(
              String.format(
                  Locale.ROOT,
                  "held out: loss %.9g, cluster IoU %.4f, threshold IoU %.4f, MSE %.3e (empty image"
                      + " %.3e)",
                  m.total(),
                  m.clusterIou(),
                  m.thresholdIou(),
                  m.mse(),
                  m.zeroMse()));
    }
    if (!result.finished()) {
      console.notice(
          "stopped after step "
              + result.step()
              + "; go on with: pixelwake pretrain --resume -o "
              + folder.path());
      return ExitCode.INTERRUPTED;
    }
    console.out().println("report: " + folder.report());
    return ExitCode.OK;
  }
}
