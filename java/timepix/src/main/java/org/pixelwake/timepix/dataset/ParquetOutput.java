package org.pixelwake.timepix.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.OutputFile;
import org.pixelwake.base.AtomicFile;
import org.pixelwake.base.InputException;

/// A Parquet file that is written row by row in constant memory.
///
/// The rows go to a file of another name beside the target, which [#finish] renames to the target
/// at once. [#close] without [#finish] removes it: a target is either whole or not there (or as it
/// was before).
///
/// @param <T> a row
final class ParquetOutput<T> implements AutoCloseable {
  // Of packed pages: about 1.5 million hits, 20 MB when read.
  private static final long ROW_GROUP_BYTES = 8L << 20;

  private final Path target;
  private final AtomicFile file;
  private final ParquetWriter<T> writer;
  private boolean ended;

  private ParquetOutput(Path target, AtomicFile file, WriteSupport<T> support) throws IOException {
    this.target = target;
    this.file = file;
    this.writer =
        new Builder<>(new LocalOutputFile(file.temporary()), support)
            .withConf(new PlainParquetConfiguration())
            .withWriteMode(ParquetFileWriter.Mode.CREATE)
            .withCodecFactory(new PageCodecs())
            .withCompressionCodec(CompressionCodecName.GZIP)
            .withRowGroupSize(ROW_GROUP_BYTES)
            .build();
  }

  /// Starts a file.
  ///
  /// @param target the file; one that exists is replaced by [#finish]
  /// @param support hands the values of a row to Parquet
  /// @throws InputException where the directory is missing or not writable
  static <T> ParquetOutput<T> create(Path target, WriteSupport<T> support) {
    Path absolute = target.toAbsolutePath();
    Path directory = absolute.getParent();
    if (directory == null || Files.isDirectory(absolute)) {
      throw new InputException(
          target, "a directory, not a file", "Name a file to write, such as x.parquet");
    }
    if (!Files.isDirectory(directory)) {
      throw new InputException(
          target, "the directory " + directory + " is missing", "Make it first");
    }
    try {
      return new ParquetOutput<>(target, new AtomicFile(absolute), support);
    } catch (IOException e) {
      throw InputException.unwritable(target, e);
    }
  }

  /// Writes a row.
  ///
  /// @throws InputException where the disk does not take it
  void write(T row) {
    if (ended) {
      throw new IllegalStateException(target + " is closed");
    }
    try {
      writer.write(row);
    } catch (IOException e) {
      throw InputException.unwritable(target, e);
    }
  }

  /// Completes the file and puts it in the place of the target.
  ///
  /// @throws InputException where the disk does not take it; then nothing is left
  void finish() {
    if (ended) {
      throw new IllegalStateException(target + " is closed");
    }
    ended = true;
    try (file) {
      writer.close();
      file.commit();
    } catch (IOException e) {
      throw InputException.unwritable(target, e);
    }
  }

  /// Removes what was written, unless [#finish] was called.
  @Override
  public void close() {
    if (ended) {
      return;
    }
    ended = true;
    try (file) {
      // Parquet has no way to give up a file: the foot is written, then the file removed.
      writer.close();
    } catch (IOException e) {
      throw InputException.unwritable(target, e);
    }
  }

  private static final class Builder<T> extends ParquetWriter.Builder<T, Builder<T>> {
    private final WriteSupport<T> support;

    Builder(OutputFile file, WriteSupport<T> support) {
      super(file);
      this.support = support;
    }

    @Override
    protected Builder<T> self() {
      return this;
    }

    @Override
    @SuppressWarnings("deprecation") // abstract there
    protected WriteSupport<T> getWriteSupport(Configuration configuration) {
      return support;
    }

    @Override
    protected WriteSupport<T> getWriteSupport(ParquetConfiguration configuration) {
      return support;
    }
  }
}
