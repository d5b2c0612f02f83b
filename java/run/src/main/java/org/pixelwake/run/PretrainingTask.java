package org.pixelwake.run;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pixelwake.report.image.FloatImage;
import org.pixelwake.run.report.RunReports;
import org.pixelwake.training.Evaluation;
import org.pixelwake.training.ModelFolder;
import org.pixelwake.training.Pretraining;
import org.pixelwake.training.Training;

/// Runs of pretraining.
record PretrainingTask(Pretraining task)
    implements RunTask<Pretraining.Losses, Evaluation.Metrics> {
  private static final int IMAGES_SHOWN = 4;

  @Override
  public List<String> remarks() {
    int oversized = task.data().oversized();
    return oversized == 0 || task.config().overHits()
        ? List.of()
        : List.of(
            Texts.count(oversized)
                + " clusters are larger than the image and are shrunk to it; a larger --side shows"
                + " them whole");
  }

  @Override
  public String brief(Evaluation.Metrics m) {
    return String.format(
        Locale.ROOT, "cluster IoU %.3f, threshold IoU %.3f", m.clusterIou(), m.thresholdIou());
  }

  @Override
  public String figures(Evaluation.Metrics m) {
    return String.format(
        Locale.ROOT,
        "held out: loss %.9g, cluster IoU %.4f, threshold IoU %.4f, MSE %.3e (empty image %.3e)",
        m.total(),
        m.clusterIou(),
        m.thresholdIou(),
        m.mse(),
        m.zeroMse());
  }

  @Override
  public void recordPictures(long step, RunFolder folder, RunRecorder<?, ?> recorder) {
    Evaluation.Picture[] pictures = task.pictures();
    if (pictures.length == 0) {
      return;
    }
    folder.savePictures(step, pictures);
    for (int i = 0; i < Math.min(IMAGES_SHOWN, pictures.length); i++) {
      int side = pictures[i].side();
      FloatImage energy = FloatImage.ofChannel(side, side, pictures[i].output(), 0, 5);
      recorder.image("reconstruction/" + i, energy, step);
    }
  }

  @Override
  public void writeModel(
      RunFolder folder,
      Training.Outcome<Pretraining.Losses, Evaluation.Metrics> outcome,
      Evaluation.Metrics held) {
    ModelFolder.write(folder.path(), task.config(), task.data(), outcome.step(), held);
  }

  @Override
  public void report(
      RunFolder folder,
      RunReports.Session session,
      Training.Outcome<Pretraining.Losses, Evaluation.Metrics> outcome,
      RunReports.@Nullable Goals goals) {
    RunReports.write(folder, task, outcome, session, goals);
  }
}
