package org.pixelwake.timepix.dataset;

import static org.apache.parquet.schema.LogicalTypeAnnotation.stringType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
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
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.InputException;

/// A flat table as a Parquet file, written row by row in constant memory. As a data set, it appears
/// under its name when it is whole. Not for use by several threads at once.
public final class ParquetTable implements AutoCloseable {
  private static final long ROW_GROUP_BYTES = 8L << 20;

  /// What a column holds. Every column may hold null.
  public enum Kind {
    INT(PrimitiveTypeName.INT32),
    LONG(PrimitiveTypeName.INT64),
    FLOAT(PrimitiveTypeName.FLOAT),
    DOUBLE(PrimitiveTypeName.DOUBLE),
    TEXT(PrimitiveTypeName.BINARY);

    private final PrimitiveTypeName type;

    Kind(PrimitiveTypeName type) {
      this.type = type;
    }
  }

  /// A column.
  ///
  /// @param name its name, of no other column
  /// @param kind what it holds
  public record Column(String name, Kind kind) {
    private Type type() {
      return kind == Kind.TEXT
          ? Types.optional(kind.type).as(stringType()).named(name)
          : Types.optional(kind.type).named(name);
    }
  }

  private final Path target;
  private final Path temporary;
  private final ParquetWriter<Row> writer;
  private boolean ended;

  private ParquetTable(Path target, Path temporary, String name, List<Column> columns)
      throws IOException {
    this.target = target;
    this.temporary = temporary;
    this.writer =
        new Builder(new LocalOutputFile(temporary), new Support(name, List.copyOf(columns)))
            .withConf(new PlainParquetConfiguration())
            .withWriteMode(ParquetFileWriter.Mode.CREATE)
            .withCodecFactory(new PageCodecs())
            .withCompressionCodec(CompressionCodecName.GZIP)
            .withRowGroupSize(ROW_GROUP_BYTES)
            .build();
  }

  /// Starts a table.
  ///
  /// @param target the file; one that exists is replaced by [#finish]
  /// @param name what a row is, such as `cluster`
  /// @throws InputException where it cannot be made there
  public static ParquetTable create(Path target, String name, List<Column> columns) {
    Path temporary =
        target
            .toAbsolutePath()
            .resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      return new ParquetTable(target, temporary, name, columns);
    } catch (IOException e) {
      throw unwritable(target, e);
    }
  }

  /// Writes a row.
  ///
  /// @param row a value or null of each column: Integer, Long, Float, Double or String as it is
  ///   kept
  /// @throws InputException where the disk does not take it
  public void append(List<@Nullable Object> row) {
    try {
      writer.write(new Row(row));
    } catch (IOException e) {
      throw unwritable(target, e);
    }
  }

  /// Completes the file and puts it in the place of the target.
  ///
  /// @throws InputException where the disk does not take it; then nothing is left
  public void finish() {
    ended = true;
    try {
      writer.close();
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException second) {
        e.addSuppressed(second);
      }
      throw unwritable(target, e);
    }
  }

  /// Removes what was written, unless [#finish] was called.
  @Override
  public void close() {
    if (ended) {
      return;
    }
    ended = true;
    try {
      // Parquet has no way to give up a file: the foot is written, then the file removed.
      try {
        writer.close();
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      throw unwritable(target, e);
    }
  }

  private static InputException unwritable(Path target, IOException e) {
    return new InputException(
        target.toString(),
        "",
        "cannot be written (" + e.getMessage() + ")",
        "Free space on the disk, or write to a folder that is yours",
        e);
  }

  // A type of its own: the compiler of other modules, which do not see Parquet, fails on a field
  // of one with annotated arguments.
  private record Row(List<@Nullable Object> values) {}

  private static final class Support extends WriteSupport<Row> {
    private final String name;
    private final List<Column> columns;
    private @Nullable RecordConsumer consumer;

    Support(String name, List<Column> columns) {
      this.name = name;
      this.columns = columns;
    }

    @Override
    @SuppressWarnings("deprecation") // abstract there
    public WriteContext init(Configuration configuration) {
      return context();
    }

    @Override
    public WriteContext init(ParquetConfiguration configuration) {
      return context();
    }

    private WriteContext context() {
      List<Type> types = columns.stream().map(Column::type).toList();
      return new WriteContext(new MessageType(name, types), Map.of());
    }

    @Override
    public void prepareForWrite(RecordConsumer recordConsumer) {
      consumer = recordConsumer;
    }

    @Override
    public void write(Row given) {
      List<@Nullable Object> row = given.values;
      RecordConsumer out = consumer;
      if (out == null || row.size() != columns.size()) {
        throw new IllegalStateException(row.size() + " values of " + columns.size() + " columns");
      }
      out.startMessage();
      for (int i = 0; i < columns.size(); i++) {
        Object value = row.get(i);
        if (value != null) {
          Column column = columns.get(i);
          out.startField(column.name, i);
          switch (column.kind) {
            case INT -> out.addInteger((Integer) value);
            case LONG -> out.addLong((Long) value);
            case FLOAT -> out.addFloat((Float) value);
            case DOUBLE -> out.addDouble((Double) value);
            case TEXT -> out.addBinary(Binary.fromString((String) value));
          }
          out.endField(column.name, i);
        }
      }
      out.endMessage();
    }
  }

  private static final class Builder extends ParquetWriter.Builder<Row, Builder> {
    private final Support support;

    Builder(OutputFile file, Support support) {
      super(file);
      this.support = support;
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    @SuppressWarnings("deprecation") // abstract there
    protected WriteSupport<Row> getWriteSupport(Configuration configuration) {
      return support;
    }

    @Override
    protected WriteSupport<Row> getWriteSupport(ParquetConfiguration configuration) {
      return support;
    }
  }
}
