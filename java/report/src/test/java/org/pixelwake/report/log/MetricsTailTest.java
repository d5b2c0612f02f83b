package org.pixelwake.report.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.report.section.LiveCurves;

class MetricsTailTest {
  @TempDir private Path directory;
  private Path file = Path.of("");

  @BeforeEach
  void name() {
    file = directory.resolve("metrics.csv");
  }

  private static MetricsTail read(MetricsTail tail) throws Exception {
    tail.update();
    return tail;
  }

  private static List<Long> steps(MetricsTail tail, String column) {
    return Arrays.stream(tail.curve(column).steps()).boxed().toList();
  }

  private static List<Double> values(MetricsTail tail, String column) {
    return Arrays.stream(tail.curve(column).values()).boxed().toList();
  }

  @Test
  void followsARunThatIsWritten() throws Exception {
    MetricsTail tail = new MetricsTail(file);
    assertEquals(List.of(), read(tail).columns(), "no file yet");
    try (CsvMetrics metrics = CsvMetrics.create(file, List.of("loss", "heldout_loss"))) {
      metrics.append(1, List.of(OptionalDouble.of(2.5), OptionalDouble.empty()));
      tail.update();
      assertEquals(List.of("loss", "heldout_loss"), tail.columns());
      assertEquals(List.of(1L), steps(tail, "loss"));
      assertEquals(List.of(), values(tail, "heldout_loss"));
      String state = tail.state();
      tail.update();
      assertEquals(state, tail.state(), "nothing new");
      metrics.append(2, Double.NaN, 0.75);
      tail.update();
      assertNotEquals(state, tail.state());
      assertEquals(List.of(2.5, Double.NaN), values(tail, "loss"));
      assertEquals(List.of(0.75), values(tail, "heldout_loss"));
      assertEquals(2, tail.rows());
    }
  }

  @Test
  void leavesALineThatIsNotEndedForLater() throws Exception {
    Files.writeString(file, "step,loss\n1,0.5\n2,0.2");
    MetricsTail tail = new MetricsTail(file);
    assertEquals(List.of(0.5), values(read(tail), "loss"));
    Files.writeString(file, "5\n", StandardOpenOption.APPEND);
    assertEquals(List.of(0.5, 0.25), values(read(tail), "loss"));
  }

  @Test
  void readsAgainWhatWasReplaced() throws Exception {
    Files.writeString(file, "step,loss\n1,0.5\n2,0.25\n3,0.125\n");
    MetricsTail tail = new MetricsTail(file);
    String before = read(tail).state();
    CsvMetrics.resume(file, List.of("loss"), 1).close();
    assertEquals(List.of(1L), steps(read(tail), "loss"));
    assertNotEquals(before, tail.state());
  }

  @Test
  void countsDamagedLines() throws Exception {
    Files.writeString(file, "step,loss\n1,0.5\nx,1\n3,oops\n4\n5,0.25\n2,0.125\n");
    MetricsTail all = read(new MetricsTail(file));
    assertEquals(List.of(1L, 5L), steps(all, "loss"));
    assertEquals(4, all.damaged());
  }

  @Tag("slow")
  @Test
  void thinsLongCurvesButKeepsTheirSpikes() throws Exception {
    StringBuilder text = new StringBuilder("step,loss\n");
    for (int i = 0; i < 200_000; i++) {
      text.append(i).append(i == 123_456 ? ",99\n" : ",0.5\n");
    }
    Files.writeString(file, text);
    MetricsTail tail = read(new MetricsTail(file));
    assertEquals(200_000, tail.rows());
    String html = new LiveCurves(List.of("run")).html(Map.of("run", tail), tail.state());
    Document page = Jsoup.parse(html);
    JsonNode line = new ObjectMapper().readTree(page.select("script").html()).at("/lines/0");
    assertEquals("training", line.get("name").asText());
    assertTrue(line.get("y").size() < 1300, line.get("y").size() + " points");
    assertTrue(line.get("y").toString().contains("99"));
    assertTrue(html.length() < 150_000, html.length() + " characters in two drawings and values");
    assertEquals("199\u202f999", page.select(".charts").attr("data-step"));
  }
}
