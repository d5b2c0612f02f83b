package org.pixelwake.timepix.dataset;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    for (Shards.Shard shard : shards) {
      DatasetFile file = DatasetFile.open(shard.file());
      shard.check(file.count);
      files.add(file);
    }
    MergedInfo merged = new MergedInfo(files.getFirst().info);
    SizeHistogram sizes = new SizeHistogram(files.getFirst().statistics.sizes().bins());
    long clusters = 0;
    long hits = 0;
    for (DatasetFile file : files) {
      parts.add(new Part(file.file, clusters, merged.add(file.file, file.info)));
      clusters += file.count;
      hits += file.statistics.hits();
      sizes.add(file.statistics.sizes());
    }
    this.info = merged.info();
    this.statistics = new DatasetStatistics(clusters, hits, sizes);
  }

  /// The file, folder or glob.
  public Path file() {
    return path;
  }

  /// The files, in order.
  public List<Part> parts() {
    return List.copyOf(parts);
  }

  /// Returns the description that the data set holds of itself.
  public DatasetInfo info() {
    return info;
  }

  /// Whether the truth of any cluster is known.
  public boolean hasTruth() {
    return files.stream().anyMatch(file -> file.hasTruth);
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

  /// All clusters as one table in memory, with progress in clusters. Starts [#nextBatch] anew.
  public ClusterTable loadAll(Progress progress) {
    DatasetFile.requireMemory(path, count(), statistics.hits(), hasTruth());
    ClusterTable table = new ClusterTable((int) count(), (int) statistics.hits(), hasTruth());
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
      row += file.sizes(sizes, row);
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
    private final DatasetInfo first;
    private final Map<String, String> properties;
    private boolean hasToa;

    MergedInfo(DatasetInfo first) {
      this.first = first;
      this.properties = new LinkedHashMap<>(first.properties());
    }

    /// Takes the info of a file and returns the indices of its sources.
    List<Integer> add(Path file, DatasetInfo info) {
      if (info.unit() != first.unit()) {
        throw new InputException(
            file,
            "its energies are in %s, those of the files before in %s"
                .formatted(info.unit(), first.unit()),
            "Put files of one unit into one data set");
      }
      // Kept are those that all files have in common.
      properties.entrySet().retainAll(info.properties().entrySet());
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

    DatasetInfo info() {
      return new DatasetInfo(sources, first.unit(), hasToa, first.version(), properties);
    }
  }
}
