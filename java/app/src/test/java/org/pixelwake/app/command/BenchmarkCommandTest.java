package org.pixelwake.app.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.app.Cli;
import org.pixelwake.app.terminal.ExitCode;

class BenchmarkCommandTest {
  private static final String TASK = "protons-electrons-real";

  @TempDir Path temp;

  private static JsonNode json(Path file) throws IOException {
    return JsonMapper.builder().build().readTree(Files.readString(file));
  }

  @Test
  void tasksAreListed() {
    Cli tasks = Cli.run("benchmark", "tasks");
    assertEquals(ExitCode.OK, tasks.code(), tasks.err());
    assertTrue(tasks.out().contains("ten-particles: "), tasks.out());
    assertTrue(tasks.out().contains("learn from few-50-1, few-50-2, few-50-3"), tasks.out());
  }

  /// The sets are those of the checksums, or the command would refuse them; a set that was changed
  /// is refused.
  @Test
  void setsAreThoseOfTheBenchmark() throws IOException {
    Path folder = temp.resolve("benchmark");
    Cli data = Cli.run("benchmark", "data", "--tiny", "--task", "few-labels-50", "-o", folder);
    assertEquals(ExitCode.OK, data.code(), data.err());
    JsonNode index = json(folder.resolve("data/tasks.json"));
    JsonNode task = index.at("/tasks/few-labels-50");
    assertEquals(3, task.get("train").size());
    assertEquals("real-test.parquet", task.get("test").asText());
    Path first = folder.resolve("data/few-50-1.parquet");
    assertTrue(Files.exists(first));
    Path test = folder.resolve("data/real-test.parquet");
    Files.delete(test);
    Files.copy(first, test);
    Path predictions = temp.resolve("p.parquet");
    Files.copy(first, predictions);
    Cli refused =
        Cli.run(
            "benchmark", "score", predictions, "--tiny", "--task", "few-labels-50", "-o", folder);
    assertEquals(ExitCode.USER_ERROR, refused.code(), refused.err());
    assertTrue(refused.err().contains("set real-test"), refused.err());
    assertTrue(refused.err().contains("SHA-256"), refused.err());
    Cli other = Cli.run("benchmark", "data", "--task", "few-labels-50", "-o", folder);
    assertEquals(ExitCode.USER_ERROR, other.code(), other.err());
    assertTrue(other.err().contains("at the scale tiny"), other.err());
  }

  @Test
  void wrongNamesAreToldInALine() {
    Path folder = temp.resolve("none");
    for (Object[] wrong :
        new Object[][] {
          {"benchmark"},
          {"benchmark", "run", "--tiny", "--task", "chess", "-o", folder},
          {"benchmark", "run", "--tiny", "--entry", "nobody", "-o", folder},
          {"benchmark", "score", temp.resolve("p"), "--task", "chess", "-o", folder},
          {"benchmark", "score", temp.resolve("p"), "--task", TASK, "--entry", "a/b", "-o", folder},
          {
            "benchmark",
            "score",
            temp.resolve("p"),
            "--task",
            TASK,
            "--entry",
            "trees",
            "-o",
            folder
          }
        }) {
      Cli refused = Cli.run(wrong);
      assertEquals(ExitCode.USER_ERROR, refused.code(), refused.err());
      assertFalse(refused.err().contains("\tat "), refused.err());
    }
    assertFalse(Files.exists(folder));
  }

  @Tag("slow")
  @Test
  void entriesRunAndAreScoredAlike() throws IOException {
    Path folder = temp.resolve("benchmark");
    Object[] run = {
      "benchmark", "run", "--tiny", "--task", TASK, "--entry", "trees,hits-s", "-o", folder
    };
    Cli first = Cli.run(run);
    assertEquals(ExitCode.OK, first.code(), first.err());
    assertTrue(first.out().contains("controls: 2 of 2 give what chance gives"), first.out());
    byte[] scores = Files.readAllBytes(folder.resolve("scores.json"));
    Path predictions = folder.resolve("predictions/hits-s/" + TASK + ".parquet");
    Cli scored =
        Cli.run(
            "benchmark",
            "score",
            predictions,
            "--tiny",
            "--task",
            TASK,
            "--entry",
            "mine",
            "--json",
            "-o",
            folder);
    assertEquals(ExitCode.OK, scored.code(), scored.err());
    // What is done is not done again; the other's scores stand beside ours, and are the same.
    Cli again = Cli.run(run);
    assertEquals(ExitCode.OK, again.code(), again.err());
    String all = Files.readString(folder.resolve("scores.json"));
    JsonNode own = json(folder.resolve("results/hits-s/" + TASK + ".json"));
    JsonNode mine = json(folder.resolve("results/mine/" + TASK + ".json"));
    assertEquals(own.get("figures"), mine.get("figures"));
    assertTrue(all.contains("mine"), all);
    assertTrue(Files.readString(folder.resolve("report.html")).contains("mine"));
    // The same bits from the start.
    Path other = temp.resolve("other");
    run[run.length - 1] = other;
    assertEquals(ExitCode.OK, Cli.run(run).code());
    assertArrayEquals(scores, Files.readAllBytes(other.resolve("scores.json")));
  }
}
