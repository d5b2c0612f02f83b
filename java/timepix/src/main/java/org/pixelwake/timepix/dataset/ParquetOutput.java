package org.pixelwake.timepix.dataset;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.OutputFile;
import org.pixelwake.engine.InputException;

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
  private final Path temporary;
  private final ParquetWriter<T> writer;
  private boolean ended;

  private ParquetOutput(Path target, Path temporary, WriteSupport<T> support) throws IOException {
    this.target = target;
    this.temporary = temporary;
    this.writer =
        new Builder<>(new LocalOutputFile(temporary), support)
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
          target.toString(),
          "",
          "a directory, not a file",
          "Name a file to write, such as x.parquet");
    }
    if (!Files.isDirectory(directory)) {
      throw new InputException(
          target.toString(), "", "the directory " + directory + " is missing", "Make it first");
    }
    try {
      return new ParquetOutput<>(target, beside(absolute), support);
    } catch (IOException e) {
      throw unwritable(target, e);
    }
  }

  /// A name beside a path that nothing has, for what takes its place when it is whole.
  static Path beside(Path path) {
    return path.resolveSibling("." + path.getFileName() + "." + UUID.randomUUID() + ".tmp");
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
      throw unwritable(target, e);
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
    try {
      writer.close();
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      replace(temporary, target);
    } catch (IOException e) {
      removeTemporary(e);
      throw unwritable(target, e);
    } catch (RuntimeException e) {
      removeTemporary(e);
      throw e;
    }
  }

  /// Renames a file or folder in one step.
  static void replace(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
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
      failure = new IOException("closing a file that is given up", e);
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

  static InputException unwritable(Path target, IOException e) {
    return new InputException(
        target.toString(),
        "",
        "cannot be written: " + e.getMessage(),
        "Free space on the disk, or write to a directory that is yours",
        e);
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
