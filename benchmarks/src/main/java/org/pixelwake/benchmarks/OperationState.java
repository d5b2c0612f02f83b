package org.pixelwake.benchmarks;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// What JMH calls: one task, checked before and after it is measured. [OperationBenchmarks] starts
/// it.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init") // JMH sets the fields
public class OperationState {
  /// Of [OperationTable].
  @Param("")
  public String task;

  /// Of an operation.
  @Param("0")
  public int threads;

  private Problem problem;
  private Work work;
  private Map<String, float[]> expected;

  /// For JMH.
  public OperationState() {}

  /// Prepares the task and checks what it computes.
  @Setup
  public void open() throws IOException {
    Libtorch.load(threads);
    OperationTable.Task named = OperationTable.task(task);
    problem = named.problem();
    expected = problem.expected();
    work = named.open(problem, threads);
    work.run();
    check();
  }

  /// The measured part.
  @Benchmark
  public void run() {
    work.run();
  }

  /// Checks that the last run still computed it.
  @TearDown
  public void close() {
    if (problem.repeats()) {
      check();
    }
    work.close();
  }

  private void check() {
    Agreement.require(task, work.results(), expected);
  }
}
