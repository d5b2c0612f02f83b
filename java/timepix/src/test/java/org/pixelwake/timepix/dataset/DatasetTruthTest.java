package org.pixelwake.timepix.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hardwood.InputFile;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.Truth;

/// Truths in data sets.
final class DatasetTruthTest {
  private static final Truth PROTON =
      new Truth(2212, 12.5f, 60, -90, 7040.5f, 33, 812.25f, 800, 3_000_000_000L, 2);
  private static final String BASE =
      """
      message schema {
        required int64 frame; required double time_ns; required int32 n_hits;
        required float energy_sum;
        required group x (LIST) { repeated group list { required int32 element; } }
        required group y (LIST) { repeated group list { required int32 element; } }
        required group energy (LIST) { repeated group list { required float element; } }
        required group toa (LIST) { repeated group list { required float element; } }
        required int32 source;
      """;

  @TempDir Path directory;

  /// A measured and a simulated source: every third cluster of the simulated one knows only its
  /// kind.
  private List<Cluster> write(Path file) {
    List<Cluster> written = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      Cluster cluster = DatasetSamples.cluster(i, 1 + i % 7);
      if (i >= 20) {
        cluster = cluster.withTruth(i % 3 == 0 ? Truth.ofParticle(0) : PROTON);
      }
      written.add(cluster);
    }
    try (DatasetBuilder builder = DatasetBuilder.create(file, "0", Map.of())) {
      builder.add(
          DatasetSamples.source("measured", EnergyUnit.KEV, true),
          written.subList(0, 20).iterator(),
          Progress.NONE);
      builder.add(
          DatasetSamples.source("simulated", EnergyUnit.KEV, true),
          written.subList(20, 60).iterator(),
          Progress.NONE);
      builder.finish();
    }
    return written;
  }

  @Test
  void truthsComeBack() {
    Path file = directory.resolve("set.parquet");
    List<Cluster> written = write(file);
    try (DatasetReader reader = DatasetReader.open(file)) {
      assertTrue(reader.hasTruth());
      ClusterTable table = reader.loadAll();
      assertTrue(table.hasTruth());
      for (int i = 0; i < written.size(); i++) {
        assertEquals(written.get(i).truth(), table.truth(i));
        assertEquals(written.get(i).truth(), table.cluster(i).truth());
      }
      ClusterTable again = ClusterTable.of(written, 0);
      ClusterTable some = table.select(new int[] {5, 22, 21});
      for (int i = 0; i < written.size(); i++) {
        assertEquals(written.get(i).truth(), again.truth(i));
      }
      assertNull(some.truth(0));
      assertEquals(PROTON, some.truth(1));
      assertEquals(Truth.ofParticle(0), some.truth(2));
    }
  }

  @Test
  void chosenRowsKeepTheirTruths() {
    Path file = directory.resolve("set.parquet");
    Path part = directory.resolve("part.parquet");
    List<Cluster> written = write(file);
    int[] rows = {0, 19, 20, 21, 59};
    try (DatasetReader reader = DatasetReader.open(file)) {
      DatasetBuilder.copyRows(reader, rows, part, Map.of(), null, Progress.NONE);
    }
    try (DatasetReader reader = DatasetReader.open(part)) {
      ClusterTable table = reader.loadAll();
      for (int i = 0; i < rows.length; i++) {
        assertEquals(written.get(rows[i]).truth(), table.truth(i));
      }
    }
  }

  @Tag("slow")
  @Test
  void measuredClustersHaveNone() {
    Path file = directory.resolve("set.parquet");
    DatasetSamples.write(file, DatasetSamples.clusters(10));
    try (DatasetReader reader = DatasetReader.open(file)) {
      assertFalse(reader.hasTruth());
      assertFalse(reader.loadAll().hasTruth());
      assertNull(reader.loadAll().cluster(3).truth());
    }
  }

  /// Read by a Parquet implementation that shares no code with the one that writes.
  @Test
  void independentReaderAgrees() throws IOException {
    Path file = directory.resolve("set.parquet");
    List<Cluster> written = write(file);
    try (ParquetFileReader reader = ParquetFileReader.open(InputFile.of(file));
        RowReader rows = reader.rowReader()) {
      for (Cluster cluster : written) {
        rows.next();
        Truth truth = cluster.truth();
        assertEquals(truth == null, rows.isNull("particle"));
        boolean known = truth != null && truth.particle() != 0;
        assertEquals(truth == null, rows.isNull("n_particles"));
        for (String column :
            List.of(
                "particle_number",
                "primary_energy_mev",
                "theta_deg",
                "phi_deg",
                "entry_x_um",
                "entry_y_um",
                "deposited_kev",
                "collected_kev")) {
          assertEquals(!known, rows.isNull(column), column);
        }
        if (known) {
          assertEquals(2212, rows.getInt("particle"));
          assertEquals(3_000_000_000L, rows.getLong("particle_number"));
          assertEquals(12.5f, rows.getFloat("primary_energy_mev"));
          assertEquals(60f, rows.getFloat("theta_deg"));
          assertEquals(-90f, rows.getFloat("phi_deg"));
          assertEquals(7040.5f, rows.getFloat("entry_x_um"));
          assertEquals(33f, rows.getFloat("entry_y_um"));
          assertEquals(812.25f, rows.getFloat("deposited_kev"));
          assertEquals(800f, rows.getFloat("collected_kev"));
          assertEquals(2, rows.getInt("n_particles"));
        }
      }
      assertFalse(rows.hasNext());
    }
  }

  @Tag("slow")
  @Test
  void filesOfOtherProgramsCanLackColumns() throws IOException {
    Path none = foreign("none", "", group -> {});
    try (DatasetReader reader = DatasetReader.open(none)) {
      assertFalse(reader.hasTruth());
      assertNull(reader.loadAll().truth(0));
    }
    Path kind = foreign("kind", "optional int32 particle;", group -> group.add("particle", 11));
    try (DatasetReader reader = DatasetReader.open(kind)) {
      assertTrue(reader.hasTruth());
      assertEquals(Truth.ofParticle(11), reader.loadAll().truth(0));
    }
    Path counted =
        foreign(
            "count",
            "optional int32 particle; optional int32 n_particles;",
            group -> group.append("particle", 11).append("n_particles", 0));
    try (DatasetReader reader = DatasetReader.open(counted)) {
      InputException wrong = assertThrows(InputException.class, reader::loadAll);
      assertTrue(wrong.getMessage().contains("n_particles is 0"), wrong.getMessage());
    }
    Path type = foreign("type", "optional double theta_deg;", group -> group.add("theta_deg", 1.0));
    InputException problem = assertThrows(InputException.class, () -> DatasetReader.open(type));
    assertTrue(
        problem.getMessage().contains("column theta_deg: it is not FLOAT"), problem::getMessage);
    Path number =
        foreign(
            "number",
            "optional int32 particle; optional int64 particle_number;",
            group -> group.append("particle", 11).add("particle_number", -7L));
    try (DatasetReader reader = DatasetReader.open(number)) {
      problem = assertThrows(InputException.class, reader::loadAll);
      assertTrue(
          problem.getMessage().contains("row 0: particle_number is -7"), problem::getMessage);
    }
  }

  /// A data set of one cluster of one hit, with further columns.
  private Path foreign(String name, String columns, Consumer<Group> values) throws IOException {
    Path template = directory.resolve(name + "-template.parquet");
    DatasetSamples.write(template, List.of(DatasetSamples.cluster(0, 1)));
    Map<String, String> metadata;
    try (ParquetFileReader reader = ParquetFileReader.open(InputFile.of(template))) {
      metadata = reader.getFileMetaData().keyValueMetadata();
    }
    Path file = directory.resolve(name + ".parquet");
    MessageType schema = MessageTypeParser.parseMessageType(BASE + columns + "}");
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(file))
            .withConf(new PlainParquetConfiguration())
            .withType(schema)
            .withExtraMetaData(metadata)
            .build()) {
      Group group = new SimpleGroup(schema);
      group.append("frame", 0L).append("time_ns", 0.0).append("n_hits", 1);
      group.append("energy_sum", 1f).append("source", 0);
      for (String list : List.of("x", "y")) {
        group.addGroup(list).addGroup("list").add("element", 1);
      }
      for (String list : List.of("energy", "toa")) {
        group.addGroup(list).addGroup("list").add("element", 1f);
      }
      values.accept(group);
      writer.write(group);
    }
    return file;
  }
}
