package org.pixelwake.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OperationTableTest {
  private static final int THREADS = 2;

  @BeforeAll
  static void load() throws IOException {
    Libtorch.load(THREADS);
  }

  static Stream<String> oddTasks() {
    return OperationTable.tasks(true).stream().map(OperationTable.Task::key);
  }

  @ParameterizedTest
  @MethodSource("oddTasks")
  void everyContestantComputesTheSame(String key) {
    OperationTable.Task task = OperationTable.task(key);
    Problem problem = task.problem();
    try (Work work = task.open(problem, THREADS)) {
      work.run();
      Agreement.require(key, work.results(), problem.expected());
      work.run();
      if (problem.repeats()) {
        Agreement.require(key, work.results(), problem.expected());
      } else {
        assertThrows(
            IllegalStateException.class,
            () -> Agreement.require(key, work.results(), problem.expected()),
            "a second step goes further");
      }
    }
  }

  /// That every family has a row, the engine's FamiliesTest sees to.
  @Test
  void namesBeginWithTheirFamily() {
    for (OperationTable.Task task : OperationTable.tasks(false)) {
      assertTrue(task.operation().startsWith(task.spec().family()), task.key());
    }
  }

  @Test
  void keysNameOneTaskEach() {
    List<String> keys = OperationTable.tasks(false).stream().map(OperationTable.Task::key).toList();
    assertEquals(keys.size(), Set.copyOf(keys).size());
    for (String key : keys) {
      assertEquals(key, OperationTable.task(key).key());
    }
    assertThrows(IllegalArgumentException.class, () -> OperationTable.task("pointwise"));
  }
}
