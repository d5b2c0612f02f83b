package org.pixelwake.timepix.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.pixelwake.base.InputException;

/// Columns of numbers of any Parquet file, in memory.
///
/// @param rows number of rows
/// @param columns values by the name of the column, NaN where there is none
/// @param metadata keys and values that the file holds beside its rows
public record ParquetNumbers(
    int rows, Map<String, double[]> columns, Map<String, String> metadata) {
  private static final List<PrimitiveTypeName> NUMBERS =
      List.of(
          PrimitiveTypeName.INT32,
          PrimitiveTypeName.INT64,
          PrimitiveTypeName.FLOAT,
          PrimitiveTypeName.DOUBLE);

  /// Reads the columns of numbers that are no lists; those of other types are left out.
  ///
  /// @throws InputException where it is no Parquet file, damaged, or compressed otherwise than by
  ///   gzip
  public static ParquetNumbers read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new InputException(file, "there is no such file", "Check the path");
    }
    ParquetReadOptions options =
        ParquetReadOptions.builder(new PlainParquetConfiguration())
            .withCodecFactory(new PageCodecs())
            .usePageChecksumVerification()
            .build();
    try (ParquetFileReader reader = ParquetFileReader.open(new LocalInputFile(file), options)) {
      MessageType schema = reader.getFileMetaData().getSchema();
      List<Type> wanted = new ArrayList<>();
      for (Type type : schema.getFields()) {
        if (type.isPrimitive()
            && !type.isRepetition(Type.Repetition.REPEATED)
            && NUMBERS.contains(type.asPrimitiveType().getPrimitiveTypeName())) {
          wanted.add(type);
        }
      }
      int rows = Math.toIntExact(reader.getRecordCount());
      Map<String, double[]> columns = new LinkedHashMap<>();
      wanted.forEach(type -> columns.put(type.getName(), new double[rows]));
      if (!wanted.isEmpty()) {
        checkCodecs(file, reader.getRowGroups(), columns);
        MessageType part = new MessageType(schema.getName(), wanted);
        reader.setRequestedSchema(part);
        String createdBy = String.valueOf(reader.getFileMetaData().getCreatedBy());
        int first = 0;
        for (PageReadStore pages = reader.readNextRowGroup();
            pages != null;
            pages = reader.readNextRowGroup()) {
          fill(pages, part, createdBy, columns, first);
          first += Math.toIntExact(pages.getRowCount());
        }
      }
      return new ParquetNumbers(
          rows, columns, Map.copyOf(reader.getFileMetaData().getKeyValueMetaData()));
    } catch (InputException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new InputException(
          file,
          "is no Parquet file, or a damaged one: " + e.getMessage(),
          "Write it again as Parquet, compressed with gzip or not at all",
          e);
    }
  }

  private static void checkCodecs(
      Path file, List<BlockMetaData> groups, Map<String, double[]> columns) {
    for (BlockMetaData group : groups) {
      for (ColumnChunkMetaData chunk : group.getColumns()) {
        if (columns.containsKey(chunk.getPath().toDotString())
            && !PageCodecs.supports(chunk.getCodec())) {
          throw new InputException(
              file.toString(),
              "column " + chunk.getPath().toDotString(),
              "it is compressed with " + chunk.getCodec(),
              "Write the file with compression gzip or none");
        }
      }
    }
  }

  private static void fill(
      PageReadStore pages,
      MessageType schema,
      String createdBy,
      Map<String, double[]> columns,
      int first) {
    ColumnReadStoreImpl store =
        new ColumnReadStoreImpl(
            pages, new GroupRecordConverter(schema).getRootConverter(), schema, createdBy);
    int rows = Math.toIntExact(pages.getRowCount());
    for (ColumnDescriptor column : schema.getColumns()) {
      double[] values = columns.get(column.getPath()[0]);
      if (values == null) {
        throw new IllegalStateException("column " + Arrays.toString(column.getPath()));
      }
      ColumnReader reader = store.getColumnReader(column);
      PrimitiveTypeName type = column.getPrimitiveType().getPrimitiveTypeName();
      for (int row = 0; row < rows; row++) {
        boolean there = reader.getCurrentDefinitionLevel() == column.getMaxDefinitionLevel();
        values[first + row] = there ? value(reader, type) : Double.NaN;
        reader.consume();
      }
    }
  }

  private static double value(ColumnReader reader, PrimitiveTypeName type) {
    return switch (type) {
      case INT32 -> reader.getInteger();
      case INT64 -> reader.getLong();
      case FLOAT -> reader.getFloat();
      default -> reader.getDouble();
    };
  }
}
