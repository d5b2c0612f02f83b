package org.pixelwake.app.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ProgressLineTest {
  private static final long SECOND = 1_000_000_000L;

  private final StringWriter err = new StringWriter();
  private long now = 5;

  private ProgressLine plain() {
    return new ProgressLine(Console.of(new StringWriter(), err), "training", () -> now);
  }

  private ProgressLine drawn(int columns) {
    Console console = Console.terminal(new StringWriter(), err, columns);
    return new ProgressLine(console, "training", () -> now);
  }

  @Test
  void plainLinesAreRareAndTellRateTimeLeftAndNote() {
    try (ProgressLine line = plain()) {
      for (int second = 0; second <= 100; second++) {
        line.update(second * 10L, 1000, "clusters", "loss 0.5");
        now += SECOND;
      }
    }
    List<String> lines = err.toString().lines().toList();
    assertTrue(lines.size() >= 8 && lines.size() <= 21, lines.toString());
    assertFalse(err.toString().contains("\r"), err.toString());
    assertFalse(err.toString().contains("\u001b"), err.toString());
    assertEquals(
        "training   5 %  50 of 1,000 clusters  10.0 clusters/s  1:35 left  loss 0.5",
        lines.getFirst());
  }

  @Test
  void plainLinesGetRarerInLongWork() {
    try (ProgressLine line = plain()) {
      for (int minute = 0; minute < 600; minute++) {
        line.update(minute, -1, "steps", "");
        now += 60 * SECOND / 4;
      }
    }
    // 150 minutes: at most one a minute once they have come to that.
    assertTrue(err.toString().lines().count() < 170, err.toString());
    assertFalse(err.toString().contains("left"), "time left without a total");
  }

  @Test
  void workThatIsOverAtOnceShowsNothing() {
    try (ProgressLine line = drawn(80)) {
      for (int i = 0; i < 100; i++) {
        line.update(i, 100, "bytes", "");
        now += SECOND / 1000;
      }
    }
    assertEquals("", err.toString());
  }

  @Test
  void onATerminalOneLineIsDrawnAnewAndRemoved() {
    try (ProgressLine line = drawn(60)) {
      for (int i = 0; i < 30; i++) {
        line.update(i * 100_000L, 10_000_000, "bytes", "a note that is much too long for it all");
        now += SECOND / 2;
      }
    }
    assertFalse(err.toString().contains("\n"), "the line was left");
    assertTrue(err.toString().endsWith("\r\u001b[K"), "the line was not removed");
    String[] draws = err.toString().split("\r");
    for (String draw : draws) {
      assertTrue(draw.replace("\u001b[K", "").length() < 60, draw);
    }
    assertTrue(draws[draws.length - 2].contains("2.90 MB of 10.0 MB"), draws[draws.length - 2]);
  }

  @Test
  void rateFollowsTheLastSeconds() {
    ProgressLine line = plain();
    for (int second = 0; second < 60; second++) {
      line.update(second * 1000L, 100_000, "hits", "");
      now += SECOND;
    }
    err.getBuffer().setLength(0);
    for (int second = 0; second < 30; second++) {
      line.update(60_000 + second * 10L, 100_000, "hits", "");
      now += SECOND;
    }
    String last = err.toString().lines().toList().getLast();
    assertTrue(last.contains("  10.0 hits/s"), last);
  }

  @Test
  void otherOutputRemovesTheLine() {
    StringWriter out = new StringWriter();
    Console console = Console.terminal(out, err, 80);
    ProgressLine line = new ProgressLine(console, "x", () -> now);
    line.update(1, 10, "steps", "");
    now += SECOND;
    line.update(2, 10, "steps", "");
    assertFalse(err.toString().endsWith("\r\u001b[K"));
    console.out().println("a result");
    assertTrue(err.toString().endsWith("\r\u001b[K"), err.toString());
    now += SECOND;
    line.update(3, 10, "steps", "");
    console.notice("a notice");
    assertTrue(err.toString().endsWith("\r\u001b[Ka notice\n"), err.toString());
  }
}
