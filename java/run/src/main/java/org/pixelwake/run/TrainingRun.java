package org.pixelwake.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.group.Group;
import org.pixelwake.run.report.RunReports;
import org.pixelwake.training.Checkpoint;
import org.pixelwake.training.RunConfig;
import org.pixelwake.training.StepLosses;
import org.pixelwake.training.TaskData;
import org.pixelwake.training.Training;
import org.pixelwake.training.TrainingTask;

/// A run of pretraining or finetuning with its folder: from configuration and data, or from the
/// last checkpoint, through training with checkpoints, metrics and pictures, to the model and the
/// report.
///
/// ```java
/// PretrainConfig config = new PretrainConfig();
/// config.arch = "efficientnet_b0";
/// config.side = 96;
/// try (Device device = Device.cpu(4)) {
///   TrainingRun run = new TrainingRun(Host.SILENT, device, new RunFolder(Path.of("run")));
///   run.start(config, RunInput.of(Path.of("tracks.parquet")));
/// }
/// ```
///
/// The folder is claimed with a [FolderLock] while a run writes into it. Several processes can
/// train together ([Group]); rank 0 then writes all files.
public final class TrainingRun {
  private final Host host;
  private final Device device;
  private final RunFolder folder;
  private final Group group;
  private String title = "training";
  private RunReports.@Nullable Goals goals;
  private boolean begun;

  /// Of this process alone.
  ///
  /// @param host shows the progress and says when to stop
  public TrainingRun(Host host, Device device, RunFolder folder) {
    this(host, device, folder, Group.single());
  }

  /// Of several processes.
  ///
  /// @param host shows the progress and says when to stop
  /// @param group the processes that train together
  public TrainingRun(Host host, Device device, RunFolder folder, Group group) {
    this.host = host;
    this.device = device;
    this.folder = folder;
    this.group = group;
  }

  /// Sets the title of its progress; `training` unless set.
  public TrainingRun titled(String shown) {
    title = shown;
    return this;
  }

  /// Holds the report of a pretraining to goals.
  public TrainingRun heldTo(RunReports.Goals wanted) {
    goals = wanted;
    return this;
  }

  /// How a run ended.
  ///
  /// @param outcome of the training
  /// @param total steps in all, had it not been stopped early
  /// @param figures of the last evaluation in a line, null where there was none
  /// @param command of the command line that goes on with it
  public record Result(
      Training.Outcome<?, ?> outcome, long total, @Nullable String figures, String command) {}

  /// Starts a new run. A start that fails leaves nothing of its own behind, and no folder where
  /// nothing else is in it.
  ///
  /// @param config what is left open in it is filled in from the data
  /// @throws InputException where settings or data are of no use, the folder holds a run already,
  ///   or another process writes into it
  public Result start(RunConfig config, RunInput input) {
    config.validate();
    group.share(config.batch);
    begun = false;
    try (Host.Shown line = host.progress(title);
        FolderLock lock = claim()) {
      if (lock != null && folder.used()) {
        throw new InputException(
            folder.path(),
            "holds a run already",
            "Go on with it through --resume, or choose another folder with -o");
      }
      try {
        if (lock != null) {
          input.make(config.command(), folder, host, line);
        }
        group.barrier();
        return begin(RunTask.of(load(config, input.dataset(folder), line)), line);
      } finally {
        if (lock != null && !begun) {
          input.discard(folder);
        }
      }
    } finally {
      if (group.leads() && !begun) {
        RunFolders.deleteEmpty(folder.path());
      }
    }
  }

  private <L extends StepLosses, E> Result begin(RunTask<L, E> kind, Host.Shown line) {
    try (Training<L, E> training = Training.start(device, kind.task(), folder.path(), group)) {
      if (group.leads()) {
        RunFolders.write(folder.config(), kind.task().config().toYaml());
      }
      begun = true;
      return session(kind, training, line);
    }
  }

  /// Goes on with an interrupted run, to the bits of one that was not interrupted.
  ///
  /// @param type class of the configuration: which task it is a run of
  /// @throws InputException where there is no checkpoint of such a run, or another process writes
  ///   into the folder
  public Result resume(Class<? extends RunConfig> type) {
    try (Host.Shown line = host.progress(title);
        FolderLock _ = Files.isDirectory(folder.path()) ? claim() : null) {
      Training.Resumable<?> from = Training.resumable(folder.path(), type);
      TrainingTask<?, ?> task = load(from.config(), from.dataset(), line);
      host.notice(String.format(Locale.ROOT, "resuming after step %d", from.step()));
      return resume(RunTask.of(task), line);
    }
  }

  private <L extends StepLosses, E> Result resume(RunTask<L, E> kind, Host.Shown line) {
    try (Training<L, E> training = Training.resume(device, kind.task(), folder.path(), group)) {
      return session(kind, training, line);
    }
  }

  private @Nullable FolderLock claim() {
    return group.leads() ? FolderLock.take(folder.path(), host) : null;
  }

  private TrainingTask<?, ?> load(RunConfig config, Path dataset, Progress line) {
    return config.task(dataset, host.cancelling(line));
  }

  private <L extends StepLosses, E> Result session(
      RunTask<L, E> kind, Training<L, E> training, Host.Shown line) {
    if (!group.leads()) {
      Training.Outcome<L, E> outcome =
          training.run(new Training.Listener<L, E>() {}, host::stopRequested);
      return new Result(outcome, training.total(), null, kind.task().config().command());
    }
    announce(kind, training);
    RunRecorder<L, E> recorder = new RunRecorder<>(kind, folder, training.step(), line);
    Training.Outcome<L, E> outcome = record(training, recorder);
    line.clear();
    E evaluation = outcome.evaluation();
    if (outcome.finished() && evaluation != null) {
      kind.writeModel(folder, outcome, evaluation);
    }
    RunReports.Session session =
        new RunReports.Session(
            device,
            recorder.clustersPerSecond(),
            recorder.wallTime(),
            training.parameters(),
            training.processes(),
            training.plan().summary());
    kind.report(folder, session, outcome, goals);
    return new Result(
        outcome,
        training.total(),
        evaluation == null ? null : kind.figures(evaluation),
        kind.task().config().command());
  }

  private <L extends StepLosses, E> Training.Outcome<L, E> record(
      Training<L, E> training, RunRecorder<L, E> recorder) {
    try (recorder) {
      return training.run(recorder, host::stopRequested);
    }
  }

  private <L extends StepLosses, E> void announce(RunTask<L, E> kind, Training<L, E> training) {
    TaskData data = kind.task().data();
    host.notice(
        String.format(
            Locale.ROOT,
            "%s, %s parameters; %s clusters to train on%s, %s held out; %s",
            kind.task().config().arch,
            Texts.count(training.parameters()),
            Texts.count(data.train().length),
            kind.composition(),
            Texts.count(data.heldOut().length),
            training.plan().summary()));
    kind.remarks().forEach(host::notice);
  }

  /// Tells the host how a run ended.
  ///
  /// @return whether it is finished
  public boolean conclude(Result result) {
    Training.Outcome<?, ?> outcome = result.outcome();
    if (result.figures() != null) {
      host.print(result.figures());
    }
    if (!outcome.finished()) {
      host.notice(
          "stopped after step "
              + outcome.step()
              + "; go on with: pixelwake "
              + result.command()
              + " --resume -o "
              + folder.path());
      return false;
    }
    if (outcome.step() < result.total()) {
      host.notice("nothing better in the last evaluations: ended after step " + outcome.step());
    }
    if (outcome.modelStep() != outcome.step()) {
      host.notice("the model is that of step " + outcome.modelStep());
    }
    host.print("report: " + folder.report());
    return true;
  }

  /// Trains as a part of something larger that reports for itself: from the last checkpoint, or
  /// anew where the folder holds none.
  ///
  /// @param type class of the configuration: which task it is a run of
  /// @param settings gives the configuration of a new run; it may write into the folder
  /// @param dataset the Parquet file
  /// @param line shows the progress
  public <C extends RunConfig> Training.Outcome<?, ?> train(
      Class<C> type, Supplier<C> settings, Path dataset, Progress line) {
    try (FolderLock _ = FolderLock.take(folder.path(), host)) {
      boolean resumed = Checkpoint.exists(folder.path());
      if (!resumed) {
        // Of a run that was killed before its first checkpoint.
        RunFolders.clear(folder.path());
      }
      C config = resumed ? Training.resumable(folder.path(), type).config() : settings.get();
      config.validate();
      return train(RunTask.of(load(config, dataset, line)), resumed, line);
    }
  }

  private <L extends StepLosses, E> Training.Outcome<L, E> train(
      RunTask<L, E> kind, boolean resumed, Progress line) {
    try (Training<L, E> training =
        resumed
            ? Training.resume(device, kind.task(), folder.path(), group)
            : Training.start(device, kind.task(), folder.path(), group)) {
      return record(training, new RunRecorder<>(kind, folder, training.step(), line));
    }
  }
}
