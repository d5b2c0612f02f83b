package org.pixelwake.timepix.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Philox;
import org.pixelwake.timepix.EnergyUnit;

/// Files that are no data set, or no longer.
final class DatasetDamageTest {
  /// As other programs write it: everything optional, another name inside the lists, a column of
  /// one's own.
  private static final String FOREIGN =
      """
      message schema {
        optional int64 frame; optional double time_ns; optional int32 n_hits;
        optional float energy_sum;
        optional group x (LIST) { repeated group list { optional int32 item (INTEGER(16,true)); } }
        optional group y (LIST) { repeated group list { optional int32 item (INTEGER(16,true)); } }
        optional group energy (LIST) { repeated group list { optional float item; } }
        optional group toa (LIST) { repeated group list { optional float item; } }
        optional int32 source;
        optional binary label (STRING);
      }
      """;

  @TempDir Path directory;

  @Test
  void notParquet() throws IOException {
    Path file = directory.resolve("x.parquet");
    assertProblem(file, "there is no such file");
    assertProblem(directory, "no file of a data set is there");
    Files.write(file, new byte[0]);
    assertProblem(file, "it is empty");
    Files.writeString(file, "1 2 3\n4 5 6\n");
    assertProblem(file, "not a Parquet file");
    Files.write(file, random(10_000_000));
    assertProblem(file, "not a Parquet file");
    Files.writeString(file, "PAR1");
    assertProblem(file, "whose end is missing");
    byte[] framed = random(1000);
    System.arraycopy(new byte[] {'P', 'A', 'R', '1'}, 0, framed, 0, 4);
    System.arraycopy(new byte[] {'P', 'A', 'R', '1'}, 0, framed, 996, 4);
    Files.write(file, framed);
    assertProblem(file, "a damaged Parquet file");
  }

  @Test
  void truncatedAnywhere() throws IOException {
    Path file = directory.resolve("x.parquet");
    DatasetSamples.write(file, DatasetSamples.clusters(50));
    byte[] whole = Files.readAllBytes(file);
    for (int length = 1; length < whole.length; length += whole.length / 97) {
      Files.write(file, Arrays.copyOf(whole, length));
      InputException problem =
          assertThrows(InputException.class, () -> DatasetReader.open(file).loadAll());
      assertTrue(problem.getMessage().startsWith(file.toString()), problem.getMessage());
    }
  }

  /// One byte changed at a time: a clear refusal, or the very same clusters where the byte does not
  /// matter.
  @Tag("slow")
  @Test
  void oneByteChanged() throws IOException {
    Path file = directory.resolve("x.parquet");
    DatasetSamples.write(file, DatasetSamples.clusters(10));
    byte[] whole = Files.readAllBytes(file);
    ClusterTable expected = DatasetReader.open(file).loadAll();
    int refused = 0;
    int step = Math.max(1, whole.length / 1500);
    int tried = 0;
    for (int at = 0; at < whole.length; at += step) {
      byte[] damaged = whole.clone();
      damaged[at] ^= (byte) (1 + Philox.bits(1, 0, at) % 128 & 0xFF | 1);
      Files.write(file, damaged);
      tried++;
      try (DatasetReader reader = DatasetReader.open(file)) {
        ClusterTable table = reader.loadAll();
        assertTrue(Arrays.equals(expected.x(), table.x()), "byte " + at);
        assertTrue(Arrays.equals(expected.y(), table.y()), "byte " + at);
        assertTrue(Arrays.equals(expected.energy(), table.energy()), "byte " + at);
        assertTrue(Arrays.equals(expected.toa(), table.toa()), "byte " + at);
      } catch (InputException e) {
        assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
        refused++;
      }
    }
    assertTrue(refused > tried / 2, refused + " of " + tried + " refused");
  }

  @Test
  void readsWhatAnotherProgramRewrote() throws IOException {
    Path file = directory.resolve("x.parquet");
    Group row = foreignRow(2, 2);
    row.append("label", "proton");
    writeForeign(file, FOREIGN, metadata(1, 2), row);
    try (DatasetReader reader = DatasetReader.open(file)) {
      ClusterTable table = reader.loadAll();
      assertEquals(1, table.count());
      assertEquals(7, table.frame(0));
      assertEquals(11, table.x()[1]);
      assertEquals(2.5f, table.energy()[1]);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "optional int64 frame;, '', column frame: it is missing",
    "optional int64 frame;, optional double frame;, column frame: it is not INT64 but",
    "optional int32 n_hits;, repeated int32 n_hits;, column n_hits: it is not INT32 but",
    "'optional group toa (LIST) { repeated group list { optional float item; } }',"
        + "optional float toa;, column toa: it is not a list of FLOAT but",
  })
  void wrongColumns(String column, String instead, String problem) throws IOException {
    Path file = directory.resolve("x.parquet");
    writeForeign(file, FOREIGN.replace(column, instead), metadata(0, 0));
    assertProblem(file, problem);
  }

  @Test
  void wrongRows() throws IOException {
    Path file = directory.resolve("x.parquet");
    writeForeign(file, FOREIGN, metadata(2, 4), foreignRow(2, 2), foreignRow(3, 2));
    assertProblem(file, "row 1: n_hits is 3, but its lists have 2 elements");
    Group lists = foreignRow(2, 2);
    lists.getGroup("toa", 0).addGroup("list").append("item", 1f);
    writeForeign(file, FOREIGN, metadata(2, 4), lists, foreignRow(2, 2));
    assertProblem(file, "row 1: list toa and list x differ in length");
    Group negative = foreignRow(1, 0);
    addHit(negative, -3);
    writeForeign(file, FOREIGN, metadata(1, 1), negative);
    assertProblem(file, "row 0: x is -3, not a pixel");
    writeForeign(file, FOREIGN, metadata(1, 1), foreignRow(0, 0));
    assertProblem(file, "row 0: list x is empty or has a null");
    Group source = foreignRow(1, 1, 4);
    writeForeign(file, FOREIGN, metadata(1, 1), source);
    assertProblem(file, "row 0: source is 4, but the file names 1");
    writeForeign(file, FOREIGN, metadata(5, 1), foreignRow(1, 1));
    assertProblem(file, "metadata: it has 1 clusters of 1 hits, but says 5 of 1");
  }

  @Test
  void wrongMetadata() throws IOException {
    Path file = directory.resolve("x.parquet");
    writeForeign(file, FOREIGN, Map.of(), foreignRow(1, 1));
    assertProblem(file, "without the metadata of a Pixelwake data set");
    for (String[] change :
        new String[][] {
          {"pixelwake.dataset", "9", "data set format 9 is not known"},
          {"pixelwake.sources", "[{", "it is not JSON"},
          {"pixelwake.sources", "[{}]", "\"file\" is missing"},
          {"pixelwake.energy_unit", "eV", "unknown energy unit \"eV\""},
          {"pixelwake.statistics", "{}", "\"hit_count_histogram\" is missing"},
        }) {
      Map<String, String> metadata = metadata(1, 1);
      metadata.put(change[0], change[1]);
      writeForeign(file, FOREIGN, metadata, foreignRow(1, 1));
      assertProblem(file, change[2]);
    }
  }

  @Test
  void unknownCompression() throws IOException {
    Path file = directory.resolve("x.parquet");
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(file))
            .withType(MessageTypeParser.parseMessageType(FOREIGN))
            .withConf(new PlainParquetConfiguration())
            .withCodecFactory(new NotReallySnappy())
            .withCompressionCodec(CompressionCodecName.SNAPPY)
            .withExtraMetaData(metadata(1, 1))
            .build()) {
      writer.write(foreignRow(1, 1));
    }
    assertProblem(file, "column frame: it is compressed with SNAPPY");
  }

  private static void assertProblem(Path file, String problem) {
    InputException e = assertThrows(InputException.class, () -> DatasetReader.open(file).loadAll());
    assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
    assertTrue(e.getMessage().contains(problem), e.getMessage());
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) Philox.bits(5, 0, i);
    }
    return bytes;
  }

  private static Map<String, String> metadata(long clusters, long hits) {
    return DatasetMetadata.write(
        DatasetInfo.of("0", DatasetSamples.source("a", EnergyUnit.KEV, true)),
        new DatasetStatistics(clusters, hits, new SizeHistogram(ExponentialBins.POWERS_OF_TWO)));
  }

  private static Group foreignRow(int says, int hits) {
    return foreignRow(says, hits, 0);
  }

  private static Group foreignRow(int says, int hits, int source) {
    Group row = new SimpleGroup(MessageTypeParser.parseMessageType(FOREIGN));
    row.append("frame", 7L).append("time_ns", 1.5).append("n_hits", says);
    row.append("energy_sum", 4f).append("source", source);
    for (String list : new String[] {"x", "y", "energy", "toa"}) {
      row.addGroup(list);
    }
    for (int i = 0; i < hits; i++) {
      addHit(row, 10 + i);
    }
    return row;
  }

  private static void addHit(Group row, int x) {
    row.getGroup("x", 0).addGroup("list").append("item", x);
    row.getGroup("y", 0).addGroup("list").append("item", 20);
    row.getGroup("energy", 0).addGroup("list").append("item", 2.5f);
    row.getGroup("toa", 0).addGroup("list").append("item", 0f);
  }

  private static void writeForeign(
      Path file, String schema, Map<String, String> metadata, Group... rows) throws IOException {
    MessageType type = MessageTypeParser.parseMessageType(schema);
    Files.deleteIfExists(file);
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(file))
            .withType(type)
            .withConf(new PlainParquetConfiguration())
            .withCodecFactory(new PageCodecs())
            .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
            .withExtraMetaData(metadata)
            .build()) {
      for (Group row : rows) {
        writer.write(row);
      }
    }
  }

  /// Calls its pages snappy and leaves them as they are.
  private static final class NotReallySnappy implements CompressionCodecFactory {
    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName codec) {
      return new BytesInputCompressor() {
        @Override
        public BytesInput compress(BytesInput bytes) {
          return bytes;
        }

        @Override
        public CompressionCodecName getCodecName() {
          return codec;
        }

        @Override
        public void release() {}
      };
    }

    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
      throw new IllegalStateException("not asked for");
    }

    @Override
    public void release() {}
  }
}
