package org.pixelwake.run;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.pixelwake.base.Progress;
import org.pixelwake.training.FinetuneStep;
import org.pixelwake.training.Finetuning;
import org.pixelwake.training.HeldOutScores;
import org.pixelwake.training.TargetScale;

/// Writes down what a finetuning run tells: CSV, TensorBoard events, and progress for the user.
public final class FinetuneRecorder implements Finetuning.Listener, AutoCloseable {
  private static final List<String> TRAIN =
      List.of(
          "loss",
          "class_loss",
          "value_loss",
          "accuracy",
          "gradient_norm",
          "learning_rate",
          "clusters_per_second");
  private static final List<String> HELD_OUT =
      List.of(
          "heldout_loss",
          "heldout_class_loss",
          "heldout_value_loss",
          "heldout_accuracy",
          "heldout_balanced_accuracy");

  private final MetricsLog log;
  private final Progress progress;
  private final int batch;
  private String evaluated = "";

  /// @param resumedFrom steps done before; 0 for a new run
  public FinetuneRecorder(
      RunFolder folder, List<TargetScale> targets, int batch, long resumedFrom, Progress progress) {
    this.batch = batch;
    this.progress = progress;
    log = new MetricsLog(folder, columns(targets), batch, resumedFrom);
  }

  /// Columns of `metrics.csv` after `step`; an empty field was not measured at that step.
  private static List<String> columns(List<TargetScale> targets) {
    List<String> columns = new ArrayList<>(TRAIN);
    columns.addAll(HELD_OUT);
    targets.forEach(target -> columns.add(errorColumn(target)));
    return columns;
  }

  /// Column of a target's mean absolute error.
  public static String errorColumn(TargetScale target) {
    return "heldout_error_" + target.target().column();
  }

  @Override
  public void onStep(long step, long total, FinetuneStep.Losses losses, double learningRate) {
    double instant = log.stepped();
    log.put(
        step,
        0,
        losses.total(),
        losses.classes(),
        losses.values(),
        losses.accuracy(),
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
  public void onEvaluation(long step, HeldOutScores scores) {
    log.put(
        step,
        TRAIN.size(),
        scores.loss(),
        scores.classLoss(),
        scores.valueLoss(),
        scores.accuracy(),
        scores.balancedAccuracy());
    int at = TRAIN.size() + HELD_OUT.size();
    for (double error : scores.errors()) {
      log.put(step, at++, error);
    }
    evaluated =
        Double.isNaN(scores.accuracy())
            ? String.format(Locale.ROOT, ", held out: loss %.4f", scores.loss())
            : String.format(
                Locale.ROOT,
                ", held out: accuracy %.3f, balanced %.3f",
                scores.accuracy(),
                scores.balancedAccuracy());
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
