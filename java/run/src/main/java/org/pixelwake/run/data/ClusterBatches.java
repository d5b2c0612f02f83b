package org.pixelwake.run.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.run.Texts;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.clustering.ClusterReport;
import org.pixelwake.timepix.clustering.ClusterStream;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetReader;

/// The clusters of a data set or a detector file, all of them or in parts that fit in memory,
/// however many there are.
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
  public record Part(ClusterTable table, List<SourceInfo> sources, EnergyUnit unit, long first) {
    /// Returns the source of a cluster.
    public SourceInfo source(int row) {
      return sources.get(table.source(row));
    }
  }

  /// Hands all parts to `sink`, in order.
  ///
  /// @return what was left out of a detector file; null of a data set
  /// @throws InputException where the file cannot be read
  public static @Nullable ClusterReport read(
      Path file, ClusterOptions options, Progress progress, Consumer<Part> sink) {
    if (FileKind.of(file, options) == FileKind.DATASET) {
      dataset(file, progress, sink);
      return null;
    }
    return detector(file, options, PART, progress, sink);
  }

  /// Returns all clusters.
  ///
  /// @throws InputException where the file cannot be read or holds no cluster
  public static Part load(Path file, ClusterOptions options, Progress progress) {
    List<Part> parts = new ArrayList<>();
    if (FileKind.of(file, options) == FileKind.DATASET) {
      try (DatasetReader reader = DatasetReader.open(file)) {
        parts.add(
            new Part(reader.loadAll(progress), reader.info().sources(), reader.info().unit(), 0));
      }
    } else {
      detector(file, options, Integer.MAX_VALUE, progress, parts::add);
    }
    if (parts.isEmpty()) {
      throw empty(file);
    }
    return parts.getFirst();
  }

  /// Returns the complaint about a file without clusters.
  public static InputException empty(Path file) {
    return new InputException(file, "holds no cluster", "See with `pixelwake info` what it holds");
  }

  private static void dataset(Path file, Progress progress, Consumer<Part> sink) {
    try (DatasetReader reader = DatasetReader.open(file)) {
      long done = 0;
      for (ClusterTable batch = reader.nextBatch(); batch != null; batch = reader.nextBatch()) {
        sink.accept(new Part(batch, reader.info().sources(), reader.info().unit(), done));
        done += batch.count();
        progress.update(done, reader.count(), "clusters", file.toString());
      }
    }
  }

  private static ClusterReport detector(
      Path file, ClusterOptions options, int most, Progress progress, Consumer<Part> sink) {
    try (ClusterStream stream = ClusterStream.open(file, options)) {
      List<SourceInfo> sources = List.of(stream.info());
      long done = 0;
      while (stream.hasNext()) {
        List<Cluster> clusters = new ArrayList<>();
        while (clusters.size() < most && stream.hasNext()) {
          clusters.add(stream.next());
          if (clusters.size() % 1000 == 0) {
            String counted = Texts.count(done + clusters.size()) + " clusters";
            progress.update(stream.bytesRead(), stream.bytesTotal(), "bytes", counted);
          }
        }
        sink.accept(new Part(ClusterTable.of(clusters, 0), sources, stream.info().unit(), done));
        done += clusters.size();
      }
      return stream.report();
    }
  }
}
