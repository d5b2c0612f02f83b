package org.pixelwake.timepix.dataset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hardwood.InputFile;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;

@Tag("slow")
final class DatasetRoundTripTest {
  @TempDir Path directory;

  @Test
  void everyValueComesBack() {
    Path file = directory.resolve("set.parquet");
    List<Cluster> clusters = DatasetSamples.clusters(500);
    DatasetSamples.write(file, clusters);
    try (DatasetReader reader = DatasetReader.open(file)) {
      ClusterTable table = reader.loadAll();
      assertEquals(500, reader.count());
      assertEquals(500, table.count());
      assertEquals(5000, table.size(3));
      assertEquals(1, table.size(0));
      for (int i = 0; i < clusters.size(); i++) {
        assertSame(clusters.get(i), table.cluster(i));
        float sum = ClusterTable.energySum(clusters.get(i).energy());
        assertEquals(sum, table.energySum(i));
        assertEquals(0, table.source(i));
      }
      assertArrayEquals(table.sizes(), reader.sizes());
      assertEquals(table.hitCount(), reader.statistics().hits());
    }
  }

  @Test
  void metadataComeBack() {
    Path file = directory.resolve("set.parquet");
    SourceInfo frames = DatasetSamples.source("frames.zip!ä.txt", EnergyUnit.TOT, false);
    SourceInfo timed = DatasetSamples.source("b.t3pa", EnergyUnit.TOT, true);
    DatasetStatistics written;
    try (DatasetBuilder builder =
        DatasetBuilder.create(file, "1.2.3", Map.of("window_ns", "200"))) {
      assertEquals(30, builder.add(frames, DatasetSamples.stream(30, 5), Progress.NONE));
      assertEquals(7, builder.add(timed, DatasetSamples.stream(7, 1), Progress.NONE));
      written = builder.finish();
    }
    try (DatasetReader reader = DatasetReader.open(file)) {
      assertEquals(List.of(frames, timed), reader.info().sources());
      assertEquals(
          List.copyOf(timed.metadata().keySet()),
          List.copyOf(reader.info().sources().get(1).metadata().keySet()));
      assertEquals(EnergyUnit.TOT, reader.info().unit());
      assertTrue(reader.info().hasToa());
      assertEquals("1.2.3", reader.info().version());
      assertEquals(Map.of("window_ns", "200"), reader.info().properties());
      assertEquals(written, reader.statistics());
      assertEquals(new DatasetStatistics(37, 157, written.sizes()), written);
      assertEquals("1:7 2-3:0 4-7:30", written.sizes().toString());
      ClusterTable table = reader.loadAll();
      assertEquals(0, table.source(29));
      assertEquals(1, table.source(30));
    }
  }

  /// Read by a Parquet implementation that shares no code with the one that writes.
  @Test
  void independentReaderAgrees() throws IOException {
    Path file = directory.resolve("set.parquet");
    List<Cluster> clusters = DatasetSamples.clusters(300);
    DatasetSamples.write(file, clusters);
    try (ParquetFileReader reader = ParquetFileReader.open(InputFile.of(file));
        RowReader rows = reader.rowReader()) {
      Map<String, String> metadata = reader.getFileMetaData().keyValueMetadata();
      assertEquals("KEV", metadata.get("pixelwake.energy_unit"));
      assertTrue(metadata.get("pixelwake.statistics").startsWith("{\"clusters\":300,\"hits\":"));
      int i = 0;
      while (rows.hasNext()) {
        rows.next();
        Cluster cluster = clusters.get(i++);
        assertEquals(cluster.frame(), rows.getLong("frame"));
        assertEquals(cluster.time(), rows.getDouble("time_ns"));
        assertEquals(cluster.size(), rows.getInt("n_hits"));
        assertEquals(0, rows.getInt("source"));
        List<Number> x = new ArrayList<>();
        List<Number> y = new ArrayList<>();
        for (int hit = 0; hit < cluster.size(); hit++) {
          x.add((int) cluster.x()[hit]);
          y.add((int) cluster.y()[hit]);
        }
        assertEquals(x, numbers(rows.getList("x").values()));
        assertEquals(y, numbers(rows.getList("y").values()));
        assertEquals(boxed(cluster.energy()), rows.getList("energy").floats());
        assertEquals(boxed(cluster.toa()), rows.getList("toa").floats());
      }
      assertEquals(clusters.size(), i);
    }
  }

  @Test
  void batchesFollowEachOtherAndCanBeReadAgain() {
    Path file = directory.resolve("set.parquet");
    int count = 40_000;
    try (DatasetBuilder builder = DatasetBuilder.create(file, "0", Map.of())) {
      builder.add(
          DatasetSamples.source("a", EnergyUnit.KEV, true),
          DatasetSamples.stream(count, 60),
          Progress.NONE);
      builder.finish();
    }
    try (DatasetReader reader = DatasetReader.open(file)) {
      for (int pass = 0; pass < 2; pass++) {
        int batches = 0;
        int row = 0;
        for (ClusterTable batch = reader.nextBatch(); batch != null; batch = reader.nextBatch()) {
          assertSame(DatasetSamples.cluster(row, 60), batch.cluster(0));
          row += batch.count();
          assertSame(DatasetSamples.cluster(row - 1, 60), batch.cluster(batch.count() - 1));
          batches++;
        }
        assertEquals(count, row);
        assertTrue(batches > 1, batches + " batches");
        reader.rewind();
      }
      ClusterTable table = reader.loadAll();
      assertSame(DatasetSamples.cluster(31_234, 60), table.cluster(31_234));
    }
  }

  /// 200 000 clusters of 60 hits, 150 MB as a table, are written and read in a virtual machine with
  /// 96 MB of heap.
  @Test
  void writingAndStreamingNeedConstantMemory() throws IOException, InterruptedException {
    Path log = directory.resolve("log.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-cp",
                System.getProperty("java.class.path"),
                SmallHeap.class.getName(),
                directory.resolve("large.parquet").toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertTrue(process.waitFor(5, TimeUnit.MINUTES));
    String output = Files.readString(log, StandardCharsets.UTF_8);
    assertEquals("200000 clusters 12000000 hits, whole: does not fit", output.strip());
    assertEquals(0, process.exitValue());
  }

  /// The program that runs with little heap.
  static final class SmallHeap {
    private SmallHeap() {}

    public static void main(String[] args) {
      Path file = Path.of(args[0]);
      try (DatasetBuilder builder = DatasetBuilder.create(file, "0", Map.of())) {
        builder.add(
            DatasetSamples.source("a", EnergyUnit.KEV, true),
            DatasetSamples.stream(200_000, 60),
            Progress.NONE);
        builder.finish();
      }
      long clusters = 0;
      long hits = 0;
      String whole = "fits";
      try (DatasetReader reader = DatasetReader.open(file)) {
        for (ClusterTable batch = reader.nextBatch(); batch != null; batch = reader.nextBatch()) {
          clusters += batch.count();
          hits += batch.hitCount();
        }
        reader.loadAll();
      } catch (InputException e) {
        whole = e.getMessage().contains("do not fit in memory") ? "does not fit" : e.getMessage();
      }
      System.out.println(clusters + " clusters " + hits + " hits, whole: " + whole);
    }
  }

  @Test
  void givenUpLeavesWhatWasThere() throws IOException {
    Path file = directory.resolve("set.parquet");
    Files.writeString(file, "older");
    DatasetInfo info = DatasetInfo.of("0", DatasetSamples.source("a", EnergyUnit.KEV, true));
    assertThrows(
        IllegalStateException.class,
        () -> {
          try (DatasetWriter writer = DatasetWriter.create(file, info)) {
            writer.append(DatasetSamples.cluster(0, 5), 0);
            throw new IllegalStateException("the reader of the hits failed");
          }
        });
    assertEquals("older", Files.readString(file));
    assertEquals(List.of(file), files());
    try (DatasetWriter writer = DatasetWriter.create(file, info)) {
      writer.append(DatasetSamples.cluster(0, 5), 0);
      assertEquals("older", Files.readString(file));
      writer.finish();
    }
    assertEquals(List.of(file), files());
    try (DatasetReader reader = DatasetReader.open(file)) {
      assertEquals(1, reader.count());
    }
  }

  @Test
  void interruptedBuildLeavesNothing() throws IOException {
    Path file = directory.resolve("set.parquet");
    try (DatasetBuilder builder = DatasetBuilder.create(file, "0", Map.of())) {
      Thread.currentThread().interrupt();
      assertThrows(
          CancellationException.class,
          () ->
              builder.add(
                  DatasetSamples.source("a", EnergyUnit.KEV, true),
                  DatasetSamples.stream(5000, 1),
                  Progress.NONE));
    }
    assertFalse(Thread.interrupted());
    assertEquals(List.of(), files());
  }

  @Test
  void copiesChosenRows() {
    Path file = directory.resolve("set.parquet");
    Path part = directory.resolve("part.parquet");
    List<Cluster> clusters = DatasetSamples.clusters(100);
    DatasetSamples.write(file, clusters);
    int[] rows = {0, 3, 50, 99};
    try (DatasetReader reader = DatasetReader.open(file)) {
      DatasetBuilder.copyRows(reader, rows, part, Map.of("balanced", "yes"), null, Progress.NONE);
      assertThrows(
          IllegalArgumentException.class,
          () ->
              DatasetBuilder.copyRows(
                  reader, new int[] {3, 3}, part, Map.of(), null, Progress.NONE));
      ClusterTable selected = reader.loadAll().select(rows);
      try (DatasetReader copy = DatasetReader.open(part)) {
        assertEquals(reader.info().withProperties(Map.of("balanced", "yes")), copy.info());
        ClusterTable table = copy.loadAll();
        assertEquals(rows.length, table.count());
        for (int i = 0; i < rows.length; i++) {
          assertSame(clusters.get(rows[i]), table.cluster(i));
          assertSame(clusters.get(rows[i]), selected.cluster(i));
        }
      }
    }
  }

  @Test
  void tableOfClusters() {
    List<Cluster> clusters = DatasetSamples.clusters(20);
    ClusterTable table = ClusterTable.of(clusters, 2);
    for (int i = 0; i < clusters.size(); i++) {
      assertSame(clusters.get(i), table.cluster(i));
      assertEquals(2, table.source(i));
    }
  }

  @Test
  void mistakesOfTheCallerAndOfTheUser() {
    Path file = directory.resolve("set.parquet");
    SourceInfo kev = DatasetSamples.source("a", EnergyUnit.KEV, true);
    SourceInfo tot = DatasetSamples.source("b", EnergyUnit.TOT, true);
    InputException units =
        assertThrows(InputException.class, () -> DatasetInfo.of("0", List.of(kev, tot)));
    assertEquals(
        "b: its energies are in TOT, those before in KEV. Calibrate all files or none, or write two"
            + " data sets.",
        units.getMessage());
    try (DatasetWriter writer = DatasetWriter.create(file, DatasetInfo.of("0", kev))) {
      assertThrows(
          IndexOutOfBoundsException.class, () -> writer.append(DatasetSamples.cluster(0, 1), 1));
      assertThrows(InputException.class, () -> writer.addSource(tot));
    }
    try (DatasetBuilder builder = DatasetBuilder.create(file, "0", Map.of())) {
      builder.add(kev, DatasetSamples.stream(0, 1), Progress.NONE);
      assertThrows(InputException.class, builder::finish);
    }
    assertThrows(
        InputException.class, () -> DatasetWriter.create(directory, DatasetInfo.of("0", kev)));
    assertThrows(
        InputException.class,
        () ->
            DatasetWriter.create(
                directory.resolve("none").resolve("x.parquet"), DatasetInfo.of("0", kev)));
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }

  private static List<Number> numbers(List<Object> values) {
    return values.stream().map(value -> (Number) ((Number) value).intValue()).toList();
  }

  private static List<Float> boxed(float[] values) {
    List<Float> list = new ArrayList<>();
    for (float value : values) {
      list.add(value);
    }
    return list;
  }

  private static void assertSame(Cluster expected, Cluster actual) {
    assertEquals(expected.frame(), actual.frame());
    assertEquals(expected.time(), actual.time());
    assertArrayEquals(expected.x(), actual.x());
    assertArrayEquals(expected.y(), actual.y());
    assertArrayEquals(expected.energy(), actual.energy());
    assertArrayEquals(expected.toa(), actual.toa());
  }
}
