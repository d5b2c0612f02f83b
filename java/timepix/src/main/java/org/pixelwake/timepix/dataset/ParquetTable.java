package org.pixelwake.timepix.dataset;

import static org.apache.parquet.schema.LogicalTypeAnnotation.stringType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
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
import org.pixelwake.base.AtomicFile;
import org.pixelwake.base.InputException;

/// A table as a Parquet file, written row by row in constant memory. Not for use by several threads
/// at once.
///
/// The rows go to a file of another name beside the target, which [#finish] renames to the target
/// at once. [#close] without [#finish] removes it: a target is either whole or not there (or as it
/// was before).
public final class ParquetTable implements AutoCloseable {
  // Of packed pages: about 1.5 million hits, 20 MB when read.
  private static final long ROW_GROUP_BYTES = 8L << 20;

  /// What a column holds. Every column may hold null.
  public enum Kind {
    INT(PrimitiveTypeName.INT32),
    LONG(PrimitiveTypeName.INT64),
    FLOAT(PrimitiveTypeName.FLOAT),
    DOUBLE(PrimitiveTypeName.DOUBLE),
    TEXT(PrimitiveTypeName.BINARY),
    /// A list of numbers, none of them null.
    FLOATS(PrimitiveTypeName.FLOAT);

    final PrimitiveTypeName type;

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
      return switch (kind) {
        case TEXT -> Types.optional(kind.type).as(stringType()).named(name);
        case FLOATS -> Types.optionalList().requiredElement(kind.type).named(name);
        default -> Types.optional(kind.type).named(name);
      };
    }
  }

  private final Path target;
  private final AtomicFile file;
  private final ParquetWriter<Row> writer;
  private boolean ended;

  private ParquetTable(Path target, AtomicFile file, Support support) throws IOException {
    this.target = target;
    this.file = file;
    this.writer =
        new Builder(new LocalOutputFile(file.temporary()), support)
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
    return create(target, name, columns, Map.of());
  }

  /// Starts a table.
  ///
  /// @param target the file; one that exists is replaced by [#finish]
  /// @param name what a row is, such as `cluster`
  /// @param metadata keys and values that the file holds beside its rows
  /// @throws InputException where it cannot be made there
  public static ParquetTable create(
      Path target, String name, List<Column> columns, Map<String, String> metadata) {
    List<Type> types = columns.stream().map(Column::type).toList();
    return withSchema(target, new MessageType(name, types), () -> metadata);
  }

  /// Starts a table of another schema.
  ///
  /// @param metadata of the file, asked for when the last row is written
  static ParquetTable withSchema(
      Path target, MessageType schema, Supplier<Map<String, String>> metadata) {
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
      return new ParquetTable(target, new AtomicFile(absolute), new Support(schema, metadata));
    } catch (IOException e) {
      throw InputException.unwritable(target, e);
    }
  }

  /// Writes a row.
  ///
  /// @param row a value or null of each column: Integer, Long, Float, Double, String or float[] as
  ///   it is kept
  /// @throws InputException where the disk does not take it
  public void append(List<@Nullable Object> row) {
    requireOpen();
    try {
      writer.write(new Row(row));
    } catch (IOException e) {
      throw InputException.unwritable(target, e);
    }
  }

  /// Completes the file and puts it in the place of the target.
  ///
  /// @throws InputException where the disk does not take it; then nothing is left
  public void finish() {
    requireOpen();
    end(true);
  }

  /// Removes what was written, unless [#finish] was called.
  @Override
  public void close() {
    if (!ended) {
      end(false);
    }
  }

  private void requireOpen() {
    if (ended) {
      throw new IllegalStateException(target + " is closed");
    }
  }

  private void end(boolean whole) {
    ended = true;
    try (file) {
      // Parquet has no way to give up a file: the foot is written, then the file removed.
      writer.close();
      if (whole) {
        file.commit();
      }
    } catch (IOException e) {
      throw InputException.unwritable(target, e);
    }
  }

  // A type of its own: the compiler of other modules, which do not see Parquet, fails on a field
  // of one with annotated arguments.
  private record Row(List<@Nullable Object> values) {}

  /// Hands the values of rows to Parquet.
  private static final class Support extends WriteSupport<Row> {
    private final MessageType schema;
    private final Supplier<Map<String, String>> metadata;
    private @Nullable RecordConsumer consumer;

    Support(MessageType schema, Supplier<Map<String, String>> metadata) {
      this.schema = schema;
      this.metadata = metadata;
    }

    @Override
    @SuppressWarnings("deprecation") // abstract there
    public WriteContext init(Configuration configuration) {
      return new WriteContext(schema, Map.of());
    }

    @Override
    public WriteContext init(ParquetConfiguration configuration) {
      return new WriteContext(schema, Map.of());
    }

    @Override
    public void prepareForWrite(RecordConsumer recordConsumer) {
      consumer = recordConsumer;
    }

    @Override
    public FinalizedWriteContext finalizeWrite() {
      return new FinalizedWriteContext(metadata.get());
    }

    @Override
    public void write(Row row) {
      RecordConsumer out = Objects.requireNonNull(consumer);
      int columns = schema.getFieldCount();
      if (row.values.size() != columns) {
        throw new IllegalStateException(row.values.size() + " values of " + columns + " columns");
      }
      out.startMessage();
      for (int i = 0; i < columns; i++) {
        Object value = row.values.get(i);
        if (value != null) {
          out.startField(schema.getFieldName(i), i);
          write(out, value);
          out.endField(schema.getFieldName(i), i);
        }
      }
      out.endMessage();
    }

    private static void write(RecordConsumer out, Object value) {
      switch (value) {
        case Integer number -> out.addInteger(number);
        case Long number -> out.addLong(number);
        case Float number -> out.addFloat(number);
        case Double number -> out.addDouble(number);
        case String text -> out.addBinary(Binary.fromString(text));
        case short[] numbers -> list(out, numbers.length, i -> out.addInteger(numbers[i]));
        case float[] numbers -> list(out, numbers.length, i -> out.addFloat(numbers[i]));
        default -> throw new IllegalArgumentException("no column holds " + value.getClass());
      }
    }

    // Three levels, as the format has lists: the group, repeated `list`, `element`.
    private static void list(RecordConsumer out, int size, IntConsumer element) {
      out.startGroup();
      if (size > 0) {
        out.startField("list", 0);
        for (int i = 0; i < size; i++) {
          out.startGroup();
          out.startField("element", 0);
          element.accept(i);
          out.endField("element", 0);
          out.endGroup();
        }
        out.endField("list", 0);
      }
      out.endGroup();
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
