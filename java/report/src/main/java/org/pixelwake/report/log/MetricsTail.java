package org.pixelwake.report.log;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Follows the metrics of a run, as [CsvMetrics] writes them, while they are written: each
/// [#update] reads only what has been appended. Where the file was replaced, as a resumed run does,
/// all of it is read again. Not for several threads at once.
public final class MetricsTail {
  private static final int CHUNK = 1 << 20;

  private final Path file;
  private @Nullable Object key;
  private long offset;
  private int generation;
  private long changed;
  private long rows;
  private long lastStep;
  private long damaged;
  private List<Column> columns = List.of();

  /// @param file need not exist yet
  public MetricsTail(Path file) {
    this.file = file;
  }

  /// Values of a column that were measured.
  private static final class Column {
    private final String name;
    private long[] steps = new long[64];
    private double[] values = new double[64];
    private int size;

    private Column(String name) {
      this.name = name;
    }

    private void add(long step, double value) {
      if (size == steps.length) {
        steps = Arrays.copyOf(steps, 2 * size);
        values = Arrays.copyOf(values, 2 * size);
      }
      steps[size] = step;
      values[size++] = value;
    }
  }

  /// Reads what is new. A last line that is not ended yet is left for the next time; a line that
  /// does not fit the columns, or whose step is not larger than that before, is counted and left
  /// out.
  public void update() throws IOException {
    BasicFileAttributes attributes;
    try {
      attributes = Files.readAttributes(file, BasicFileAttributes.class);
    } catch (NoSuchFileException e) {
      if (offset > 0) {
        restart(null);
      }
      return;
    }
    if (attributes.size() < offset || offset > 0 && !Objects.equals(key, attributes.fileKey())) {
      restart(attributes.fileKey());
    }
    key = attributes.fileKey();
    changed = attributes.lastModifiedTime().toMillis();
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      while (offset < in.length() && read(in)) {
        // the next part
      }
    }
  }

  private void restart(@Nullable Object newKey) {
    key = newKey;
    offset = 0;
    generation++;
    rows = 0;
    damaged = 0;
    columns = List.of();
  }

  /// Takes the whole lines of the next part.
  ///
  /// @return false where there is none
  private boolean read(RandomAccessFile in) throws IOException {
    byte[] bytes = new byte[(int) Math.min(CHUNK, in.length() - offset)];
    in.seek(offset);
    int end = Math.max(0, in.read(bytes));
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    if (end == 0) {
      return false;
    }
    String text = new String(bytes, 0, end, StandardCharsets.UTF_8);
    try {
      CsvMetrics.rows(text).forEach(this::take);
    } catch (CsvParseException e) {
      damaged++;
    }
    offset += end;
    return true;
  }

  private void take(CsvRecord row) {
    if (columns.isEmpty()) {
      columns = row.getFields().stream().skip(1).map(Column::new).toList();
      return;
    }
    try {
      long step = Long.parseLong(row.getField(0));
      double[] values =
          row.getFields().stream()
              .skip(1)
              .mapToDouble(field -> field.isEmpty() ? Double.NaN : Double.parseDouble(field))
              .toArray();
      if (values.length != columns.size() || rows > 0 && step <= lastStep) {
        damaged++;
        return;
      }
      for (int c = 0; c < values.length; c++) {
        if (!row.getField(c + 1).isEmpty()) {
          columns.get(c).add(step, values[c]);
        }
      }
      lastStep = step;
      rows++;
    } catch (NumberFormatException e) {
      damaged++;
    }
  }

  /// What has been read so far, in a word; another word tells that there is something new.
  public String state() {
    return generation + "-" + offset;
  }

  /// Rows read so far.
  public long rows() {
    return rows;
  }

  /// Lines that were left out because they did not fit.
  public long damaged() {
    return damaged;
  }

  /// When the file was last written, milliseconds since 1970; 0 while there is none.
  public long changed() {
    return changed;
  }

  /// Returns the names of the columns, without the step.
  public List<String> columns() {
    return columns.stream().map(column -> column.name).toList();
  }

  /// The values of a column that were measured.
  ///
  /// @param steps at which they were
  /// @param values as many
  public record Curve(long[] steps, double[] values) {}

  /// Returns a column of what has been read so far; without values where there is none of that
  /// name.
  public Curve curve(String name) {
    for (Column column : columns) {
      if (column.name.equals(name)) {
        return new Curve(
            Arrays.copyOf(column.steps, column.size), Arrays.copyOf(column.values, column.size));
      }
    }
    return new Curve(new long[0], new double[0]);
  }
}
