package org.pixelwake.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.pixelwake.engine.Progress;
import org.pixelwake.report.ColorMap;
import org.pixelwake.report.CsvMetrics;
import org.pixelwake.report.FloatImage;
import org.pixelwake.report.TensorBoardWriter;
import org.pixelwake.training.Evaluation;
import org.pixelwake.training.Pretraining;
import org.pixelwake.training.TrainingStep;

/// Writes down what a pretraining run tells: CSV, TensorBoard events, pictures, and progress for
/// the user.
final class RunRecorder implements Pretraining.Listener, AutoCloseable {
  private static final int TRAIN_COLUMNS = 7;
  private static final double RATE_WEIGHT = 0.1;

  private final RunFolder folder;
  private final CsvMetrics csv;
  private final TensorBoardWriter events;
  private final Progress progress;
  private final int batch;
  private final int imagesShown;
  private final long startedAt = System.nanoTime();
  private long lastStep = System.nanoTime();
  private long steps;
  private double secondsInSteps;
  private double rate;
  private String evaluated = "";
  private long pendingStep = -1;
  private final List<OptionalDouble> pending =
      new ArrayList<>(Collections.nCopies(RunFolder.COLUMNS.size(), OptionalDouble.empty()));

  /// @param resumedFrom steps done before; 0 for a new run
  RunRecorder(RunFolder folder, int batch, long resumedFrom, Progress progress) {
    this.folder = folder;
    this.batch = batch;
    this.progress = progress;
    this.imagesShown = 4;
    boolean fresh = !Files.exists(folder.metrics());
    // A run that was stopped before its first step evaluates step 0 once more.
    long kept = resumedFrom == 0 ? -1 : resumedFrom;
    try {
      csv =
          fresh
              ? CsvMetrics.create(folder.metrics(), RunFolder.COLUMNS)
              : CsvMetrics.resume(folder.metrics(), RunFolder.COLUMNS, kept);
      events =
          fresh
              ? TensorBoardWriter.open(folder.path())
              : TensorBoardWriter.resume(folder.path(), kept);
    } catch (IOException e) {
      throw new UncheckedIOException(folder.path().toString(), e);
    }
  }

  @Override
  public void onStep(long step, long total, TrainingStep.Losses losses, double learningRate) {
    long now = System.nanoTime();
    double seconds = (now - lastStep) * 1e-9;
    lastStep = now;
    steps++;
    secondsInSteps += seconds;
    double instant = batch / seconds;
    rate = steps == 1 ? instant : rate + RATE_WEIGHT * (instant - rate);
    flush();
    pendingStep = step;
    put(
        0,
        losses.total(),
        losses.image(),
        losses.cluster(),
        losses.threshold(),
        losses.gradientNorm(),
        learningRate,
        instant);
    progress.update(
        step * batch,
        total * batch,
        "clusters",
        String.format(
            Locale.ROOT, "step %d of %d, loss %.4f%s", step, total, losses.total(), evaluated));
  }

  @Override
  public void onEvaluation(long step, Evaluation.Metrics m) {
    if (pendingStep != step) {
      flush();
      pendingStep = step;
    }
    put(
        TRAIN_COLUMNS,
        m.total(),
        m.image(),
        m.cluster(),
        m.threshold(),
        m.mse(),
        m.rawMse(),
        m.zeroMse(),
        m.clusterIou(),
        m.thresholdIou());
    evaluated =
        String.format(
            Locale.ROOT,
            ", held out: cluster IoU %.3f, threshold IoU %.3f",
            m.clusterIou(),
            m.thresholdIou());
    lastStep = System.nanoTime();
  }

  @Override
  public void onPictures(long step, Evaluation.Picture[] pictures) {
    folder.savePictures(step, pictures);
    try {
      for (int i = 0; i < Math.min(imagesShown, pictures.length); i++) {
        int side = pictures[i].side();
        FloatImage energy = FloatImage.ofChannel(side, side, pictures[i].output(), 0, 5);
        events.image("reconstruction/" + i, energy, ColorMap.INFERNO, 0, 1, step);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(folder.path().toString(), e);
    }
    lastStep = System.nanoTime();
  }

  @Override
  public void onCheckpoint(long step, Path checkpoint) {
    flush();
    try {
      events.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(folder.path().toString(), e);
    }
    lastStep = System.nanoTime();
  }

  private void put(int first, double... values) {
    for (int i = 0; i < values.length; i++) {
      pending.set(first + i, OptionalDouble.of(values[i]));
    }
  }

  // A row is written when the next step begins, because an evaluation may still add to it.
  private void flush() {
    if (pendingStep < 0) {
      return;
    }
    try {
      csv.append(pendingStep, pending);
      for (int i = 0; i < pending.size(); i++) {
        if (pending.get(i).isPresent()) {
          events.scalar(tag(i), pending.get(i).getAsDouble(), pendingStep);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(folder.path().toString(), e);
    }
    pendingStep = -1;
    Collections.fill(pending, OptionalDouble.empty());
  }

  private static String tag(int column) {
    String name = RunFolder.COLUMNS.get(column);
    return name.startsWith("heldout_")
        ? "heldout/" + name.substring("heldout_".length())
        : "train/" + name;
  }

  /// Clusters a second over all steps of this session, evaluations apart.
  double clustersPerSecond() {
    return secondsInSteps == 0 ? 0 : steps * batch / secondsInSteps;
  }

  /// Time since the start of this session.
  Duration wallTime() {
    return Duration.ofNanos(System.nanoTime() - startedAt);
  }

  @Override
  public void close() {
    flush();
    try {
      csv.close();
      events.close();
    } catch (IOException e) {
      throw new UncheckedIOException(folder.path().toString(), e);
    }
  }
}
