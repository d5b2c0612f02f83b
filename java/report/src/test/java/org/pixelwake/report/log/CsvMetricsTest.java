package org.pixelwake.report.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.pixelwake.base.InputException;

@Isolated("It changes the locale of the process.")
class CsvMetricsTest {
  private static final List<String> COLUMNS = List.of("loss/train", "loss, held out");

  @TempDir private Path directory;

  private Path file() {
    return directory.resolve("run/metrics.csv");
  }

  @Test
  void writesRowsAtOnceInEveryLocale() throws IOException {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG"));
      try (CsvMetrics metrics = CsvMetrics.create(file(), COLUMNS)) {
        metrics.append(1, 0.1 + 0.2, 1e-7);
        metrics.append(10, List.of(OptionalDouble.of(Double.NaN), OptionalDouble.empty()));
        assertEquals(
            "step,loss/train,\"loss, held out\"\n1,0.30000000000000004,1.0E-7\n10,NaN,\n",
            Files.readString(file()));
      }
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void resumeDropsWhatLiesBeyondTheCheckpoint() throws IOException {
    try (CsvMetrics metrics = CsvMetrics.create(file(), COLUMNS)) {
      metrics.append(1, 1, 1);
      metrics.append(2, 2, 2);
      metrics.append(3, 3, 3);
    }
    Files.writeString(file(), Files.readString(file()) + "4,0.12");
    try (CsvMetrics metrics = CsvMetrics.resume(file(), COLUMNS, 2)) {
      assertThrows(IllegalArgumentException.class, () -> metrics.append(2, 9, 9));
      metrics.append(3, 30, 30);
    }
    assertEquals(
        "step,loss/train,\"loss, held out\"\n1,1.0,1.0\n2,2.0,2.0\n3,30.0,30.0\n",
        Files.readString(file()));
    try (var files = Files.list(file().getParent())) {
      assertEquals(1, files.count(), "no temporary file may stay");
    }
  }

  @Test
  void aRowCutInTheMiddleIsDroppedEvenWhenItsStepIsKept() throws IOException {
    try (CsvMetrics metrics = CsvMetrics.create(file(), COLUMNS)) {
      metrics.append(1, 1, 1);
    }
    Files.writeString(file(), Files.readString(file()) + "2,0.5,0.12");
    CsvMetrics.resume(file(), COLUMNS, 100).close();
    assertEquals("step,loss/train,\"loss, held out\"\n1,1.0,1.0\n", Files.readString(file()));
  }

  @Test
  void resumeWithoutAFileStartsOne() throws IOException {
    CsvMetrics.resume(file(), COLUMNS, 5).close();
    assertEquals("step,loss/train,\"loss, held out\"\n", Files.readString(file()));
  }

  @Test
  void refusesWhatIsNotItsFile() throws IOException {
    CsvMetrics.create(file(), COLUMNS).close();
    assertThrows(InputException.class, () -> CsvMetrics.create(file(), COLUMNS));
    InputException other =
        assertThrows(InputException.class, () -> CsvMetrics.resume(file(), List.of("accuracy"), 1));
    assertEquals("line 1", other.place());
    String good = Files.readString(file());
    Files.writeString(file(), good + "1,2,3\nx,2,3\n");
    assertEquals("line 3", damaged());
    Files.writeString(file(), good + "1,2\n");
    assertEquals("line 2", damaged());
    assertTrue(Files.readString(file()).endsWith("1,2\n"), "a refused file stays as it is");
  }

  private String damaged() {
    return assertThrows(InputException.class, () -> CsvMetrics.resume(file(), COLUMNS, 9)).place();
  }

  @Test
  void refusesRowsThatDoNotFit() throws IOException {
    try (CsvMetrics metrics = CsvMetrics.create(file(), COLUMNS)) {
      assertThrows(IllegalArgumentException.class, () -> metrics.append(1, 1.0));
    }
    assertThrows(
        IllegalArgumentException.class, () -> CsvMetrics.create(file(), List.of("a", "a")));
    assertThrows(IllegalArgumentException.class, () -> CsvMetrics.create(file(), List.of("step")));
  }
}
