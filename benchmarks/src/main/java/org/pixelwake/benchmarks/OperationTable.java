package org.pixelwake.benchmarks;

import java.util.ArrayList;
import java.util.List;
import org.pixelwake.engine.CaseTable;
import org.pixelwake.engine.Spec;

/// The tasks that follow from the rows of the [CaseTable] that are timed.
final class OperationTable {
  private OperationTable() {}

  /// One problem in one contestant.
  ///
  /// @param operation the name of the benchmark, which begins with the family's
  record Task(String operation, Shape shape, Pass pass, Contestant contestant, Spec spec) {

    /// Names it in one line, for JMH hands parameters to its forks as text.
    String key() {
      return String.join("/", operation, shape.label(), pass.label(), contestant.label());
    }

    Problem problem() {
      return Problem.of(spec);
    }

    /// Prepares a problem of this task.
    Work open(Problem problem, int threads) {
      return switch (contestant) {
        case PIXELWAKE -> new PixelwakeWork(problem, threads);
        case LIBTORCH_NCHW -> problem.libtorchWork(Layout.NCHW);
        case LIBTORCH_CHANNELS_LAST -> problem.libtorchWork(Layout.CHANNELS_LAST);
        case ND4J -> new Nd4jWork(problem, threads);
      };
    }
  }

  /// All tasks, operation by operation: Pixelwake's and then those of its peers.
  ///
  /// @param oddOnly only the rows that are tested too, whose shapes are small and odd
  static List<Task> tasks(boolean oddOnly) {
    List<Task> tasks = new ArrayList<>();
    for (CaseTable.Row row : CaseTable.rows()) {
      if (row.timedAs().isEmpty() || (oddOnly && !row.tested())) {
        continue;
      }
      Spec spec = new Spec(row.line());
      List<Contestant> contestants = new ArrayList<>(List.of(Contestant.PIXELWAKE));
      row.peers().forEach(peer -> contestants.add(Contestant.of(peer)));
      for (Contestant contestant : contestants) {
        tasks.add(new Task(row.timedAs(), Shape.of(spec), Pass.of(spec), contestant, spec));
      }
    }
    return tasks;
  }

  /// The task of that key.
  static Task task(String key) {
    return tasks(false).stream()
        .filter(task -> task.key().equals(key))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("No task is named " + key));
  }
}
