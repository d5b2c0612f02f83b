package org.pixelwake.timepix.dataset;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.UUID;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
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
  // Of packed pages: about 1.5 million hits, 20 MB when read.
  private static final long ROW_GROUP_BYTES = 8L << 20;

  private final Path target;
  private final Path temporary;
  private final ParquetWriter<RowWriteSupport.Row> writer;
  private final SizeHistogram sizes = new SizeHistogram(ExponentialBins.POWERS_OF_TWO);
  private DatasetInfo info;
  private long clusters;
  private long hits;
  private boolean ended;

  private DatasetWriter(Path target, Path temporary, DatasetInfo info) throws IOException {
    this.target = target;
    this.temporary = temporary;
    this.info = info;
    this.writer =
        new RowWriteSupport.Builder(
                new LocalOutputFile(temporary), new RowWriteSupport(this::metadata))
            .withConf(new PlainParquetConfiguration())
            .withWriteMode(ParquetFileWriter.Mode.CREATE)
            .withCodecFactory(new PageCodecs())
            .withCompressionCodec(CompressionCodecName.GZIP)
            .withRowGroupSize(ROW_GROUP_BYTES)
            .build();
  }

  /// Starts a data set.
  ///
  /// @param target the file; one that exists is replaced by [#finish]
  /// @throws InputException where the directory is missing or not writable
  public static DatasetWriter create(Path target, DatasetInfo info) {
    Path absolute = target.toAbsolutePath();
    Path directory = absolute.getParent();
    if (directory == null || Files.isDirectory(absolute)) {
      throw new InputException(
          target.toString(),
          "",
          "a directory, not a file",
          "Name a file to write, such as x.parquet");
    }
    if (!Files.isDirectory(directory)) {
      throw new InputException(
          target.toString(), "", "the directory " + directory + " is missing", "Make it first");
    }
    Path temporary =
        absolute.resolveSibling("." + absolute.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      return new DatasetWriter(target, temporary, info);
    } catch (IOException e) {
      throw unwritable(target, e);
    }
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
    append(
        new RowWriteSupport.Row(
            table.frame(cluster),
            table.time(cluster),
            table.source(cluster),
            table.x(),
            table.y(),
            table.energy(),
            table.toa(),
            table.start(cluster),
            table.end(cluster),
            table.truth(cluster)));
  }

  private void append(RowWriteSupport.Row row) {
    if (ended) {
      throw new IllegalStateException("the data set " + target + " is closed");
    }
    if (row.source() < 0 || row.source() >= info.sources().size()) {
      throw new IndexOutOfBoundsException(
          "source " + row.source() + " of " + info.sources().size() + " sources");
    }
    try {
      writer.write(row);
    } catch (IOException e) {
      throw unwritable(target, e);
    }
    clusters++;
    hits += row.to() - row.from();
    sizes.add(row.to() - row.from());
  }

  /// Completes the file and puts it in the place of the target.
  ///
  /// @throws InputException where the disk does not take it; then nothing is left
  public DatasetStatistics finish() {
    if (ended) {
      throw new IllegalStateException("the data set " + target + " is closed");
    }
    ended = true;
    try {
      writer.close();
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      replace();
    } catch (IOException e) {
      removeTemporary(e);
      throw unwritable(target, e);
    } catch (RuntimeException e) {
      removeTemporary(e);
      throw e;
    }
    return new DatasetStatistics(clusters, hits, sizes);
  }

  private void replace() throws IOException {
    try {
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException("the file system cannot rename a file in one step", e);
    }
  }

  /// Removes what was written, unless [#finish] was called.
  @Override
  public void close() {
    if (ended) {
      return;
    }
    ended = true;
    IOException failure = null;
    try {
      // Parquet has no way to give up a file: the foot is written, then the file removed.
      writer.close();
    } catch (IOException | RuntimeException e) {
      failure = new IOException("closing a data set that is given up", e);
    }
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      if (failure != null) {
        e.addSuppressed(failure);
      }
      throw new InputException(
          temporary.toString(), "", "cannot be removed: " + e.getMessage(), "Remove it", e);
    }
  }

  private void removeTemporary(Exception cause) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  private Map<String, String> metadata() {
    return DatasetMetadata.write(info, new DatasetStatistics(clusters, hits, sizes));
  }

  private static InputException unwritable(Path target, IOException e) {
    return new InputException(
        target.toString(),
        "",
        "cannot be written: " + e.getMessage(),
        "Free space on the disk, or write to a directory that is yours",
        e);
  }
}
