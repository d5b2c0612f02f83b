package org.pixelwake.timepix.dataset;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReadStore;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.dataset.ParquetTable.Column;
import org.pixelwake.timepix.dataset.ParquetTable.Kind;

/// Reads the rows of a table as [ParquetTable] writes them, one row group in memory at a time.
public final class ParquetRows {
  private final Path file;
  private final String command;
  private final List<Column> columns;
  private final ColumnDescriptor[] descriptors;

  private ParquetRows(Path file, String command, List<Column> columns, MessageType schema) {
    this.file = file;
    this.command = command;
    this.columns = columns;
    this.descriptors =
        columns.stream().map(c -> resolve(c, schema)).toArray(ColumnDescriptor[]::new);
  }

  /// Hands all rows to `sink`, in order: a value of each wanted column as [ParquetTable#append]
  /// takes it, or null where there is none.
  ///
  /// @param command that makes such tables, for messages
  /// @param columns that are wanted; others are not read
  /// @return number of rows
  /// @throws InputException where the file is no such table or is damaged
  public static long read(
      Path file,
      String command,
      List<Column> columns,
      Progress progress,
      Consumer<List<@Nullable Object>> sink) {
    DatasetFile.checkFrame(file, command);
    try (ParquetFileReader reader = open(file, command)) {
      MessageType schema = reader.getFileMetaData().getSchema();
      ParquetRows rows = new ParquetRows(file, command, columns, schema);
      MessageType part =
          new MessageType(
              schema.getName(), columns.stream().map(c -> schema.getType(c.name())).toList());
      reader.setRequestedSchema(part);
      long count = reader.getRecordCount();
      long done = 0;
      for (PageReadStore pages = rows.next(reader); pages != null; pages = rows.next(reader)) {
        String writer = String.valueOf(reader.getFileMetaData().getCreatedBy());
        rows.decode(pages, part, writer, sink);
        done += pages.getRowCount();
        progress.update(done, count, "rows", file.toString());
      }
      return done;
    } catch (IOException e) {
      throw DatasetFile.unreadable(file, command, e);
    }
  }

  private static ParquetFileReader open(Path file, String command) {
    try {
      return DatasetFile.start(file);
    } catch (IOException | RuntimeException e) {
      throw DatasetFile.unreadable(file, command, e);
    }
  }

  private @Nullable PageReadStore next(ParquetFileReader reader) {
    try {
      return reader.readNextRowGroup();
    } catch (IOException | RuntimeException e) {
      throw DatasetFile.unreadable(file, command, e);
    }
  }

  private ColumnDescriptor resolve(Column column, MessageType schema) {
    List<ColumnDescriptor> leaves =
        schema.getColumns().stream()
            .filter(leaf -> leaf.getPath()[0].equals(column.name()))
            .toList();
    if (leaves.isEmpty()) {
      throw wrong(column, "it is missing");
    }
    ColumnDescriptor leaf = leaves.getFirst();
    boolean list = column.kind() == Kind.FLOATS;
    if (leaves.size() > 1
        || leaf.getMaxRepetitionLevel() != (list ? 1 : 0)
        || leaf.getPrimitiveType().getPrimitiveTypeName() != column.kind().type) {
      throw wrong(
          column,
          "it is not %s%s but %s"
              .formatted(
                  list ? "a list of " : "",
                  column.kind().type,
                  schema.getType(column.name()).toString().replaceAll("\\s+", " ")));
    }
    return leaf;
  }

  private InputException wrong(Column column, String problem) {
    return new InputException(
        file.toString(),
        "column " + column.name(),
        problem,
        "Give a file made by the command " + command);
  }

  private void decode(
      PageReadStore pages,
      MessageType schema,
      String writer,
      Consumer<List<@Nullable Object>> sink) {
    ColumnReader[] readers;
    try {
      ColumnReadStore store =
          new ColumnReadStoreImpl(
              pages, new GroupRecordConverter(schema).getRootConverter(), schema, writer);
      readers = Arrays.stream(descriptors).map(store::getColumnReader).toArray(ColumnReader[]::new);
    } catch (RuntimeException e) {
      throw DatasetFile.unreadable(file, command, e);
    }
    for (long row = 0; row < pages.getRowCount(); row++) {
      List<@Nullable Object> values = new ArrayList<>(readers.length);
      try {
        for (int c = 0; c < readers.length; c++) {
          values.add(value(readers[c], columns.get(c), descriptors[c].getMaxDefinitionLevel()));
        }
      } catch (RuntimeException e) {
        throw DatasetFile.unreadable(file, command, e);
      }
      sink.accept(values);
    }
  }

  private @Nullable Object value(ColumnReader reader, Column column, int present) {
    if (column.kind() == Kind.FLOATS) {
      return floats(reader, column, present);
    }
    Object value =
        reader.getCurrentDefinitionLevel() < present
            ? null
            : switch (column.kind()) {
              case INT -> reader.getInteger();
              case LONG -> reader.getLong();
              case FLOAT -> reader.getFloat();
              case DOUBLE -> reader.getDouble();
              default -> reader.getBinary().toStringUsingUTF8();
            };
    reader.consume();
    return value;
  }

  // An empty list reads as null: what lies between the levels of the two differs between writers.
  private float @Nullable [] floats(ColumnReader reader, Column column, int present) {
    float[] values = new float[16];
    int count = 0;
    boolean missing = false;
    do {
      if (reader.getCurrentDefinitionLevel() < present) {
        missing = true;
      } else {
        values = count == values.length ? Arrays.copyOf(values, 2 * count) : values;
        values[count++] = reader.getFloat();
      }
      reader.consume();
    } while (reader.getCurrentRepetitionLevel() > 0);
    if (missing && count > 0) {
      throw wrong(column, "a list of it has a null");
    }
    return missing ? null : Arrays.copyOf(values, count);
  }
}
