package org.pixelwake.run.data;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.base.Version;
import org.pixelwake.run.Texts;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.clustering.ClusterReport;
import org.pixelwake.timepix.clustering.ClusterStream;
import org.pixelwake.timepix.dataset.DatasetBuilder;
import org.pixelwake.timepix.dataset.DatasetReader;
import org.pixelwake.timepix.dataset.DatasetStatistics;
import org.pixelwake.timepix.dataset.Sharding;

/// Merges files of detector data and data sets to one data set; the sources of all are kept.
public final class DatasetMaker implements AutoCloseable {
  private final DatasetBuilder builder;

  /// @param properties facts to keep in the file
  /// @param minHits smallest clusters taken
  /// @param maxHits largest clusters taken
  public DatasetMaker(Path target, Map<String, String> properties, int minHits, int maxHits) {
    builder = DatasetBuilder.create(target, Version.CURRENT, properties).limit(minHits, maxHits);
  }

  /// Divides the clusters among several files, for which the target is the folder.
  ///
  /// @param sharding how, or null for one file
  public DatasetMaker shard(@Nullable Sharding sharding) {
    builder.shard(sharding);
    return this;
  }

  /// Adds the clusters of detector data.
  public ClusterReport addSource(Path input, ClusterOptions options, Progress progress) {
    try (ClusterStream stream = ClusterStream.open(input, options)) {
      builder.add(
          stream.info(),
          stream,
          () ->
              progress.update(
                  stream.bytesRead(),
                  stream.bytesTotal(),
                  "bytes",
                  Texts.count(builder.written()) + " clusters"));
      return stream.report();
    }
  }

  /// Adds the rows of a data set.
  public void addDataset(Path input, Progress progress) {
    try (DatasetReader reader = DatasetReader.open(input)) {
      builder.add(reader, progress);
    }
  }

  /// Clusters left out for their size.
  public long outsideLimits() {
    return builder.outsideLimits();
  }

  /// Completes the file.
  ///
  /// @throws InputException where there is no cluster
  public DatasetStatistics finish() {
    return builder.finish();
  }

  /// Gives up what was written, unless it is finished.
  @Override
  public void close() {
    builder.close();
  }
}
