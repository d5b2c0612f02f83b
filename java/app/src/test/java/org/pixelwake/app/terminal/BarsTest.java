package org.pixelwake.app.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.pixelwake.run.Texts;
import org.pixelwake.timepix.clustering.LogHistogram;

final class BarsTest {
  @Test
  void bytesAndTimes() {
    assertEquals("0 B", Texts.bytes(0));
    assertEquals("999 B", Texts.bytes(999));
    assertEquals("1.00 kB", Texts.bytes(1000));
    assertEquals("1.00 MB", Texts.bytes(999_990));
    assertEquals("12.3 GB", Texts.bytes(12_340_000_000L));
    assertEquals("25.0 ns", Texts.nanoseconds(25));
    assertEquals("1.50 s", Texts.nanoseconds(1.5e9));
    assertEquals("1 min 30 s", Texts.nanoseconds(90e9));
    assertEquals("2 h 03 min", Texts.nanoseconds(7380e9));
    assertEquals("0:07", Texts.clock(7.2));
    assertEquals("1:02:03", Texts.clock(3723));
    assertEquals("1.00e-05", Texts.digits(1e-5));
    assertEquals("1,234,567", Texts.count(1_234_567));
  }

  @Test
  void barsAreProportionalAndNeverVanish() {
    assertEquals("", Bars.bar(0, 10, true));
    assertEquals("\u258f", Bars.bar(1e-9, 10, true));
    assertEquals("\u2588\u2588\u258c", Bars.bar(0.25, 10, true));
    assertEquals("\u2588".repeat(10), Bars.bar(1, 10, true));
    assertEquals("#", Bars.bar(1e-9, 10, false));
    assertEquals("#####", Bars.bar(0.5, 10, false));
  }

  @Test
  void joinedBinsKeepAllCounts() {
    long[] counts = new long[57];
    for (int i = 7; i < counts.length; i++) {
      counts[i] = i;
    }
    LogHistogram histogram = new LogHistogram(0.1, 10, counts, 5, "keV");
    List<Bars.Row> rows = Bars.spectrum(histogram);
    assertTrue(rows.size() <= 22, rows.toString());
    assertEquals(histogram.total(), rows.stream().mapToLong(Bars.Row::count).sum());
    assertEquals("below 0.1000", rows.getFirst().label());
  }
}
