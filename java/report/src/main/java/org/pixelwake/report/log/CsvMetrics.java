package org.pixelwake.report.log;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.pixelwake.base.AtomicFile;
import org.pixelwake.base.InputException;
import org.pixelwake.report.page.Arguments;

/// The metrics of a run as CSV: one header, one row a logged step, the step in the first column.
///
/// UTF-8, comma, line feed, decimal point whatever the locale; numbers round-trip to the last bit;
/// a value that was not measured is an empty field. Every row reaches the operating system before
/// [#append] returns.
public final class CsvMetrics implements AutoCloseable {
  /// Name of the first column.
  public static final String STEP = "step";

  private final CsvWriter writer;
  private final int columns;
  private long lastStep;

  private CsvMetrics(Path file, int columns, long lastStep) throws IOException {
    this.columns = columns;
    this.lastStep = lastStep;
    this.writer =
        CsvWriter.builder()
            .lineDelimiter(LineDelimiter.LF)
            .build(
                Files.newBufferedWriter(file, StandardCharsets.UTF_8, StandardOpenOption.APPEND));
  }

  /// Starts the file of a new run.
  ///
  /// @param file must not exist; its folder is made where it is missing
  /// @param columns names of the values, without the step, all different
  /// @throws InputException if the file exists
  public static CsvMetrics create(Path file, List<String> columns) throws IOException {
    check(columns);
    if (Files.exists(file)) {
      throw new InputException(
          file,
          "the metrics of an earlier run are already there",
          "Resume that run or choose another output directory");
    }
    AtomicFile.write(file, text(List.of(header(columns))));
    return new CsvMetrics(file, columns.size(), Long.MIN_VALUE);
  }

  /// Continues the file of an interrupted run: rows beyond `resumeStep` and a last row cut short
  /// are dropped in one atomic replacement, then rows are appended. A file that is missing is
  /// started anew.
  ///
  /// @param resumeStep last step kept, the one of the checkpoint
  /// @throws InputException if the columns differ or a row is damaged
  public static CsvMetrics resume(Path file, List<String> columns, long resumeStep)
      throws IOException {
    check(columns);
    List<List<String>> kept = new ArrayList<>();
    kept.add(header(columns));
    long last = Long.MIN_VALUE;
    if (Files.exists(file)) {
      List<CsvRecord> records = records(file);
      if (!records.isEmpty() && !records.getFirst().getFields().equals(header(columns))) {
        throw new InputException(
            file.toString(),
            "line 1",
            "the columns are " + records.getFirst().getFields() + ", not " + header(columns),
            "Move the file away or resume with the configuration that wrote it");
      }
      for (CsvRecord row : records.subList(Math.min(1, records.size()), records.size())) {
        long step = step(file, row, columns.size());
        if (step <= resumeStep) {
          kept.add(row.getFields());
          last = step;
        }
      }
    }
    AtomicFile.write(file, text(kept));
    return new CsvMetrics(file, columns.size(), last);
  }

  /// Adds a row.
  ///
  /// @param step larger than that of the row before
  /// @param values one for each column; empty where there is no measurement
  public void append(long step, List<OptionalDouble> values) throws IOException {
    Arguments.check(values.size() == columns, "%d values for %d columns", values.size(), columns);
    Arguments.check(step > lastStep, "step %d does not follow step %d", step, lastStep);
    List<String> fields = new ArrayList<>(columns + 1);
    fields.add(Long.toString(step));
    for (OptionalDouble value : values) {
      fields.add(value.isPresent() ? Double.toString(value.getAsDouble()) : "");
    }
    try {
      writer.writeRecord(fields);
      writer.flush();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    lastStep = step;
  }

  /// Adds a row in which every column has a value.
  public void append(long step, double... values) throws IOException {
    append(step, Arrays.stream(values).mapToObj(OptionalDouble::of).toList());
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }

  private static void check(List<String> columns) {
    if (columns.stream().distinct().count() != columns.size()
        || columns.contains(STEP)
        || columns.stream().anyMatch(c -> c.isBlank() || c.contains("\n") || c.contains("\r"))) {
      throw new IllegalArgumentException("column names must be distinct, not blank: " + columns);
    }
  }

  private static List<String> header(List<String> columns) {
    return Stream.concat(Stream.of(STEP), columns.stream()).toList();
  }

  private static List<CsvRecord> records(Path file) throws IOException {
    String content = Files.readString(file, StandardCharsets.UTF_8);
    // A row without its line feed was cut while it was written; its last number may be too short.
    String whole = content.substring(0, content.lastIndexOf('\n') + 1);
    try {
      return rows(whole);
    } catch (CsvParseException e) {
      throw new InputException(file, "not a CSV file", "Move the file away and resume again", e);
    }
  }

  /// Reads whole lines of metrics, with as many fields as each of them has.
  ///
  /// @throws CsvParseException where they are not CSV
  static List<CsvRecord> rows(String lines) throws IOException {
    try (CsvReader<CsvRecord> reader =
        CsvReader.builder().allowMissingFields(true).allowExtraFields(true).ofCsvRecord(lines)) {
      return reader.stream().toList();
    }
  }

  private static long step(Path file, CsvRecord row, int columns) {
    if (row.getFieldCount() != columns + 1) {
      throw damaged(file, row, row.getFieldCount() + " fields instead of " + (columns + 1));
    }
    try {
      return Long.parseLong(row.getField(0));
    } catch (NumberFormatException e) {
      throw damaged(file, row, "'" + row.getField(0) + "' is not a step");
    }
  }

  private static InputException damaged(Path file, CsvRecord row, String problem) {
    return new InputException(
        file.toString(),
        "line " + row.getStartingLineNumber(),
        problem,
        "Remove the line or move the file away and resume again");
  }

  private static byte[] text(List<List<String>> rows) throws IOException {
    StringWriter text = new StringWriter();
    try (CsvWriter csv = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(text)) {
      rows.forEach(csv::writeRecord);
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
