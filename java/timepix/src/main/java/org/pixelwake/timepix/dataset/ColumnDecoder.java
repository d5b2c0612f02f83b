package org.pixelwake.timepix.dataset;

import java.util.Map;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReadStore;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.schema.MessageType;
import org.pixelwake.base.InputException;

/// Turns the pages of one row group into the arrays of a [ClusterTable].
final class ColumnDecoder {
  private static final String REMEDY =
      "Make the file again with the command dataset; its rows are not those of a data set";

  private final String file;
  private final long firstRow;
  private final int rows;
  private final PageReadStore pages;
  private final ColumnReadStore columns;
  private final Map<DatasetSchema, ColumnDescriptor> descriptors;

  /// @param firstRow number of the row group's first row in the file, for messages
  ColumnDecoder(
      String file,
      long firstRow,
      int rows,
      PageReadStore pages,
      MessageType schema,
      String createdBy,
      Map<DatasetSchema, ColumnDescriptor> descriptors) {
    this.file = file;
    this.firstRow = firstRow;
    this.rows = rows;
    this.pages = pages;
    this.columns =
        new ColumnReadStoreImpl(
            pages, new GroupRecordConverter(schema).getRootConverter(), schema, createdBy);
    this.descriptors = descriptors;
  }

  /// Takes the current value of a column.
  @FunctionalInterface
  private interface Sink {
    void take(ColumnReader column, int at);
  }

  /// Decodes and checks a row group.
  ///
  /// @param hits number of hits in it
  /// @param sources number of sources of the file
  /// @param withTruth whether it may have truths
  ClusterTable table(int hits, int sources, boolean withTruth) {
    ClusterTable table = new ClusterTable(rows, hits, withTruth);
    int[] offsets = table.offsets;
    list(DatasetSchema.X, offsets, true, (c, at) -> table.x[at] = coordinate(c, "x"));
    list(DatasetSchema.Y, offsets, false, (c, at) -> table.y[at] = coordinate(c, "y"));
    list(DatasetSchema.ENERGY, offsets, false, (c, at) -> table.energy[at] = c.getFloat());
    list(DatasetSchema.TOA, offsets, false, (c, at) -> table.toa[at] = c.getFloat());
    flat(DatasetSchema.FRAME, (c, at) -> table.frame[at] = c.getLong());
    flat(DatasetSchema.TIME, (c, at) -> table.time[at] = c.getDouble());
    flat(DatasetSchema.ENERGY_SUM, (c, at) -> table.energySum[at] = c.getFloat());
    int[] sizes = sizes();
    flat(DatasetSchema.SOURCE, (c, at) -> table.source[at] = c.getInteger());
    for (int row = 0; row < rows; row++) {
      if (sizes[row] != table.size(row)) {
        throw bad(
            row,
            "n_hits is " + sizes[row] + ", but its lists have " + table.size(row) + " elements");
      }
      if (table.source[row] < 0 || table.source[row] >= sources) {
        throw bad(row, "source is " + table.source[row] + ", but the file names " + sources);
      }
    }
    TruthArrays truth = table.truth;
    if (truth != null) {
      TruthArrays.COLUMNS.stream()
          .filter(descriptors::containsKey)
          .forEach(column -> flat(column, (c, at) -> truth.take(column, at, c)));
    }
    return table;
  }

  /// Hit counts alone.
  int[] sizes() {
    int[] sizes = new int[rows];
    flat(DatasetSchema.SIZE, (c, at) -> sizes[at] = c.getInteger());
    for (int row = 0; row < rows; row++) {
      if (sizes[row] < 1) {
        throw bad(row, "n_hits is " + sizes[row]);
      }
    }
    return sizes;
  }

  /// Number of values of a column in this row group, with those of lists.
  long values(DatasetSchema column) {
    return pages.getPageReader(descriptor(column)).getTotalValueCount();
  }

  private static short coordinate(ColumnReader column, String name) {
    int value = column.getInteger();
    if (value < 0 || value > Short.MAX_VALUE) {
      throw new IllegalArgumentException(name + " is " + value + ", not a pixel");
    }
    return (short) value;
  }

  private void flat(DatasetSchema column, Sink sink) {
    ColumnDescriptor descriptor = descriptor(column);
    ColumnReader reader = columns.getColumnReader(descriptor);
    if (values(column) != rows) {
      throw bad(0, column.column + " has " + values(column) + " values for " + rows + " rows");
    }
    int present = descriptor.getMaxDefinitionLevel();
    for (int row = 0; row < rows; row++) {
      boolean there = reader.getCurrentDefinitionLevel() == present;
      if (!there && !column.truth) {
        throw bad(row, column.column + " is null");
      }
      if (there) {
        take(sink, reader, row, row);
      }
      reader.consume();
    }
  }

  /// Reads a list column; the first one sets the offsets of the rows, the others must have the
  /// same.
  private void list(DatasetSchema column, int[] offsets, boolean first, Sink sink) {
    ColumnDescriptor descriptor = descriptor(column);
    ColumnReader reader = columns.getColumnReader(descriptor);
    int present = descriptor.getMaxDefinitionLevel();
    int row = -1;
    int count = (int) Math.min(values(column), Integer.MAX_VALUE);
    for (int at = 0; at < count; at++) {
      if (reader.getCurrentRepetitionLevel() == 0) {
        row++;
        if (row < rows && first) {
          offsets[row] = at;
        }
        if (row >= rows || offsets[row] != at) {
          throw bad(row, "list " + column.column + " and list x differ in length");
        }
      }
      if (reader.getCurrentDefinitionLevel() != present) {
        throw bad(row, "list " + column.column + " is empty or has a null");
      }
      try {
        take(sink, reader, at, row);
      } catch (ArrayIndexOutOfBoundsException e) {
        throw bad(row, "list " + column.column + " is longer than list x");
      }
      reader.consume();
    }
    if (first) {
      offsets[rows] = count;
    }
    if (row != rows - 1 || offsets[rows] != count) {
      throw bad(Math.max(row, 0), "list " + column.column + " and list x differ in length");
    }
  }

  private void take(Sink sink, ColumnReader reader, int at, int row) {
    try {
      sink.take(reader, at);
    } catch (IllegalArgumentException e) {
      throw bad(row, String.valueOf(e.getMessage()));
    }
  }

  private ColumnDescriptor descriptor(DatasetSchema column) {
    ColumnDescriptor descriptor = descriptors.get(column);
    if (descriptor == null) {
      throw new IllegalStateException("column " + column + " is not resolved");
    }
    return descriptor;
  }

  private InputException bad(int row, String problem) {
    return new InputException(file, "row " + (firstRow + row), problem, REMEDY);
  }
}
