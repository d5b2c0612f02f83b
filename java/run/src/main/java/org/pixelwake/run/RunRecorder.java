package org.pixelwake.run;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.pixelwake.base.Progress;
import org.pixelwake.report.image.FloatImage;
import org.pixelwake.training.Evaluation;
import org.pixelwake.training.Pretraining;
import org.pixelwake.training.TrainingStep;

/// Writes down what a pretraining run tells: CSV, TensorBoard events, pictures, and progress for
/// the user.
public final class RunRecorder implements Pretraining.Listener, AutoCloseable {
  private static final int TRAIN_COLUMNS = 7;
  private static final int IMAGES_SHOWN = 4;

  private final RunFolder folder;
  private final MetricsLog log;
  private final Progress progress;
  private final int batch;
  private String evaluated = "";

  /// @param resumedFrom steps done before; 0 for a new run
  public RunRecorder(RunFolder folder, int batch, long resumedFrom, Progress progress) {
    this.folder = folder;
    this.batch = batch;
    this.progress = progress;
    log = new MetricsLog(folder, RunFolder.COLUMNS, batch, resumedFrom);
  }

  @Override
  public void onStep(long step, long total, TrainingStep.Losses losses, double learningRate) {
    double instant = log.stepped();
    log.put(
        step,
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
    log.put(
        step,
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
    log.paused();
  }

  @Override
  public void onPictures(long step, Evaluation.Picture[] pictures) {
    folder.savePictures(step, pictures);
    for (int i = 0; i < Math.min(IMAGES_SHOWN, pictures.length); i++) {
      int side = pictures[i].side();
      FloatImage energy = FloatImage.ofChannel(side, side, pictures[i].output(), 0, 5);
      log.image("reconstruction/" + i, energy, step);
    }
    log.paused();
  }

  @Override
  public void onCheckpoint(long step, Path checkpoint) {
    log.save();
  }

  /// Clusters a second over all steps of this session, evaluations apart.
  public double clustersPerSecond() {
    return log.clustersPerSecond();
  }

  /// Time since the start of this session.
  public Duration wallTime() {
    return log.wallTime();
  }

  @Override
  public void close() {
    log.close();
  }
}
