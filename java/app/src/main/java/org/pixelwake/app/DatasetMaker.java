package org.pixelwake.app;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.InputException;
import org.pixelwake.engine.Progress;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.clustering.ClusterReport;
import org.pixelwake.timepix.clustering.ClusterStream;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetInfo;
import org.pixelwake.timepix.dataset.DatasetReader;
import org.pixelwake.timepix.dataset.DatasetStatistics;
import org.pixelwake.timepix.dataset.DatasetWriter;

/// Merges detector data and data sets to one data set; the sources of all are kept.
final class DatasetMaker implements AutoCloseable {
  private static final int PROGRESS_EVERY = 1 << 10;

  private final Path target;
  private final Map<String, String> properties;
  private final int minHits;
  private final int maxHits;
  private @Nullable DatasetWriter writer;
  private int sources;
  private long clusters;
  private long outsideLimits;

  /// @param properties facts to keep in the file
  /// @param minHits smallest clusters taken
  /// @param maxHits largest clusters taken
  DatasetMaker(Path target, Map<String, String> properties, int minHits, int maxHits) {
    this.target = target;
    this.properties = properties;
    this.minHits = minHits;
    this.maxHits = maxHits;
  }

  /// Adds the clusters of detector data.
  ClusterReport addSource(Path input, ClusterOptions options, Progress progress) {
    try (ClusterStream stream = ClusterStream.open(input, options)) {
      DatasetWriter to = writer(stream.info());
      int source = sources - 1;
      for (long read = 0; stream.hasNext(); read++) {
        Cluster cluster = stream.next();
        if (within(cluster.size())) {
          to.append(cluster, source);
        }
        if (read % PROGRESS_EVERY == 0) {
          progress.update(
              stream.bytesRead(),
              stream.bytesTotal(),
              "bytes",
              Texts.count(clusters) + " clusters");
        }
      }
      return stream.report();
    }
  }

  /// Starts the file with its first source, or adds a further one.
  private DatasetWriter writer(SourceInfo source) {
    DatasetWriter to = writer;
    if (to == null) {
      DatasetInfo info = DatasetInfo.of(Version.text(), source);
      for (Map.Entry<String, String> property : properties.entrySet()) {
        info = info.withProperty(property.getKey(), property.getValue());
      }
      to = DatasetWriter.create(target, info);
      writer = to;
    } else {
      to.addSource(source);
    }
    sources++;
    return to;
  }

  /// Adds the rows of a data set.
  void addDataset(Path input, Progress progress) {
    try (DatasetReader reader = DatasetReader.open(input)) {
      int first = sources;
      for (SourceInfo source : reader.info().sources()) {
        writer(source);
      }
      DatasetWriter to = writer;
      long done = 0;
      for (ClusterTable batch = reader.nextBatch(); batch != null; batch = reader.nextBatch()) {
        for (int row = 0; row < batch.count(); row++) {
          if (to != null && within(batch.size(row))) {
            to.append(batch.cluster(row), first + batch.source(row));
          }
        }
        done += batch.count();
        progress.update(done, reader.count(), "clusters", input.toString());
      }
    }
  }

  private boolean within(int hits) {
    boolean within = hits >= minHits && hits <= maxHits;
    if (within) {
      clusters++;
    } else {
      outsideLimits++;
    }
    return within;
  }

  /// Clusters left out for their size.
  long outsideLimits() {
    return outsideLimits;
  }

  /// Completes the file.
  ///
  /// @throws InputException where there is no cluster
  DatasetStatistics finish() {
    DatasetWriter to = writer;
    if (to == null || clusters == 0) {
      throw new InputException(
          target.toString(),
          "",
          "the inputs have no cluster to write"
              + (outsideLimits > 0
                  ? ", all " + outsideLimits + " are outside the limits of size"
                  : ""),
          "See with `pixelwake info` what they hold");
    }
    return to.finish();
  }

  /// Gives up what was written, unless it is finished.
  @Override
  public void close() {
    if (writer != null) {
      writer.close();
    }
  }
}
