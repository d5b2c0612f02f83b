package org.pixelwake.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.report.image.ColorMap;
import org.pixelwake.report.image.FloatImage;
import org.pixelwake.report.log.CsvMetrics;
import org.pixelwake.report.log.TensorBoardWriter;
import org.pixelwake.training.MetricColumn;
import org.pixelwake.training.StepLosses;
import org.pixelwake.training.Training;
import org.pixelwake.training.TrainingTask;

/// Writes down what a run tells: CSV, TensorBoard events, pictures, and progress for the user.
final class RunRecorder<L extends StepLosses, E> implements Training.Listener<L, E>, AutoCloseable {
  private static final List<String> COURSE = List.of("learning_rate", "clusters_per_second");

  private final RunTask<L, E> kind;
  private final RunFolder folder;
  private final Progress progress;
  private final List<MetricColumn<L>> stepColumns;
  private final List<MetricColumn<E>> evaluationColumns;
  private final List<String> columns;
  private final CsvMetrics csv;
  private final TensorBoardWriter events;
  private final int batch;
  private final long startedAt = System.nanoTime();
  private long endedAt = startedAt;
  private long lastStep = startedAt;
  private long steps;
  private double secondsInSteps;
  private long pendingStep = -1;
  private final List<OptionalDouble> pending;
  private String evaluated = "";

  /// @param resumedFrom steps done before; 0 for a new run
  RunRecorder(RunTask<L, E> kind, RunFolder folder, long resumedFrom, Progress progress) {
    this.kind = kind;
    this.folder = folder;
    this.progress = progress;
    TrainingTask<L, E> task = kind.task();
    batch = task.config().batch;
    stepColumns = task.stepColumns();
    evaluationColumns = task.evaluationColumns();
    columns =
        Stream.of(
                stepColumns.stream().map(MetricColumn::name),
                COURSE.stream(),
                evaluationColumns.stream().map(MetricColumn::name))
            .flatMap(names -> names)
            .toList();
    pending = new ArrayList<>(Collections.nCopies(columns.size(), OptionalDouble.empty()));
    boolean fresh = !Files.exists(folder.metrics());
    // A run that was stopped before its first step evaluates step 0 once more.
    long kept = resumedFrom == 0 ? -1 : resumedFrom;
    try {
      csv =
          fresh
              ? CsvMetrics.create(folder.metrics(), columns)
              : CsvMetrics.resume(folder.metrics(), columns, kept);
      events =
          fresh
              ? TensorBoardWriter.open(folder.path())
              : TensorBoardWriter.resume(folder.path(), kept);
    } catch (IOException e) {
      throw InputException.unwritable(folder.path(), e);
    }
  }

  private void write(RunFolders.Writing step) {
    RunFolders.writing(folder.path(), step);
  }

  @Override
  public void onStep(long step, long total, L losses, double learningRate) {
    long now = System.nanoTime();
    double seconds = (now - lastStep) * 1e-9;
    lastStep = now;
    steps++;
    secondsInSteps += seconds;
    put(step, 0, stepColumns, losses);
    pending.set(stepColumns.size(), OptionalDouble.of(learningRate));
    pending.set(stepColumns.size() + 1, OptionalDouble.of(batch / seconds));
    progress.update(
        step * batch,
        total * batch,
        "clusters",
        String.format(
            Locale.ROOT, "step %d of %d, loss %.4f%s", step, total, losses.total(), evaluated));
  }

  @Override
  public void onEvaluation(long step, E evaluation) {
    put(step, stepColumns.size() + COURSE.size(), evaluationColumns, evaluation);
    evaluated = ", held out: " + kind.brief(evaluation);
    kind.recordPictures(step, folder, this);
    paused();
  }

  @Override
  public void onCheckpoint(long step, Path checkpoint) {
    flush();
    write(events::flush);
    paused();
  }

  /// Adds a picture to the events.
  void image(String tag, FloatImage image, long step) {
    write(() -> events.image(tag, image, ColorMap.INFERNO, 0, 1, step));
  }

  // The work below does not count as time of a step.
  private void paused() {
    lastStep = System.nanoTime();
  }

  // Adds values of a step, to columns from `first` on. A row is written when the next step begins,
  // because an evaluation may still add to it.
  private <T> void put(long step, int first, List<MetricColumn<T>> measured, T from) {
    if (pendingStep != step) {
      flush();
      pendingStep = step;
    }
    for (int i = 0; i < measured.size(); i++) {
      double value = measured.get(i).value().applyAsDouble(from);
      pending.set(
          first + i, Double.isNaN(value) ? OptionalDouble.empty() : OptionalDouble.of(value));
    }
  }

  private void flush() {
    if (pendingStep < 0) {
      return;
    }
    write(() -> csv.append(pendingStep, pending));
    for (int i = 0; i < pending.size(); i++) {
      String tag = tag(columns.get(i));
      OptionalDouble value = pending.get(i);
      if (value.isPresent()) {
        write(() -> events.scalar(tag, value.getAsDouble(), pendingStep));
      }
    }
    pendingStep = -1;
    Collections.fill(pending, OptionalDouble.empty());
  }

  private static String tag(String column) {
    return column.startsWith("heldout_")
        ? "heldout/" + column.substring("heldout_".length())
        : "train/" + column;
  }

  /// Returns clusters a second over all steps of this session, evaluations apart.
  double clustersPerSecond() {
    return secondsInSteps == 0 ? 0 : steps * batch / secondsInSteps;
  }

  /// Returns the time from the start of this session to its end.
  Duration wallTime() {
    return Duration.ofNanos(endedAt - startedAt);
  }

  @Override
  public void close() {
    endedAt = System.nanoTime();
    flush();
    write(csv::close);
    write(events::close);
  }
}
