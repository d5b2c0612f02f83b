package org.pixelwake.report.page;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A table of numbers: a row of headings, then rows that each begin with a heading.
public final class Table {
  /// Rows that a table in a page has at most.
  public static final int MOST_ROWS = 30;

  private final List<String> names;
  private String caption = "";
  private final List<List<String>> rows = new ArrayList<>();

  /// @param names headings of the columns
  public Table(List<String> names) {
    this.names = List.copyOf(names);
  }

  /// @param first heading of the first column
  /// @param others headings of the other columns
  public Table(String first, List<String> others) {
    this.names = new ArrayList<>(List.of(first));
    this.names.addAll(others);
  }

  /// One sentence above the table.
  public Table caption(String text) {
    caption = text;
    return this;
  }

  /// Adds a row.
  public Table row(String heading, List<String> cells) {
    List<String> row = new ArrayList<>(List.of(heading));
    row.addAll(cells);
    rows.add(row);
    return this;
  }

  /// Adds a row.
  public Table row(String heading, String... cells) {
    return row(heading, Arrays.asList(cells));
  }

  /// Writes the table into a region of its own, which scrolls where it is too wide.
  ///
  /// @param label what a screen reader says of it
  public void render(Html html, String label) {
    html.scroll(label).open("table");
    if (!caption.isEmpty()) {
      html.element("caption", caption);
    }
    html.headings(names).open("tbody");
    for (List<String> row : rows) {
      html.open("tr").element("th", row.getFirst(), "scope", "row");
      row.stream().skip(1).forEach(cell -> html.element("td", cell, "class", "number"));
      html.close("tr");
    }
    html.close("tbody").close("table").close("div");
  }

  /// Indices of at most 30 of `count` rows, evenly spaced, the first and the last among them.
  public static int[] thinned(int count) {
    int[] rows = new int[Math.min(count, MOST_ROWS)];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = rows.length == 1 ? 0 : (int) ((long) i * (count - 1) / (rows.length - 1));
    }
    return rows;
  }
}
