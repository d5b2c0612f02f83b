package org.pixelwake.report.page;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.pixelwake.report.plot.Thinning;

@Isolated("It changes the locale of the process.")
class TextsTest {
  @Test
  void numbersReadTheSameInEveryLocale() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      assertEquals("0.9712", Numbers.of(0.97123456));
      assertEquals("−12.35", Numbers.of(-12.3456));
      assertEquals("4.18 × 10⁻⁴", Numbers.of(0.000418));
      assertEquals("1.235 × 10⁶", Numbers.of(1_234_567.0));
      assertEquals("12\u202f350", Numbers.of(12_345.6));
      assertEquals("1000", Numbers.of(1000.0));
      assertEquals("43\u202f281", Numbers.of(43_281L));
      assertEquals("−3", Numbers.of(-3L));
      assertEquals("0", Numbers.of(0.0));
      assertEquals("not a number", Numbers.of(Double.NaN));
      assertEquals("−∞", Numbers.of(Double.NEGATIVE_INFINITY));
      assertEquals("1.15\u00a0GiB", Numbers.bytes(1_234_567_890L));
      assertEquals("512\u00a0B", Numbers.bytes(512));
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void durations() {
    assertEquals("1.5\u00a0s", Numbers.of(Duration.ofMillis(1500)));
    assertEquals("7\u00a0min 58\u00a0s", Numbers.of(Duration.ofSeconds(478)));
    assertEquals("26\u00a0h 03\u00a0min", Numbers.of(Duration.ofMinutes(26 * 60 + 3)));
  }

  @Test
  void htmlIsEscapedAndBalanced() {
    assertEquals(
        "<p title=\"a&quot;b\">&lt;&amp;&#39;&gt;\uFFFD</p>",
        new Html().element("p", "<&'>\u0000", "title", "a\"b").finish());
    assertThrows(IllegalStateException.class, () -> new Html().open("p").finish());
    assertThrows(IllegalStateException.class, () -> new Html().open("p").close("div"));
  }

  @Test
  void thinningKeepsEndsSpikesAndGaps() {
    int n = 100_000;
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] = Math.sin(i * 1e-3);
    }
    values[54_321] = 99;
    values[77_777] = Double.NaN;
    int[] kept = Thinning.keep(n, i -> values[i], 600);
    assertTrue(kept.length <= 1205, "kept " + kept.length);
    assertEquals(0, kept[0]);
    assertEquals(n - 1, kept[kept.length - 1]);
    assertTrue(Arrays.binarySearch(kept, 54_321) >= 0, "spike");
    assertTrue(Arrays.binarySearch(kept, 77_777) >= 0, "gap");
    for (int i = 1; i < kept.length; i++) {
      assertTrue(kept[i] > kept[i - 1]);
    }
  }

  @Test
  void runningMeanIsTrueAtTheEndsAndSkipsGaps() {
    double[] values = {10, 1, Double.NaN, 3, 20};
    assertArrayEquals(
        new double[] {10, 5.5, 34.0 / 4, 11.5, 20}, Thinning.runningMean(values, 2), 1e-12);
  }
}
