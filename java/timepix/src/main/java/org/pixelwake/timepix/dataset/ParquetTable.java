package org.pixelwake.timepix.dataset;

import static org.apache.parquet.schema.LogicalTypeAnnotation.stringType;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;

/// A table as a Parquet file, written row by row in constant memory. As a data set, it appears
/// under its name when it is whole. Not for use by several threads at once.
public final class ParquetTable implements AutoCloseable {
  /// What a column holds. Every column may hold null.
  public enum Kind {
    INT(PrimitiveTypeName.INT32),
    LONG(PrimitiveTypeName.INT64),
    FLOAT(PrimitiveTypeName.FLOAT),
    DOUBLE(PrimitiveTypeName.DOUBLE),
    TEXT(PrimitiveTypeName.BINARY),
    /// A list of numbers, none of them null.
    FLOATS(PrimitiveTypeName.FLOAT);

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
      return switch (kind) {
        case TEXT -> Types.optional(kind.type).as(stringType()).named(name);
        case FLOATS -> Types.optionalList().requiredElement(kind.type).named(name);
        default -> Types.optional(kind.type).named(name);
      };
    }
  }

  private final ParquetOutput<Row> output;

  private ParquetTable(ParquetOutput<Row> output) {
    this.output = output;
  }

  /// Starts a table.
  ///
  /// @param target the file; one that exists is replaced by [#finish]
  /// @param name what a row is, such as `cluster`
  /// @throws InputException where it cannot be made there
  public static ParquetTable create(Path target, String name, List<Column> columns) {
    return new ParquetTable(ParquetOutput.create(target, new Support(name, List.copyOf(columns))));
  }

  /// Writes a row.
  ///
  /// @param row a value or null of each column: Integer, Long, Float, Double, String or float[] as
  ///   it is kept
  /// @throws InputException where the disk does not take it
  public void append(List<@Nullable Object> row) {
    output.write(new Row(row));
  }

  /// Completes the file and puts it in the place of the target.
  ///
  /// @throws InputException where the disk does not take it; then nothing is left
  public void finish() {
    output.finish();
  }

  /// Removes what was written, unless [#finish] was called.
  @Override
  public void close() {
    output.close();
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
            case FLOATS -> list(out, (float[]) value);
          }
          out.endField(column.name, i);
        }
      }
      out.endMessage();
    }

    // Three levels, as the format has lists: the group, repeated `list`, `element`.
    private static void list(RecordConsumer out, float[] values) {
      out.startGroup();
      if (values.length > 0) {
        out.startField("list", 0);
        for (float value : values) {
          out.startGroup();
          out.startField("element", 0);
          out.addFloat(value);
          out.endField("element", 0);
          out.endGroup();
        }
        out.endField("list", 0);
      }
      out.endGroup();
    }
  }
}
