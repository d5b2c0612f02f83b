package org.pixelwake.run;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.run.report.RunReports;
import org.pixelwake.training.Finetuning;
import org.pixelwake.training.Pretraining;
import org.pixelwake.training.StepLosses;
import org.pixelwake.training.Training;
import org.pixelwake.training.TrainingTask;

/// The parts of a run for one task beside its training: words for people, pictures, the model's
/// folder and the report.
interface RunTask<L extends StepLosses, E> {
  /// Returns what the run adds to a task.
  static RunTask<?, ?> of(TrainingTask<?, ?> task) {
    return switch (task) {
      case Pretraining pretraining -> new PretrainingTask(pretraining);
      case Finetuning finetuning -> new FinetuningTask(finetuning);
    };
  }

  /// Returns the task.
  TrainingTask<L, E> task();

  /// Returns what the training clusters are, to be shown behind their number; most often nothing.
  default String composition() {
    return "";
  }

  /// Returns what the user should know of the data.
  default List<String> remarks() {
    return List.of();
  }

  /// Returns the figures of an evaluation in a few words.
  String brief(E evaluation);

  /// Returns the figures of an evaluation in a line.
  String figures(E evaluation);

  /// Keeps pictures of what the network makes of held-out clusters now.
  default void recordPictures(long step, RunFolder folder, RunRecorder<?, ?> recorder) {}

  /// Writes the folder of the model of a finished run.
  void writeModel(RunFolder folder, Training.Outcome<L, E> outcome, E evaluation);

  /// Writes the report.
  ///
  /// @param goals that it holds a pretraining to, or null
  void report(
      RunFolder folder,
      RunReports.Session session,
      Training.Outcome<L, E> outcome,
      RunReports.@Nullable Goals goals);
}
