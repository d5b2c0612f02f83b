package org.pixelwake.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The table of cases, `operations.txt`, from which tests and benchmarks derive. Its first lines
/// say how it is written.
public final class CaseTable {
  private static final String FILE = "/operations.txt";

  private CaseTable() {}

  /// A case and what it serves.
  ///
  /// @param line the case itself, as [Spec] reads it
  /// @param tested whether tests compare it with the reference
  /// @param sanitized whether compute-sanitizer runs it on a GPU
  /// @param timedAs the name of the benchmark that times it; empty: none does
  /// @param peers the libraries that are timed beside it
  public record Row(
      String line, boolean tested, boolean sanitized, String timedAs, List<String> peers) {
    private static Row parse(String text) {
      String[] parts = text.split("\\|", 2);
      boolean tested = true;
      boolean sanitized = false;
      String timedAs = "";
      List<String> peers = List.of();
      for (String mark : parts.length == 1 ? new String[0] : parts[1].strip().split(", ")) {
        if (mark.equals("sanitized")) {
          sanitized = true;
        } else if (mark.equals("not tested")) {
          tested = false;
        } else if (mark.startsWith("timed as ")) {
          timedAs = mark.substring("timed as ".length());
        } else if (mark.startsWith("beside ")) {
          peers = List.of(mark.substring("beside ".length()).split(" "));
        } else {
          throw new IllegalArgumentException(FILE + " has an unknown mark: `" + mark + "`");
        }
      }
      return new Row(parts[0].strip(), tested, sanitized, timedAs, peers);
    }
  }

  /// All rows in their order.
  public static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (String line : text().split("\n")) {
      if (!line.isBlank() && !line.startsWith("#")) {
        rows.add(Row.parse(line));
      }
    }
    return List.copyOf(rows);
  }

  /// The class of the engine that holds the operations of a family of kernels: `Residual` of
  /// `residual`.
  public static String operations(String family) {
    FamilyReference found = Reference.families().get(family);
    if (found == null) {
      throw new IllegalArgumentException("there is no family `" + family + "`");
    }
    return found.getClass().getSimpleName().substring(Reference.class.getSimpleName().length());
  }

  private static String text() {
    try (InputStream file = CaseTable.class.getResourceAsStream(FILE)) {
      if (file == null) {
        throw new IllegalStateException(FILE + " is not beside the tests");
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
