package org.pixelwake.validation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A published table: comma-separated values below comment lines, of which the one that begins with
/// `# Source:` says where it is from.
///
/// @param source where it is from
public record ReferenceTable(
    String name, String source, List<String> columns, List<String[]> rows) {
  private static final String SOURCE = "# Source:";

  /// Reads a table of this package.
  ///
  /// @param name its name, such as `pstar-silicon`
  public static ReferenceTable of(String name) {
    String file = name + ".csv";
    try (InputStream in = ReferenceTable.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalArgumentException("no reference table is named " + name);
      }
      return parse(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(file, e);
    }
  }

  static ReferenceTable parse(String name, String text) {
    String source = "";
    List<String> columns = List.of();
    List<String[]> rows = new ArrayList<>();
    for (String line : text.lines().toList()) {
      if (line.startsWith(SOURCE)) {
        source = line.substring(SOURCE.length()).strip();
      } else if (!line.startsWith("#") && columns.isEmpty()) {
        columns = List.of(line.split(","));
      } else if (!line.startsWith("#")) {
        rows.add(line.split(",", -1));
      }
    }
    for (String[] row : rows) {
      if (row.length != columns.size()) {
        throw new IllegalArgumentException(name + " has a row of another length");
      }
    }
    if (source.isEmpty() || rows.isEmpty()) {
      throw new IllegalArgumentException(name + " has a source and rows");
    }
    return new ReferenceTable(name, source, columns, rows);
  }

  /// The numbers of a column, row by row.
  public double[] column(String column) {
    return rows.stream().mapToDouble(row -> Double.parseDouble(row[index(column)])).toArray();
  }

  /// The text of a column, row by row.
  public List<String> texts(String column) {
    return rows.stream().map(row -> row[index(column)]).toList();
  }

  private int index(String column) {
    int at = columns.indexOf(column);
    if (at < 0) {
      throw new IllegalArgumentException(name + " has no column " + column);
    }
    return at;
  }
}
