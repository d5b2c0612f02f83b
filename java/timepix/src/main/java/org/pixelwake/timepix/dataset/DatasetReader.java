package org.pixelwake.timepix.dataset;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.SourceInfo;

/// Reads a data set of clusters, as a stream of batches or whole. A data set is a file, or a folder
/// or glob of files whose rows follow each other ([Shards]).
///
/// Every method that reads throws [InputException] where a file is damaged; page checksums are
/// verified. Not for use by several threads at once.
public final class DatasetReader implements AutoCloseable {
  /// A file of a data set.
  ///
  /// @param file its path
  /// @param firstRow number of its first row in the data set
  /// @param sources for each of its own sources, in its order, the index in [DatasetInfo#sources]
  ///   of the data set
  public record Part(Path file, long firstRow, List<Integer> sources) {
    public Part {
      sources = List.copyOf(sources);
    }
  }

  private final Path path;
  private final List<DatasetFile> files = new ArrayList<>();
  private final List<Part> parts = new ArrayList<>();
  private final DatasetInfo info;
  private final DatasetStatistics statistics;
  private final boolean hasTruth;
  private int next;

  /// Opens a data set and reads the metadata of its files.
  ///
  /// @param path a file, a folder of files, or a glob such as `tracks/part-*.parquet`
  /// @throws InputException where a file is not there, not Parquet, truncated, or not a data set of
  ///   clusters, or the files do not belong together
  public static DatasetReader open(Path path) {
    return new DatasetReader(path, Shards.of(path));
  }

  private DatasetReader(Path path, List<Shards.Shard> shards) {
    this.path = path;
    MergedInfo merged = new MergedInfo();
    @Nullable SizeHistogram sizes = null;
    long clusters = 0;
    long hits = 0;
    boolean truth = false;
    for (Shards.Shard shard : shards) {
      DatasetFile file = DatasetFile.open(shard.file());
      shard.check(file.count());
      files.add(file);
      parts.add(new Part(shard.file(), clusters, merged.add(shard.file(), file.info())));
      clusters += file.count();
      hits += file.statistics().hits();
      truth |= file.hasTruth();
      sizes = sizes == null ? new SizeHistogram(file.statistics().sizes().bins()) : sizes;
      sizes.add(file.statistics().sizes());
    }
    this.info = merged.info();
    this.statistics = new DatasetStatistics(clusters, hits, Objects.requireNonNull(sizes));
    this.hasTruth = truth;
  }

  /// The file, folder or glob.
  public Path file() {
    return path;
  }

  /// The files, in order.
  public List<Part> parts() {
    return List.copyOf(parts);
  }

  /// What the data set says of itself.
  public DatasetInfo info() {
    return info;
  }

  /// Whether the truth of any cluster is known.
  public boolean hasTruth() {
    return hasTruth;
  }

  /// Counts that the files hold in their metadata.
  public DatasetStatistics statistics() {
    return statistics;
  }

  /// Number of clusters.
  public long count() {
    return statistics.clusters();
  }

  /// The next batch of clusters in the order of the data set (one row group, about 20 MB), or null
  /// after the last. The first call starts at the first row.
  public @Nullable ClusterTable nextBatch() {
    while (next < files.size()) {
      ClusterTable batch = files.get(next).nextBatch();
      if (batch != null) {
        batch.renumberSources(parts.get(next).sources());
        return batch;
      }
      files.get(next).rewind();
      next++;
    }
    return null;
  }

  /// Lets [#nextBatch] start at the first row again.
  public void rewind() {
    files.forEach(DatasetFile::rewind);
    next = 0;
  }

  /// All clusters as one table in memory, 12 bytes a hit and 32 a cluster, 73 where the truth is
  /// known.
  ///
  /// @throws InputException also where it does not fit in the heap
  public ClusterTable loadAll() {
    return loadAll(Progress.NONE);
  }

  /// As above, with progress in clusters. Starts [#nextBatch] anew.
  public ClusterTable loadAll(Progress progress) {
    DatasetFile.requireMemory(path, count(), statistics.hits(), hasTruth);
    ClusterTable table = ClusterTable.allocate((int) count(), (int) statistics.hits(), hasTruth);
    rewind();
    int row = 0;
    for (ClusterTable batch = nextBatch(); batch != null; batch = nextBatch()) {
      table.put(row, batch, 0, batch.count());
      row += batch.count();
      progress.update(row, count(), "clusters", "");
    }
    rewind();
    return table;
  }

  /// Hit count of every cluster, in the order of the data set, reading nothing else: what
  /// [Balancer] takes.
  public int[] sizes() {
    DatasetFile.requireMemory(path, count(), 0, false);
    int[] sizes = new int[(int) count()];
    int row = 0;
    for (DatasetFile file : files) {
      int[] part = file.sizes();
      System.arraycopy(part, 0, sizes, row, part.length);
      row += part.length;
    }
    return sizes;
  }

  @Override
  public void close() {
    rewind();
  }

  /// The infos of the files as one. A source that several files name is one source: the files of
  /// one data set name the sources before them too, in the same order.
  private static final class MergedInfo {
    private final List<SourceInfo> sources = new ArrayList<>();
    private @Nullable DatasetInfo first;
    private boolean hasToa;

    /// Takes the info of a file and returns the indices of its sources.
    List<Integer> add(Path file, DatasetInfo info) {
      DatasetInfo before = first;
      if (before == null) {
        first = info;
      } else if (before.unit() != info.unit()) {
        throw new InputException(
            file,
            "its energies are in "
                + info.unit()
                + ", those of the files before in "
                + before.unit(),
            "Put files of one unit into one data set");
      } else {
        first = withCommonProperties(before, info);
      }
      hasToa |= info.hasToa();
      boolean[] taken = new boolean[sources.size() + info.sources().size()];
      Integer[] indices = new Integer[info.sources().size()];
      Arrays.setAll(indices, i -> index(info.sources().get(i), taken));
      return List.of(indices);
    }

    // Of equal sources of one file each has its own index.
    private int index(SourceInfo source, boolean[] taken) {
      for (int i = 0; i < sources.size(); i++) {
        if (!taken[i] && sources.get(i).equals(source)) {
          taken[i] = true;
          return i;
        }
      }
      sources.add(source);
      taken[sources.size() - 1] = true;
      return sources.size() - 1;
    }

    private static DatasetInfo withCommonProperties(DatasetInfo one, DatasetInfo other) {
      var common = new LinkedHashMap<>(one.properties());
      common.entrySet().retainAll(other.properties().entrySet());
      return new DatasetInfo(one.sources(), one.unit(), one.hasToa(), one.version(), common);
    }

    DatasetInfo info() {
      DatasetInfo of = first;
      if (of == null) {
        throw new IllegalStateException("a data set of no files");
      }
      return new DatasetInfo(sources, of.unit(), hasToa, of.version(), of.properties());
    }
  }
}
