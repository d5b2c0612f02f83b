package org.pixelwake.run.data;

import static java.util.stream.Collectors.joining;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.pixelwake.base.InputException;
import org.pixelwake.run.TextTable;
import org.pixelwake.timepix.dataset.DatasetReader;
import org.pixelwake.timepix.dataset.Shards;

/// SQL on a data set of clusters, by DuckDB, which reads the columns that a query names from the
/// Parquet file itself.
///
/// The table is `clusters`. Beside the columns of the file it has `energy` (of the whole cluster;
/// those of its hits are `hit_energy`), `size` and `time`.
public final class ClusterSql implements AutoCloseable {
  private static final String URL = "jdbc:duckdb:";

  /// What is wrong with a query, in a message that begins with what became of it.
  private static final Pattern CAUSE =
      Pattern.compile(
          "(Binder|Catalog|Conversion|Parser|IO|Invalid Input) Error: (?!Attempting).*");

  private static final String NAMES =
      "Columns are size, energy, time, frame, source, and particle, primary_energy_mev, theta_deg,"
          + " phi_deg where they are known";

  private final Connection connection;

  private ClusterSql(Connection connection) {
    this.connection = connection;
  }

  /// @throws InputException where DuckDB is missing, or the file is no Parquet file
  public static ClusterSql open(Path file) {
    Connection connection;
    try {
      connection = DriverManager.getConnection(URL);
    } catch (SQLException e) {
      throw new InputException(
          "SQL",
          "it needs DuckDB, which is not in this installation",
          "Put the jar of org.duckdb:duckdb_jdbc from Maven Central into its folder of jars",
          e);
    }
    ClusterSql sql = new ClusterSql(connection);
    try {
      sql.define(file);
      return sql;
    } catch (InputException e) {
      sql.close();
      throw e;
    }
  }

  private void define(Path file) {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE VIEW clusters AS SELECT * EXCLUDE (energy), energy AS hit_energy,"
              + " energy_sum AS energy, n_hits AS size, time_ns AS time FROM "
              + (Shards.isSharded(file) ? several(file) : rows(file)));
    } catch (SQLException e) {
      throw wrong(file.toString(), e, "Give a data set of clusters");
    }
  }

  private static String rows(Path file) {
    return "read_parquet(" + quoted(file) + ", file_row_number = true)";
  }

  /// Rows of several files, with the numbers that rows and sources have in the data set.
  private static String several(Path path) {
    List<DatasetReader.Part> parts;
    try (DatasetReader reader = DatasetReader.open(path)) {
      parts = reader.parts();
    }
    String files = parts.stream().map(part -> quoted(part.file())).collect(joining(", "));
    String numbers =
        parts.stream()
            .map(part ->
                "(%s, %s::BIGINT, %s::INTEGER[])"
                    .formatted(quoted(part.file()), part.firstRow(), part.sources()))
            .collect(joining(", "));
    return """
    (SELECT f.* EXCLUDE (filename) REPLACE (p.first + f.file_row_number AS file_row_number,
      p.sources[f.source + 1] AS source)
    FROM read_parquet([%s], file_row_number = true, filename = true, union_by_name = true) f
    JOIN (VALUES %s) p(name, first, sources) ON f.filename = p.name)\
    """
        .formatted(files, numbers);
  }

  private static String quoted(Path file) {
    return "'" + file.toAbsolutePath().toString().replace("'", "''") + "'";
  }

  /// Numbers of the rows for which an expression holds, ascending.
  ///
  /// @throws InputException where the expression is wrong
  public int[] rows(String expression) {
    IntStream.Builder rows = IntStream.builder();
    // In lines of its own, so that a comment in it ends there.
    String query = "SELECT file_row_number FROM clusters WHERE (\n" + expression + "\n) ORDER BY 1";
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      while (result.next()) {
        rows.add(Math.toIntExact(result.getLong(1)));
      }
      return rows.build().toArray();
    } catch (SQLException e) {
      throw wrong("--where", e, NAMES);
    }
  }

  /// The answer to a query as a table of text.
  ///
  /// @throws InputException where the query is wrong
  public TextTable ask(String query) {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      int columns = result.getMetaData().getColumnCount();
      String[] header = new String[columns];
      for (int c = 0; c < columns; c++) {
        header[c] = result.getMetaData().getColumnLabel(c + 1);
      }
      TextTable table = new TextTable(0, header);
      while (result.next()) {
        String[] cells = new String[columns];
        for (int c = 0; c < columns; c++) {
          Object value = result.getObject(c + 1);
          cells[c] = value == null ? "" : value.toString();
        }
        table.add(cells);
      }
      return table;
    } catch (SQLException e) {
      throw wrong("query", e, NAMES);
    }
  }

  private static InputException wrong(String what, SQLException e, String remedy) {
    String message = String.valueOf(e.getMessage());
    Matcher cause = CAUSE.matcher(message);
    String line = cause.find() ? cause.group() : message.lines().findFirst().orElse("wrong");
    return new InputException(what, line, remedy, e);
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new IllegalStateException("a data base in memory cannot be closed", e);
    }
  }
}
