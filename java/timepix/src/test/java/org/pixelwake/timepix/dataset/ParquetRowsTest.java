package org.pixelwake.timepix.dataset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Philox;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.dataset.ParquetTable.Column;
import org.pixelwake.timepix.dataset.ParquetTable.Kind;

class ParquetRowsTest {
  private static final List<Column> COLUMNS =
      List.of(
          new Column("number", Kind.INT),
          new Column("long", Kind.LONG),
          new Column("value", Kind.FLOAT),
          new Column("exact", Kind.DOUBLE),
          new Column("name", Kind.TEXT),
          new Column("list", Kind.FLOATS));

  @TempDir Path temp;

  private static List<@Nullable Object> row(int i) {
    float[] list = new float[i % 40];
    for (int k = 0; k < list.length; k++) {
      list[k] = Philox.uniform((int) Philox.bits(1, i, k));
    }
    return new ArrayList<>(
        Arrays.asList(
            i,
            i % 3 == 0 ? null : 3L * i,
            i % 5 == 0 ? null : i / 7f,
            i / 3.0,
            i % 7 == 0 ? null : "name " + i % 11,
            list.length == 0 ? null : list));
  }

  private Path table(int rows) {
    Path file = temp.resolve("table.parquet");
    try (ParquetTable table = ParquetTable.create(file, "thing", COLUMNS)) {
      IntStream.range(0, rows).forEach(i -> table.append(row(i)));
      table.finish();
    }
    return file;
  }

  /// Several pages, and rows without a value in every column that can lack one.
  @Test
  void rowsComeBackAsTheyWereWritten() {
    int count = 30_000;
    Path file = table(count);
    int[] read = new int[1];
    long[] shown = new long[1];
    long rows =
        ParquetRows.read(
            file,
            "embed",
            COLUMNS,
            (done, total, unit, note) -> shown[0] = done,
            values -> {
              List<@Nullable Object> wanted = row(read[0]++);
              assertEquals(wanted.subList(0, 5), values.subList(0, 5));
              assertArrayEquals((float[]) wanted.get(5), (float[]) values.get(5));
            });
    assertEquals(count, rows);
    assertEquals(count, read[0]);
    assertEquals(count, shown[0]);
  }

  @Test
  void someColumnsInAnotherOrder() {
    List<Column> some = List.of(COLUMNS.get(4), COLUMNS.get(0));
    List<List<@Nullable Object>> rows = new ArrayList<>();
    ParquetRows.read(table(20), "embed", some, Progress.NONE, rows::add);
    assertEquals(List.of("name 2", 13), rows.get(13));
  }

  @Test
  void wrongTablesAreTold() throws IOException {
    Path file = table(5000);
    wrong(file, new Column("none", Kind.INT), "column none: it is missing");
    wrong(file, new Column("number", Kind.LONG), "column number: it is not INT64 but");
    wrong(file, new Column("value", Kind.FLOATS), "it is not a list of FLOAT");
    wrong(file, new Column("list", Kind.FLOAT), "column list: it is not FLOAT");
    Path other = temp.resolve("other.parquet");
    wrong(other, COLUMNS.getFirst(), "there is no such file");
    Files.writeString(other, "no table at all, only text");
    wrong(other, COLUMNS.getFirst(), "not a Parquet file");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(other, Arrays.copyOf(bytes, bytes.length / 2));
    wrong(other, COLUMNS.getFirst(), "whose end is missing");
    // A page whose checksum no longer fits.
    bytes[200] ^= 1;
    Files.write(other, bytes);
    InputException problem = wrong(other, COLUMNS.getFirst(), "damaged Parquet file");
    assertTrue(problem.getMessage().contains("command embed"), problem::getMessage);
  }

  private static InputException wrong(Path file, Column column, String message) {
    InputException problem =
        assertThrows(
            InputException.class,
            () -> ParquetRows.read(file, "embed", List.of(column), Progress.NONE, row -> {}));
    assertTrue(problem.getMessage().contains(message), problem::getMessage);
    return problem;
  }
}
