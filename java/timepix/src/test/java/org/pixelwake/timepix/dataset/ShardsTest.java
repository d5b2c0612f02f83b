package org.pixelwake.timepix.dataset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.Truth;

class ShardsTest {
  @TempDir Path directory;

  private final SourceInfo one = DatasetSamples.source("a.t3pa", EnergyUnit.KEV, true);
  private final SourceInfo two = DatasetSamples.source("b.t3pa", EnergyUnit.KEV, false);

  /// 100 clusters of a source, 60 of another and 40 of the first given again.
  private Path write(String name, Sharding sharding) {
    Path target = directory.resolve(name);
    List<Cluster> clusters =
        DatasetSamples.clusters(200).stream().map(c -> c.withTruth(Truth.ofParticle(11))).toList();
    try (DatasetBuilder builder =
        DatasetBuilder.create(target, "1", Map.of("window_ns", "200")).shard(sharding)) {
      builder.add(one, clusters.subList(0, 100).iterator(), Progress.NONE);
      builder.add(two, DatasetSamples.clusters(60).iterator(), Progress.NONE);
      builder.add(one, clusters.subList(160, 200).iterator(), Progress.NONE);
      DatasetStatistics written = builder.finish();
      assertEquals(200, written.clusters());
    }
    return target;
  }

  private static ClusterTable assertSame(Path expected, Path actual) {
    try (DatasetReader a = DatasetReader.open(expected);
        DatasetReader b = DatasetReader.open(actual)) {
      assertEquals(a.info(), b.info());
      assertEquals(a.statistics(), b.statistics());
      assertEquals(a.hasTruth(), b.hasTruth());
      assertArrayEquals(a.sizes(), b.sizes());
      ClusterTable all = a.loadAll();
      ClusterTable found = b.loadAll();
      int row = 0;
      for (ClusterTable batch = b.nextBatch(); batch != null; batch = b.nextBatch()) {
        for (int i = 0; i < batch.count(); i++, row++) {
          for (ClusterTable table : List.of(batch, found)) {
            int at = table == batch ? i : row;
            assertEquals(all.frame(row), table.frame(at));
            assertEquals(all.time(row), table.time(at));
            assertEquals(all.energySum(row), table.energySum(at));
            assertEquals(all.source(row), table.source(at));
            assertEquals(all.truth(row), table.truth(at));
            assertArrayEquals(all.cluster(row).x(), table.cluster(at).x());
            assertArrayEquals(all.cluster(row).y(), table.cluster(at).y());
            assertArrayEquals(all.cluster(row).energy(), table.cluster(at).energy());
            assertArrayEquals(all.cluster(row).toa(), table.cluster(at).toa());
          }
        }
      }
      assertEquals(all.count(), row);
      return found;
    }
  }

  private List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aFolderIsTheSameAsOneFile() throws IOException {
    Path whole = directory.resolve("whole.parquet");
    Files.move(write("whole", Sharding.ofClusters(1000)).resolve("part-00000.parquet"), whole);
    Path parts = write("parts", Sharding.ofClusters(70));
    assertEquals(
        List.of("_dataset.json", "part-00000.parquet", "part-00001.parquet", "part-00002.parquet"),
        names(parts));
    ClusterTable table = assertSame(whole, parts);
    assertEquals(0, table.source(99));
    assertEquals(1, table.source(100));
    assertEquals(2, table.source(160));
    assertSame(whole, directory.resolve("parts/part-*.parquet"));
    try (DatasetReader reader = DatasetReader.open(parts)) {
      assertEquals(
          List.of(0L, 70L, 140L),
          reader.parts().stream().map(DatasetReader.Part::firstRow).toList());
      // Rows chosen of it go to a folder and to a file alike.
      int[] rows = {3, 69, 70, 71, 150, 199};
      Path some = directory.resolve("some");
      Path same = directory.resolve("some.parquet");
      DatasetBuilder.copyRows(
          reader, rows, some, Map.of(), Sharding.into(4, rows.length), Progress.NONE);
      DatasetBuilder.copyRows(reader, rows, same, Map.of(), null, Progress.NONE);
      assertSame(same, some);
      assertEquals(5, names(some).size());
    }
  }

  @Test
  void filesAreOfNearlyTheSameLength() {
    Path parts = write("parts", Sharding.into(7, 200));
    try (DatasetReader reader = DatasetReader.open(parts)) {
      assertEquals(
          List.of(0L, 29L, 58L, 87L, 116L, 144L, 172L),
          reader.parts().stream().map(DatasetReader.Part::firstRow).toList());
    }
    assertThrows(InputException.class, () -> Sharding.into(7, 6));
  }

  @Test
  void filesOfSeveralDataSetsAreOneWithAllTheirSources() throws IOException {
    Path folder = Files.createDirectory(directory.resolve("spark"));
    int file = 0;
    for (SourceInfo source : List.of(two, one, two)) {
      try (DatasetBuilder builder =
          DatasetBuilder.create(
              folder.resolve("part-0000" + file + ".parquet"),
              "1",
              Map.of("same", "1", "number", "" + file))) {
        builder.add(source, DatasetSamples.clusters(10).iterator(), Progress.NONE);
        builder.finish();
      }
      file++;
    }
    Files.writeString(folder.resolve("_sources.csv"), "");
    try (DatasetReader reader = DatasetReader.open(folder)) {
      assertEquals(List.of(two, one), reader.info().sources());
      assertTrue(reader.info().hasToa());
      assertEquals(Map.of("same", "1"), reader.info().properties());
      ClusterTable table = reader.loadAll();
      assertEquals(List.of(0, 1, 0), List.of(table.source(9), table.source(19), table.source(29)));
    }
    Files.delete(folder.resolve("part-00001.parquet"));
    try (DatasetBuilder builder =
        DatasetBuilder.create(folder.resolve("part-00001.parquet"), "1", Map.of())) {
      builder.add(
          DatasetSamples.source("c", EnergyUnit.TOT, true),
          DatasetSamples.clusters(1).iterator(),
          Progress.NONE);
      builder.finish();
    }
    wrong(folder, "part-00001.parquet: its energies are in TOT");
  }

  private static void wrong(Path path, String... parts) {
    InputException e =
        assertThrows(
            InputException.class,
            () -> {
              try (DatasetReader reader = DatasetReader.open(path)) {
                assertNotNull(reader.loadAll());
              }
            });
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), e.getMessage());
    }
  }

  @Test
  void aFileThatIsMissingExchangedOrDamagedIsNamed() throws IOException {
    Path parts = write("parts", Sharding.ofClusters(70));
    Path middle = parts.resolve("part-00001.parquet");
    byte[] bytes = Files.readAllBytes(middle);
    Files.delete(middle);
    wrong(parts, middle + ": this file of the data set is missing");
    Files.copy(parts.resolve("part-00002.parquet"), middle);
    wrong(parts, middle + ": it has 60 clusters, but 70 by the list");
    Files.write(middle, Arrays.copyOf(bytes, bytes.length / 2));
    wrong(parts, middle.toString(), "whose end is missing");
    byte[] damaged = bytes.clone();
    damaged[200] ^= 0x55;
    Files.write(middle, damaged);
    wrong(parts, middle.toString(), "damaged");
    Path list = parts.resolve(Shards.LIST);
    for (String text : List.of("{", "{}", "{\"files\":[{\"file\":\"../x\",\"clusters\":1}]}")) {
      Files.writeString(list, text);
      wrong(parts, list.toString());
    }
    wrong(Files.createDirectory(directory.resolve("empty")), "no file of a data set");
    wrong(directory.resolve("none-*.parquet"), "no file of a data set");
  }

  @Test
  void theFolderAppearsWhole() throws IOException {
    Path parts = write("parts", Sharding.ofClusters(70));
    DatasetInfo info = DatasetInfo.of("1", one);
    Sharding tens = Sharding.ofClusters(10);
    try (DatasetWriter writer = DatasetWriter.create(parts, info, tens)) {
      for (int i = 0; i < 25; i++) {
        writer.append(DatasetSamples.cluster(i, 3), 0);
      }
      // Given up: the old one stays.
    }
    assertEquals(List.of("parts"), names(directory));
    assertEquals(4, names(parts).size());
    try (DatasetWriter writer = DatasetWriter.create(parts, info, tens)) {
      writer.append(DatasetSamples.cluster(0, 3), 0);
      assertEquals(4, names(parts).size());
      writer.finish();
    }
    assertEquals(List.of("parts"), names(directory));
    assertEquals(List.of("_dataset.json", "part-00000.parquet"), names(parts));
    Files.writeString(parts.resolve("notes.txt"), "mine");
    InputException e =
        assertThrows(InputException.class, () -> DatasetWriter.create(parts, info, tens));
    assertTrue(e.getMessage().contains("holds notes.txt"), e.getMessage());
    Path file = Files.writeString(directory.resolve("file"), "");
    assertThrows(InputException.class, () -> DatasetWriter.create(file, info, tens));
  }
}
