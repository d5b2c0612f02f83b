package org.pixelwake.timepix.dataset;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.clustering.ClusterReport;
import org.pixelwake.timepix.clustering.ClusterStream;

/// Makes a data set from streams of clusters and from other data sets, in constant memory; the
/// sources of all are kept.
///
/// ```java
/// try (DatasetBuilder builder = DatasetBuilder.create(target, version, properties)) {
///   builder.add(source, clusters, Progress.NONE);
///   builder.finish();
/// }
/// ```
///
/// [#close] without [#finish] leaves no file.
public final class DatasetBuilder implements AutoCloseable {
  private static final int CLUSTERS_PER_UPDATE = 1000;

  private final Path target;
  private final String version;
  private final Map<String, String> properties;
  private @Nullable Sharding sharding;
  private int minHits = 1;
  private int maxHits = Integer.MAX_VALUE;
  private @Nullable DatasetWriter writer;
  private int sources;
  private long written;
  private long outsideLimits;

  private DatasetBuilder(Path target, String version, Map<String, String> properties) {
    this.target = target;
    this.version = version;
    this.properties = properties;
  }

  /// Starts a data set.
  ///
  /// @param version of Pixelwake, kept in the file
  /// @param properties further facts to keep in the file, such as the options of the clustering
  public static DatasetBuilder create(Path target, String version, Map<String, String> properties) {
    return new DatasetBuilder(target, version, properties);
  }

  /// Divides the clusters among several files, for which the target is the folder; before the first
  /// is added.
  ///
  /// @param how how, or null for one file
  public DatasetBuilder shard(@Nullable Sharding how) {
    sharding = how;
    return this;
  }

  /// Leaves out clusters of fewer or more hits from now on.
  public DatasetBuilder limit(int fewest, int most) {
    minHits = fewest;
    maxHits = most;
    return this;
  }

  /// Writes all clusters of a source.
  ///
  /// @return how many they were
  /// @throws InputException where its energy unit is not that of the sources before, or the disk is
  ///   full
  /// @throws CancellationException where the thread is interrupted
  public long add(SourceInfo source, Iterator<Cluster> clusters, Progress progress) {
    return add(source, clusters, () -> progress.update(written, -1, "clusters", source.file()));
  }

  /// Finds the clusters of detector data and writes them.
  ///
  /// @return what was read and left out
  /// @throws InputException where the data cannot be read, or as above
  public ClusterReport add(Path input, ClusterOptions options, Progress progress) {
    try (ClusterStream stream = ClusterStream.open(input, options)) {
      add(
          stream.info(),
          stream,
          () ->
              progress.update(
                  stream.bytesRead(),
                  stream.bytesTotal(),
                  "bytes",
                  String.format(Locale.ROOT, "%,d clusters", written)));
      return stream.report();
    }
  }

  private long add(SourceInfo source, Iterator<Cluster> clusters, Runnable progress) {
    DatasetWriter out = start(source);
    long before = written;
    for (long read = 1; clusters.hasNext(); read++) {
      Cluster cluster = clusters.next();
      if (within(cluster.size())) {
        out.append(cluster, sources - 1);
      }
      if (read % CLUSTERS_PER_UPDATE == 0) {
        checkInterrupt();
        progress.run();
      }
    }
    progress.run();
    return written - before;
  }

  /// Writes the rows of a data set.
  ///
  /// @param dataset a file, folder or glob of a data set
  /// @throws InputException as above
  public void add(Path dataset, Progress progress) {
    try (DatasetReader reader = DatasetReader.open(dataset)) {
      add(reader, progress);
    }
  }

  /// Writes the rows of a data set.
  ///
  /// @throws InputException as above
  public void add(DatasetReader from, Progress progress) {
    int first = sources;
    DatasetWriter out = null;
    for (SourceInfo source : from.info().sources()) {
      out = start(source);
    }
    from.rewind();
    long done = 0;
    for (ClusterTable batch = from.nextBatch(); batch != null; batch = from.nextBatch()) {
      for (int row = 0; out != null && row < batch.count(); row++) {
        if (within(batch.size(row))) {
          out.append(batch.cluster(row), first + batch.source(row));
        }
      }
      done += batch.count();
      checkInterrupt();
      progress.update(done, from.count(), "clusters", from.file().toString());
    }
  }

  /// Starts the file with its first source, or adds a further one.
  private DatasetWriter start(SourceInfo source) {
    DatasetWriter out = writer;
    if (out == null) {
      DatasetInfo info = DatasetInfo.of(version, source);
      out = DatasetWriter.create(target, info.withProperties(properties), sharding);
      writer = out;
    } else {
      out.addSource(source);
    }
    sources++;
    return out;
  }

  private boolean within(int hits) {
    boolean within = hits >= minHits && hits <= maxHits;
    if (within) {
      written++;
    } else {
      outsideLimits++;
    }
    return within;
  }

  /// Clusters written.
  public long written() {
    return written;
  }

  /// Clusters left out for their size.
  public long outsideLimits() {
    return outsideLimits;
  }

  /// Completes the file.
  ///
  /// @throws InputException where no source had a cluster
  public DatasetStatistics finish() {
    DatasetWriter out = writer;
    if (out == null || written == 0) {
      throw new InputException(
          target,
          "the inputs have no cluster to write"
              + (outsideLimits > 0
                  ? ", all %s are outside the limits of size".formatted(outsideLimits)
                  : ""),
          "See with `pixelwake info` what they hold");
    }
    return out.finish();
  }

  /// Gives up what was written, unless [#finish] was called.
  @Override
  public void close() {
    if (writer != null) {
      writer.close();
    }
  }

  /// Writes chosen rows of a data set to a new one, in constant memory, with the sources and
  /// properties of the old one.
  ///
  /// @param rows rows to keep, ascending, as [Balancer] and [Split] give them
  /// @param properties further facts to keep in the new file, such as how the rows were chosen
  /// @param sharding how the clusters go to several files, or null for one file
  /// @throws IllegalArgumentException where the rows are not ascending or not in the file
  public static DatasetStatistics copyRows(
      DatasetReader from,
      int[] rows,
      Path target,
      Map<String, String> properties,
      @Nullable Sharding sharding,
      Progress progress) {
    checkAscending(rows, from.count());
    DatasetInfo info = from.info().withProperties(properties);
    try (DatasetWriter out = DatasetWriter.create(target, info, sharding)) {
      from.rewind();
      int done = 0;
      long first = 0;
      for (ClusterTable batch = from.nextBatch(); batch != null; batch = from.nextBatch()) {
        while (done < rows.length && rows[done] < first + batch.count()) {
          out.append(batch, (int) (rows[done] - first));
          done++;
        }
        first += batch.count();
        checkInterrupt();
        progress.update(done, rows.length, "clusters", target.toString());
      }
      return out.finish();
    }
  }

  private static void checkAscending(int[] rows, long count) {
    for (int i = 0; i < rows.length; i++) {
      if (rows[i] < 0 || rows[i] >= count || (i > 0 && rows[i] <= rows[i - 1])) {
        throw new IllegalArgumentException(
            "row " + rows[i] + " at " + i + " is not ascending or not below " + count);
      }
    }
  }

  private static void checkInterrupt() {
    if (Thread.interrupted()) {
      throw new CancellationException("interrupted while a data set was written");
    }
  }
}
