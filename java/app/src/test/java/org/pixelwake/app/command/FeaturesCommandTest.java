package org.pixelwake.app.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.app.Cli;
import org.pixelwake.app.terminal.ExitCode;

class FeaturesCommandTest {
  @TempDir Path temp;

  private static List<List<String>> rows(Path table) throws IOException {
    return Files.readAllLines(table).stream()
        .map(line -> Arrays.asList(line.split(",", -1)))
        .toList();
  }

  private static double number(List<List<String>> rows, int row, String column) {
    return Double.parseDouble(rows.get(row).get(rows.getFirst().indexOf(column)));
  }

  @Test
  void ofDetectorDataAndOfTheDataSetMadeOfThem() throws IOException {
    Path raw = temp.resolve("hits.txt");
    // Matrix index, ToA, FToA, ToT: a diagonal of four pixels, and a single one much later.
    Files.writeString(
        raw, "1285 100 0 20\n1542 100 0 20\n1799 100 1 20\n2056 101 0 20\n30000 900000 0 7\n");
    Path table = temp.resolve("raw.csv");
    Cli result = Cli.run("features", raw.toString(), "-o", table.toString());
    assertEquals(ExitCode.OK, result.code(), result.err());
    List<List<String>> rows = rows(table);
    assertEquals(3, rows.size());
    assertEquals(4, number(rows, 1, "size"));
    assertEquals(80, number(rows, 1, "energy"));
    assertEquals(45, number(rows, 1, "azimuth_deg"), 1e-4);
    assertEquals(3 * Math.sqrt(2), number(rows, 1, "length_px"), 1e-5);
    assertEquals("straight_track", rows.get(1).get(rows.getFirst().indexOf("shape")));
    assertEquals("dot", rows.get(2).get(rows.getFirst().indexOf("shape")));
    assertEquals("", rows.get(1).get(rows.getFirst().indexOf("particle")));

    Path dataset = temp.resolve("hits.parquet");
    assertEquals(ExitCode.OK, Cli.run("dataset", raw.toString(), "-o", dataset.toString()).code());
    Path again = temp.resolve("dataset.csv");
    assertEquals(
        ExitCode.OK, Cli.run("features", dataset.toString(), "-o", again.toString()).code());
    assertEquals(Files.readString(table), Files.readString(again));
  }

  @Test
  void theTruthOfSimulatedClustersIsInTheTable() throws IOException {
    Path dataset = temp.resolve("s.parquet");
    assertEquals(
        ExitCode.OK,
        Cli.run("simulate", "--preset", "muons", "--particles", "20", "-o", dataset.toString())
            .code());
    Path table = temp.resolve("s.csv");
    assertEquals(
        ExitCode.OK, Cli.run("features", dataset.toString(), "-o", table.toString()).code());
    List<List<String>> rows = rows(table);
    assertTrue(rows.size() > 10);
    assertEquals(13, Math.abs(number(rows, 1, "particle")));
    assertTrue(number(rows, 1, "primary_energy_mev") > 0);
  }

  /// The same rows in both formats: DuckDB, which reads Parquet by code of its own, gives the CSV's
  /// numbers.
  @Test
  void parquetHoldsWhatCsvHolds() throws IOException, SQLException {
    Path dataset = temp.resolve("s.parquet");
    Path csv = temp.resolve("t.csv");
    Path parquet = temp.resolve("t.parquet");
    Cli.run("simulate", "--preset", "muons", "--particles", "20", "-o", dataset);
    assertEquals(ExitCode.OK, Cli.run("features", dataset, "-o", csv).code());
    Cli result = Cli.run("features", dataset, "-o", parquet);
    assertEquals(ExitCode.OK, result.code(), result.err());
    List<List<String>> rows = rows(csv);
    List<String> names = rows.getFirst();
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery("select * from '" + parquet + "'")) {
      assertEquals(names.size(), found.getMetaData().getColumnCount());
      int row = 1;
      for (; found.next(); row++) {
        for (int c = 0; c < names.size(); c++) {
          assertEquals(names.get(c), found.getMetaData().getColumnName(c + 1));
          Object value = found.getObject(c + 1);
          assertEquals(rows.get(row).get(c), Objects.toString(value, ""), names.get(c));
        }
      }
      assertEquals(rows.size(), row);
    }
    assertTrue(
        names.containsAll(List.of("unit", "particle_number", "entry_x_um", "density_per_px")));
  }

  @Test
  void aTableOfNoKnownFormatIsRefused() throws IOException {
    Cli result = Cli.run("features", temp.resolve("in.txt"), "-o", temp.resolve("t.xlsx"));
    assertEquals(ExitCode.USER_ERROR, result.code());
    assertTrue(result.err().contains(".parquet or a .csv"), result.err());
  }

  @Test
  void nothingIsLeftOfATableThatFails() throws IOException {
    Path broken = temp.resolve("broken.txt");
    Files.writeString(broken, "no detector wrote this\n");
    Path table = temp.resolve("t.csv");
    Cli result = Cli.run("features", broken.toString(), "-o", table.toString());
    assertEquals(ExitCode.USER_ERROR, result.code());
    assertTrue(result.err().contains("broken.txt"), result.err());
    assertFalse(Files.exists(table));
    try (var files = Files.list(temp)) {
      assertEquals(1, files.count());
    }
    assertEquals(
        ExitCode.USER_ERROR,
        Cli.run("features", broken.toString(), "-o", table.toString(), "--thickness-um", "-3")
            .code());
  }
}
