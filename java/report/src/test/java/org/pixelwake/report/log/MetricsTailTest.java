package org.pixelwake.report.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsTailTest {
  @TempDir private Path directory;
  private Path file = Path.of("");

  @BeforeEach
  void name() {
    file = directory.resolve("metrics.csv");
  }

  private static JsonNode json(MetricsTail tail) throws Exception {
    tail.update();
    return new ObjectMapper().readTree(tail.json());
  }

  @Test
  void followsARunThatIsWritten() throws Exception {
    MetricsTail tail = new MetricsTail(file);
    assertEquals(0, json(tail).get("columns").size(), "no file yet");
    try (CsvMetrics metrics = CsvMetrics.create(file, List.of("loss", "heldout_loss"))) {
      metrics.append(1, List.of(OptionalDouble.of(2.5), OptionalDouble.empty()));
      JsonNode first = json(tail);
      assertEquals("[1]", first.get("columns").get(0).get("steps").toString());
      assertEquals("[]", first.get("columns").get(1).get("values").toString());
      String state = tail.state();
      tail.update();
      assertEquals(state, tail.state(), "nothing new");
      metrics.append(2, Double.NaN, 0.75);
      JsonNode second = json(tail);
      assertNotEquals(state, tail.state());
      assertEquals("[2.5,null]", second.get("columns").get(0).get("values").toString());
      assertEquals("[0.75]", second.get("columns").get(1).get("values").toString());
      assertEquals(2, second.get("rows").asInt());
    }
  }

  @Test
  void leavesALineThatIsNotEndedForLater() throws Exception {
    Files.writeString(file, "step,loss\n1,0.5\n2,0.2");
    MetricsTail tail = new MetricsTail(file);
    assertEquals("[0.5]", json(tail).get("columns").get(0).get("values").toString());
    Files.writeString(file, "5\n", StandardOpenOption.APPEND);
    assertEquals("[0.5,0.25]", json(tail).get("columns").get(0).get("values").toString());
  }

  @Test
  void readsAgainWhatWasReplaced() throws Exception {
    Files.writeString(file, "step,loss\n1,0.5\n2,0.25\n3,0.125\n");
    MetricsTail tail = new MetricsTail(file);
    String before = json(tail).get("state").asText();
    CsvMetrics.resume(file, List.of("loss"), 1).close();
    JsonNode after = json(tail);
    assertEquals("[1]", after.get("columns").get(0).get("steps").toString());
    assertNotEquals(before, after.get("state").asText());
  }

  @Test
  void countsDamagedLines() throws Exception {
    Files.writeString(file, "step,loss\n1,0.5\nx,1\n3,oops\n4\n5,0.25\n");
    JsonNode all = json(new MetricsTail(file));
    assertEquals("[1,5]", all.get("columns").get(0).get("steps").toString());
    assertEquals(3, all.get("damaged").asInt());
  }

  @Test
  void thinsLongCurvesButKeepsTheirSpikes() throws Exception {
    StringBuilder text = new StringBuilder("step,loss\n");
    for (int i = 0; i < 200_000; i++) {
      text.append(i).append(i == 123_456 ? ",99\n" : ",0.5\n");
    }
    Files.writeString(file, text);
    MetricsTail tail = new MetricsTail(file);
    JsonNode all = json(tail);
    JsonNode values = all.get("columns").get(0).get("values");
    assertTrue(values.size() < 1300, values.size() + " points");
    assertTrue(values.toString().contains("99"));
    assertEquals(200_000, all.get("rows").asInt());
  }
}
