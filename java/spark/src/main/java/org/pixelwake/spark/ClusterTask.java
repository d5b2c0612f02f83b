package org.pixelwake.spark;

import java.nio.file.Path;
import org.apache.spark.api.java.function.Function;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.clustering.ClusterReport;
import org.pixelwake.timepix.dataset.DatasetBuilder;

/// Clusters one source where the task runs.
///
/// The arguments of the job travel instead of what they stand for: calibrations and masks are read
/// from the shared file system by each task.
final class ClusterTask implements Function<Part, Outcome> {
  private final String[] arguments;

  ClusterTask(String[] arguments) {
    this.arguments = arguments.clone();
  }

  /// A source that cannot be read is an outcome, not a failed task: Spark would only try it again.
  @Override
  public Outcome call(Part part) {
    ClusterJob job = ClusterJob.parse(arguments);
    try {
      return cluster(part, job, job.source.read().withThreads(1));
    } catch (InputException e) {
      return Outcome.failure(part, String.valueOf(e.getMessage()));
    }
  }

  private static Outcome cluster(Part part, ClusterJob job, ClusterOptions options) {
    Path target = Path.of(part.target());
    try (DatasetBuilder builder = job.dataset(target)) {
      ClusterReport report = builder.add(Path.of(part.source()), options, Progress.NONE);
      long hits = builder.written() > 0 ? builder.finish().hits() : 0;
      return new Outcome(
          part,
          builder.written(),
          hits,
          report.read().malformed(),
          String.join("; ", report.notices()),
          false);
    }
  }
}
