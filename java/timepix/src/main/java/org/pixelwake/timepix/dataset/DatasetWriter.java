package org.pixelwake.timepix.dataset;

import java.nio.file.Path;
import java.util.Map;
import org.pixelwake.engine.InputException;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.SourceInfo;

/// Writes a data set of clusters as a Parquet file, in constant memory.
///
/// The rows go to a file of another name beside the target, which [#finish] renames to the target
/// at once. [#close] without [#finish] removes it: a target is either whole or not there (or as it
/// was before). Not for use by several threads at once.
///
/// Columns: `frame` int64, `time_ns` double, `n_hits` int32, `energy_sum` float, `x` and `y` lists
/// of int16, `energy` and `toa` lists of float, `source` int32 (index into the list of sources). Of
/// the truth, null where unknown: `particle` int32 (number of the Particle Data Group),
/// `particle_number` int64, and float `primary_energy_mev`, `theta_deg`, `phi_deg`, `entry_x_um`,
/// `entry_y_um`, `deposited_kev`, `collected_kev`, as in [org.pixelwake.timepix.Truth]. The
/// metadata of the file, keys `pixelwake.*`, hold the sources, the unit, the statistics as JSON.
public final class DatasetWriter implements AutoCloseable {
  private final ParquetOutput<RowWriteSupport.Row> output;
  private final SizeHistogram sizes = new SizeHistogram(ExponentialBins.POWERS_OF_TWO);
  private DatasetInfo info;
  private long clusters;
  private long hits;

  private DatasetWriter(Path target, DatasetInfo info) {
    this.info = info;
    this.output = ParquetOutput.create(target, new RowWriteSupport(this::metadata));
  }

  /// Starts a data set.
  ///
  /// @param target the file; one that exists is replaced by [#finish]
  /// @throws InputException where the directory is missing or not writable
  public static DatasetWriter create(Path target, DatasetInfo info) {
    return new DatasetWriter(target, info);
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
    append(
        new RowWriteSupport.Row(
            cluster.frame(),
            cluster.time(),
            source,
            cluster.x(),
            cluster.y(),
            cluster.energy(),
            cluster.toa(),
            0,
            cluster.size(),
            cluster.truth()));
  }

  /// Writes one cluster of a table, with the table's index of its source.
  public void append(ClusterTable table, int cluster) {
    append(table, cluster, table.source(cluster));
  }

  /// Writes one cluster of a table.
  ///
  /// @param source index of the file it is from
  void append(ClusterTable table, int cluster, int source) {
    append(
        new RowWriteSupport.Row(
            table.frame(cluster),
            table.time(cluster),
            source,
            table.x(),
            table.y(),
            table.energy(),
            table.toa(),
            table.start(cluster),
            table.end(cluster),
            table.truth(cluster)));
  }

  private void append(RowWriteSupport.Row row) {
    if (row.source() < 0 || row.source() >= info.sources().size()) {
      throw new IndexOutOfBoundsException(
          "source " + row.source() + " of " + info.sources().size() + " sources");
    }
    output.write(row);
    clusters++;
    hits += row.to() - row.from();
    sizes.add(row.to() - row.from());
  }

  /// Completes the file and puts it in the place of the target.
  ///
  /// @throws InputException where the disk does not take it; then nothing is left
  public DatasetStatistics finish() {
    output.finish();
    return new DatasetStatistics(clusters, hits, sizes);
  }

  /// Removes what was written, unless [#finish] was called.
  @Override
  public void close() {
    output.close();
  }

  private Map<String, String> metadata() {
    return DatasetMetadata.write(info, new DatasetStatistics(clusters, hits, sizes));
  }
}
