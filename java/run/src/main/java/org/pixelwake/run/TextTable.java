package org.pixelwake.run;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A table of plain text: columns as wide as their widest cell, words to the left, numbers to the
/// right.
public final class TextTable {
  private final int words;
  private final List<String[]> rows = new ArrayList<>();

  /// @param words the number of first columns that are set to the left
  public TextTable(int words, String... header) {
    this.words = words;
    rows.add(header);
  }

  public void add(String... cells) {
    if (cells.length != rows.getFirst().length) {
      throw new IllegalArgumentException(
          cells.length + " cells below " + Arrays.toString(rows.getFirst()));
    }
    rows.add(cells);
  }

  public void print(PrintWriter out) {
    int[] widths = new int[rows.getFirst().length];
    for (String[] row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String space = " ".repeat(widths[i] - row[i].length());
        line.append(i == 0 ? "" : "  ");
        line.append(i < words ? row[i] + space : space + row[i]);
      }
      out.println(line.toString().stripTrailing());
    }
  }
}
