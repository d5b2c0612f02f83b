package org.pixelwake.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import org.pixelwake.report.image.ColorMap;
import org.pixelwake.report.image.FloatImage;
import org.pixelwake.report.log.CsvMetrics;
import org.pixelwake.report.log.TensorBoardWriter;

/// The numbers of a run by step, as CSV and as TensorBoard events, and how fast it goes.
final class MetricsLog implements AutoCloseable {
  private final RunFolder folder;
  private final List<String> columns;
  private final CsvMetrics csv;
  private final TensorBoardWriter events;
  private final int batch;
  private final long startedAt = System.nanoTime();
  private long lastStep = System.nanoTime();
  private long steps;
  private double secondsInSteps;
  private long pendingStep = -1;
  private final List<OptionalDouble> pending;

  /// @param columns of the CSV after `step`; those that start with `heldout_` are of evaluations
  /// @param batch clusters of a step
  /// @param resumedFrom steps done before; 0 for a new run
  MetricsLog(RunFolder folder, List<String> columns, int batch, long resumedFrom) {
    this.folder = folder;
    this.columns = List.copyOf(columns);
    this.batch = batch;
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
      throw new UncheckedIOException(folder.path().toString(), e);
    }
  }

  /// Counts a step that has just ended.
  ///
  /// @return clusters a second in it
  double stepped() {
    long now = System.nanoTime();
    double seconds = (now - lastStep) * 1e-9;
    lastStep = now;
    steps++;
    secondsInSteps += seconds;
    return batch / seconds;
  }

  /// What follows does not count as time of a step.
  void paused() {
    lastStep = System.nanoTime();
  }

  /// Adds values of a step, to columns from `first` on. A row is written when the next step begins,
  /// because an evaluation may still add to it.
  void put(long step, int first, double... values) {
    if (pendingStep != step) {
      flush();
      pendingStep = step;
    }
    for (int i = 0; i < values.length; i++) {
      pending.set(
          first + i,
          Double.isNaN(values[i]) ? OptionalDouble.empty() : OptionalDouble.of(values[i]));
    }
  }

  /// Adds a picture to the events.
  void image(String tag, FloatImage image, long step) {
    try {
      events.image(tag, image, ColorMap.INFERNO, 0, 1, step);
    } catch (IOException e) {
      throw new UncheckedIOException(folder.path().toString(), e);
    }
  }

  private void flush() {
    if (pendingStep < 0) {
      return;
    }
    try {
      csv.append(pendingStep, pending);
      for (int i = 0; i < pending.size(); i++) {
        if (pending.get(i).isPresent()) {
          events.scalar(tag(columns.get(i)), pending.get(i).getAsDouble(), pendingStep);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(folder.path().toString(), e);
    }
    pendingStep = -1;
    Collections.fill(pending, OptionalDouble.empty());
  }

  private static String tag(String column) {
    return column.startsWith("heldout_")
        ? "heldout/" + column.substring("heldout_".length())
        : "train/" + column;
  }

  /// Writes down all so far.
  void save() {
    flush();
    try {
      events.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(folder.path().toString(), e);
    }
    paused();
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
