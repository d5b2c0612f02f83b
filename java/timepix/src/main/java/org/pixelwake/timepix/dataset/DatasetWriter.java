package org.pixelwake.timepix.dataset;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.AtomicFolder;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.SourceInfo;

/// Writes a data set of clusters as a Parquet file, or as a folder of several, in constant memory.
///
/// The rows go to a file or folder of another name beside the target, which [#finish] renames to
/// the target at once. [#close] without [#finish] removes it: a target is either whole or not there
/// (or as it was before). Not for use by several threads at once.
///
/// Columns: `frame` int64, `time_ns` double, `n_hits` int32, `energy_sum` float, `x` and `y` lists
/// of int16, `energy` and `toa` lists of float, `source` int32 (index into the list of sources). Of
/// the truth, null where unknown: `particle` int32 (number of the Particle Data Group),
/// `particle_number` int64, and float `primary_energy_mev`, `theta_deg`, `phi_deg`, `entry_x_um`,
/// `entry_y_um`, `deposited_kev`, `collected_kev`, and `n_particles` int32, as in
/// [org.pixelwake.timepix.Truth]. The metadata of the file, keys `pixelwake.*`, hold the sources,
/// the unit, the statistics as JSON.
public final class DatasetWriter implements AutoCloseable {
  /// What was counted of the clusters written.
  private static final class Counter {
    private final SizeHistogram sizes = new SizeHistogram(ExponentialBins.POWERS_OF_TWO);
    private long clusters;
    private long hits;

    void add(int size) {
      clusters++;
      hits += size;
      sizes.add(size);
    }

    DatasetStatistics statistics() {
      return new DatasetStatistics(clusters, hits, sizes);
    }
  }

  private final Path target;
  // Where there are several files.
  private final @Nullable Sharding sharding;
  private final @Nullable AtomicFolder folder;
  private final List<Shards.Shard> shards = new ArrayList<>();
  private final Counter all = new Counter();
  private DatasetInfo info;
  private Counter part = new Counter();
  private ParquetTable output;

  private DatasetWriter(Path target, DatasetInfo info, @Nullable Sharding sharding) {
    this.target = target;
    this.info = info;
    this.sharding = sharding;
    if (sharding == null) {
      folder = null;
      output = ParquetTable.withSchema(target, DatasetSchema.message(), this::metadata);
    } else {
      Shards.checkReplaceable(target);
      try {
        folder = new AtomicFolder(target);
      } catch (IOException e) {
        throw InputException.unwritable(target, e);
      }
      output = shard(folder);
    }
  }

  /// Starts a data set of one file.
  ///
  /// @param target the file; one that exists is replaced by [#finish]
  /// @throws InputException where the directory is missing or not writable
  public static DatasetWriter create(Path target, DatasetInfo info) {
    return create(target, info, null);
  }

  /// Starts a data set.
  ///
  /// @param target the file, or the folder of the files; what exists is replaced by [#finish], a
  ///   folder only where it holds a data set and nothing else
  /// @param sharding how the clusters go to several files, or null for one file
  /// @throws InputException where the target cannot be written or replaced
  public static DatasetWriter create(Path target, DatasetInfo info, @Nullable Sharding sharding) {
    return new DatasetWriter(target, info, sharding);
  }

  private ParquetTable shard(AtomicFolder into) {
    return ParquetTable.withSchema(shardFile(into), DatasetSchema.message(), this::metadata);
  }

  private Path shardFile(AtomicFolder into) {
    return into.temporary().resolve(Shards.fileName(shards.size()));
  }

  private void endShard(AtomicFolder into) {
    output.finish();
    shards.add(new Shards.Shard(shardFile(into), part.clusters));
    part = new Counter();
  }

  /// Adds a file that the clusters to come are from.
  ///
  /// @return its index, for [#append(Cluster, int)]
  /// @throws InputException where its energy unit is not that of the data set
  public int addSource(SourceInfo source) {
    info = info.withSource(source);
    return info.sources().size() - 1;
  }

  /// Writes one cluster.
  ///
  /// @param source index of the file it is from
  /// @throws IndexOutOfBoundsException where there is no such source
  /// @throws InputException where the disk does not take it
  public void append(Cluster cluster, int source) {
    if (source < 0 || source >= info.sources().size()) {
      throw new IndexOutOfBoundsException(
          "source " + source + " of " + info.sources().size() + " sources");
    }
    if (sharding != null && folder != null && part.clusters == sharding.of(shards.size())) {
      endShard(folder);
      output = shard(folder);
    }
    output.append(DatasetSchema.row(cluster, source));
    part.add(cluster.size());
    all.add(cluster.size());
  }

  /// Writes one cluster of a table, with the table's index of its source.
  public void append(ClusterTable table, int cluster) {
    append(table.cluster(cluster), table.source(cluster));
  }

  /// Completes the data set and puts it in the place of the target.
  ///
  /// @throws InputException where the disk does not take it; then nothing is left
  public DatasetStatistics finish() {
    if (folder == null) {
      output.finish();
    } else {
      endShard(folder);
      try {
        Shards.writeList(folder.temporary(), shards);
        Shards.checkReplaceable(target);
        folder.commit();
      } catch (IOException e) {
        throw InputException.unwritable(target, e);
      }
    }
    return all.statistics();
  }

  /// Removes what was written, unless [#finish] was called.
  @Override
  public void close() {
    try (folder) {
      output.close();
    } catch (IOException e) {
      throw InputException.unwritable(target, e);
    }
  }

  private Map<String, String> metadata() {
    return DatasetMetadata.write(info, part.statistics());
  }
}
