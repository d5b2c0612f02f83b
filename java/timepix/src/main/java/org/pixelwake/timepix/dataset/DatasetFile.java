package org.pixelwake.timepix.dataset;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;

/// Reads one file of a data set of clusters, as [DatasetReader] does the whole.
final class DatasetFile {
  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
  // Magic, an empty foot, its length, magic.
  private static final int SHORTEST_FILE = 12;
  private static final long BYTES_PER_HIT = 12;
  private static final long BYTES_PER_CLUSTER = 32;
  private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

  final Path file;

  /// The description that the data set holds of itself.
  final DatasetInfo info;

  /// Counts that the file holds in its metadata.
  final DatasetStatistics statistics;

  /// Whether the truth of any cluster is known.
  final boolean hasTruth;

  /// Number of clusters.
  final long count;

  private final Map<DatasetSchema, ColumnDescriptor> columns;
  private final MessageType schema;
  private final String createdBy;
  private @Nullable ParquetFileReader pass;
  private long nextRow;

  /// Opens a data set and reads its metadata.
  ///
  /// @throws InputException where it is not there, not Parquet, truncated, or not a data set of
  ///   clusters
  static DatasetFile open(Path file) {
    checkFrame(file, "dataset");
    try (ParquetFileReader reader = start(file)) {
      return new DatasetFile(file, reader);
    } catch (IOException | RuntimeException e) {
      throw unreadable(file, "dataset", e);
    }
  }

  private DatasetFile(Path file, ParquetFileReader reader) throws IOException {
    this.file = file;
    FileMetaData metadata = reader.getFileMetaData();
    DatasetMetadata own = DatasetMetadata.of(file.toString(), metadata.getKeyValueMetaData());
    this.info = own.info();
    this.statistics = own.statistics();
    this.columns = resolve(file, metadata.getSchema());
    this.schema = project(metadata.getSchema(), columns.keySet());
    this.createdBy = String.valueOf(metadata.getCreatedBy());
    this.count = reader.getRecordCount();
    long hits = checkChunks(reader.getRowGroups());
    this.hasTruth = reader.getRowGroups().stream().anyMatch(DatasetFile::hasTruth);
    if (count != statistics.clusters() || hits != statistics.hits()) {
      throw new InputException(
          file.toString(),
          "metadata",
          "it has %s clusters of %s hits, but says %s of %s"
              .formatted(count, hits, statistics.clusters(), statistics.hits()),
          "Make the file again with the command dataset");
    }
  }

  /// The next batch of clusters in the order of the file (one row group, about 20 MB), or null
  /// after the last. The first call starts at the first row.
  @Nullable ClusterTable nextBatch() {
    try {
      if (pass == null) {
        pass = start(file);
        pass.setRequestedSchema(schema);
        nextRow = 0;
      }
      PageReadStore pages = pass.readNextRowGroup();
      if (pages == null) {
        return null;
      }
      ColumnDecoder decoder = decoder(pages, schema, nextRow);
      long batchHits = decoder.values(DatasetSchema.X);
      requireMemory(file, pages.getRowCount(), batchHits, hasTruth);
      ClusterTable batch = decoder.table((int) batchHits, info.sources().size(), hasTruth);
      nextRow += batch.count();
      return batch;
    } catch (IOException | RuntimeException e) {
      throw unreadable(file, "dataset", e);
    }
  }

  /// Lets [#nextBatch] start at the first row again.
  void rewind() {
    ParquetFileReader open = pass;
    pass = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        throw unreadable(file, "dataset", e);
      }
    }
  }

  /// Puts the hit count of every cluster, in the order of the file, into an array from an element
  /// on, reading nothing else; returns how many they are.
  int sizes(int[] sizes, int from) {
    MessageType only = project(schema, List.of(DatasetSchema.SIZE));
    try (ParquetFileReader reader = start(file)) {
      reader.setRequestedSchema(only);
      int row = 0;
      while (row < count) {
        int[] part = decoder(reader.readNextRowGroup(), only, row).sizes();
        System.arraycopy(part, 0, sizes, from + row, part.length);
        row += part.length;
      }
      return row;
    } catch (IOException | RuntimeException e) {
      throw unreadable(file, "dataset", e);
    }
  }

  private ColumnDecoder decoder(PageReadStore pages, MessageType part, long firstRow) {
    requireMemory(file, pages.getRowCount(), 0, hasTruth);
    return new ColumnDecoder(
        file.toString(), firstRow, (int) pages.getRowCount(), pages, part, createdBy, columns);
  }

  /// Checks that the columns lie inside the file and are packed in a way that can be read; returns
  /// the number of hits.
  private long checkChunks(List<BlockMetaData> rowGroups) throws IOException {
    long length = Files.size(file);
    long values = 0;
    for (BlockMetaData rowGroup : rowGroups) {
      for (ColumnChunkMetaData chunk : rowGroup.getColumns()) {
        String column = chunk.getPath().toDotString();
        if (!PageCodecs.supports(chunk.getCodec())) {
          throw new InputException(
              file.toString(),
              "column " + column,
              "it is compressed with " + chunk.getCodec(),
              "Write the file with compression gzip or none");
        }
        long start = chunk.getStartingPos();
        if (start < 0 || chunk.getTotalSize() < 0 || start > length - chunk.getTotalSize()) {
          throw new InputException(
              file.toString(),
              "column " + column,
              "it lies outside the file",
              "The file is damaged: copy it again or make it again");
        }
        values += column.startsWith(DatasetSchema.X.column + ".") ? chunk.getValueCount() : 0;
      }
    }
    return values;
  }

  /// Whether a row group has a truth: its statistics count the nulls. Where they do not, it may.
  private static boolean hasTruth(BlockMetaData rowGroup) {
    for (ColumnChunkMetaData chunk : rowGroup.getColumns()) {
      if (chunk.getPath().toDotString().equals(DatasetSchema.PARTICLE.column)) {
        Statistics<?> nulls = chunk.getStatistics();
        return !nulls.isNumNullsSet() || nulls.getNumNulls() < chunk.getValueCount();
      }
    }
    return false;
  }

  /// Checks that so many clusters fit in memory.
  static void requireMemory(Path file, long clusters, long hitCount, boolean hasTruth) {
    long heap = Runtime.getRuntime().maxMemory();
    long bytesPerCluster = BYTES_PER_CLUSTER + (hasTruth ? TruthArrays.BYTES_PER_CLUSTER : 0);
    double bytes = (double) clusters * bytesPerCluster + (double) hitCount * BYTES_PER_HIT;
    if (clusters < 0
        || hitCount < 0
        || clusters >= LARGEST_ARRAY
        || hitCount > LARGEST_ARRAY
        || bytes > heap) {
      throw new InputException(
          file,
          String.format(
              "%d clusters of %d hits do not fit in memory (%d MB)",
              clusters, hitCount, heap >> 20),
          "Balance or divide the data set, or give Java more memory with -Xmx");
    }
  }

  /// Opens a Parquet file.
  static ParquetFileReader start(Path file) throws IOException {
    ParquetReadOptions options =
        ParquetReadOptions.builder(new PlainParquetConfiguration())
            .withCodecFactory(new PageCodecs())
            .usePageChecksumVerification()
            .build();
    return ParquetFileReader.open(new LocalInputFile(file), options);
  }

  /// Checks what every Parquet file starts and ends with, to tell a truncated file from one of
  /// another kind.
  ///
  /// @param command that makes such files
  /// @throws InputException where it is not there, no Parquet file or cut short
  static void checkFrame(Path file, String command) {
    String name = file.toString();
    if (!Files.exists(file)) {
      throw new InputException(name, "there is no such file", "Check the path");
    }
    if (!Files.isRegularFile(file)) {
      throw new InputException(name, "a directory or a device, not a file", "Name a Parquet file");
    }
    ByteBuffer head = ByteBuffer.allocate(MAGIC.length);
    ByteBuffer tail = ByteBuffer.allocate(MAGIC.length);
    long length;
    try (FileChannel channel = FileChannel.open(file)) {
      length = channel.size();
      channel.read(head, 0);
      channel.read(tail, Math.max(0, length - MAGIC.length));
    } catch (IOException e) {
      throw InputException.unreadable(name, e);
    }
    ByteBuffer magic = ByteBuffer.wrap(MAGIC);
    if (!head.flip().equals(magic)) {
      throw new InputException(
          name,
          "byte 0",
          length == 0 ? "it is empty" : "not a Parquet file",
          "Give a file made by the command " + command);
    }
    if (length < SHORTEST_FILE || !tail.flip().equals(magic)) {
      throw new InputException(
          name,
          "byte " + length,
          "a Parquet file whose end is missing",
          "It was cut short: copy it again or make it again");
    }
  }

  /// The columns by what they hold; those of the truth that the file lacks are not among them. As
  /// another program may have rewritten the file, optional instead of required columns and other
  /// names inside a list are read too.
  private static Map<DatasetSchema, ColumnDescriptor> resolve(Path file, MessageType schema) {
    Map<DatasetSchema, ColumnDescriptor> found = new EnumMap<>(DatasetSchema.class);
    for (DatasetSchema wanted : DatasetSchema.values()) {
      List<ColumnDescriptor> leaves =
          schema.getColumns().stream()
              .filter(leaf -> leaf.getPath()[0].equals(wanted.column))
              .toList();
      if (leaves.isEmpty() && wanted.truth) {
        continue;
      }
      if (leaves.isEmpty()) {
        throw wrong(file, wanted, "it is missing");
      }
      ColumnDescriptor leaf = leaves.getFirst();
      if (leaves.size() > 1
          || leaf.getMaxRepetitionLevel() != (wanted.list ? 1 : 0)
          || leaf.getPrimitiveType().getPrimitiveTypeName() != wanted.type) {
        throw wrong(
            file,
            wanted,
            "it is not %s%s but %s"
                .formatted(
                    wanted.list ? "a list of " : "",
                    wanted.type,
                    schema.getType(wanted.column).toString().replaceAll("\\s+", " ")));
      }
      found.put(wanted, leaf);
    }
    return found;
  }

  /// The part of a schema that holds the given columns.
  private static MessageType project(MessageType schema, Collection<DatasetSchema> columns) {
    List<Type> fields = columns.stream().map(column -> schema.getType(column.column)).toList();
    return new MessageType(schema.getName(), fields);
  }

  private static InputException wrong(Path file, DatasetSchema column, String problem) {
    return new InputException(
        file.toString(),
        "column " + column.column,
        problem,
        "Give a data set of clusters made by the command dataset");
  }

  /// Returns the complaint about a file that cannot be read.
  static InputException unreadable(Path file, String command, Exception e) {
    if (e instanceof InputException told) {
      return told;
    }
    String detail = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return new InputException(
        file,
        "a damaged Parquet file (" + detail.lines().findFirst().orElse("") + ")",
        "Copy it again or make it again with the command " + command,
        e);
  }
}
