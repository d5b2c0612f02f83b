package org.pixelwake.run.evaluation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.run.data.FileKind;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.clustering.ClusterStream;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetReader;

/// The clusters of a data set or a detector file in parts that fit in memory, however many there
/// are.
public final class ClusterBatches {
  // Clusters of a detector file at a time; a data set has row groups of its own.
  private static final int PART = 1 << 14;

  private ClusterBatches() {}

  /// A part of the clusters.
  ///
  /// @param table its clusters
  /// @param sources that `table.source` counts
  /// @param unit of the energies
  /// @param first number of the first cluster in the file
  public record Part(ClusterTable table, List<SourceInfo> sources, EnergyUnit unit, long first) {}

  /// Hands all parts to `sink`, in order.
  ///
  /// @throws InputException where the file cannot be read or holds no cluster
  public static void read(
      Path file, ClusterOptions options, Progress progress, Consumer<Part> sink) {
    long count =
        FileKind.of(file) == FileKind.DATASET
            ? dataset(file, progress, sink)
            : detector(file, options, progress, sink);
    if (count == 0) {
      throw new InputException(file, "holds no cluster", "See with `pixelwake info` what it holds");
    }
  }

  private static long dataset(Path file, Progress progress, Consumer<Part> sink) {
    try (DatasetReader reader = DatasetReader.open(file)) {
      long done = 0;
      for (ClusterTable batch = reader.nextBatch(); batch != null; batch = reader.nextBatch()) {
        sink.accept(new Part(batch, reader.info().sources(), reader.info().unit(), done));
        done += batch.count();
        progress.update(done, reader.count(), "clusters", "");
      }
      return done;
    }
  }

  private static long detector(
      Path file, ClusterOptions options, Progress progress, Consumer<Part> sink) {
    try (ClusterStream stream = ClusterStream.open(file, options)) {
      List<SourceInfo> sources = List.of(stream.info());
      long done = 0;
      while (stream.hasNext()) {
        List<Cluster> clusters = new ArrayList<>();
        while (clusters.size() < PART && stream.hasNext()) {
          clusters.add(stream.next());
        }
        ClusterTable table = ClusterTable.of(clusters, 0);
        sink.accept(new Part(table, sources, stream.info().unit(), done));
        done += clusters.size();
        progress.update(stream.bytesRead(), stream.bytesTotal(), "bytes", "");
      }
      return done;
    }
  }
}
