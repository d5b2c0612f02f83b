package org.pixelwake.spark;

import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.api.java.function.Function;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Version;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.clustering.ClusterReport;
import org.pixelwake.timepix.clustering.ClusterStream;
import org.pixelwake.timepix.dataset.DatasetInfo;
import org.pixelwake.timepix.dataset.DatasetWriter;
import org.pixelwake.timepix.io.ReadReport;

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
    try (ClusterStream stream = ClusterStream.open(Path.of(part.source()), options);
        DatasetWriter writer =
            DatasetWriter.create(Path.of(part.target()), info(stream, job.source.properties()))) {
      long clusters = 0;
      long hits = 0;
      while (stream.hasNext()) {
        Cluster cluster = stream.next();
        if (job.wanted(cluster.size())) {
          writer.append(cluster, 0);
          clusters++;
          hits += cluster.size();
        }
      }
      if (clusters > 0) {
        writer.finish();
      }
      ClusterReport report = stream.report();
      long malformed =
          report.read().skipped().stream()
              .filter(ReadReport.Skipped::malformed)
              .mapToLong(ReadReport.Skipped::count)
              .sum();
      return new Outcome(
          part, clusters, hits, malformed, String.join("; ", report.notices()), false);
    }
  }

  private static DatasetInfo info(ClusterStream stream, Map<String, String> properties) {
    DatasetInfo info = DatasetInfo.of(Version.CURRENT, stream.info());
    for (Map.Entry<String, String> property : properties.entrySet()) {
      info = info.withProperty(property.getKey(), property.getValue());
    }
    return info;
  }
}
