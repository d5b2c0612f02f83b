package org.pixelwake.training;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.Profiler;
import org.pixelwake.engine.Program;
import org.pixelwake.engine.StepState;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.group.Group;
import org.pixelwake.engine.op.Operation;
import org.pixelwake.engine.plan.MemoryPlan;

/// One optimizer step of a task, compiled: hits to images, forward, loss, backward, AdamW. Where
/// several processes train together, each does it on its part of the batch, and all come to the
/// same parameters and losses, those of the whole batch.
///
/// @param <L> losses of the task
public final class TrainingStep<L extends StepLosses> implements AutoCloseable {
  // The graph of a step and what the host reads and writes of it.
  private record Traced<L>(
      Graph graph, StagedBatch hits, Tensor step, TrainingTask.TracedLoss<L> loss, Tensor norm) {
    void close() {
      hits.close();
      loss.close();
    }
  }

  private final TrainingTask<L, ?> task;
  private final RunConfig config;
  private final Traced<L> traced;
  private final Program program;
  private final boolean fixed;

  /// Compiles the step.
  ///
  /// @param group the processes that share the batch
  /// @throws org.pixelwake.base.InputException where they cannot share it equally
  public TrainingStep(Device device, TrainingTask<L, ?> task, ParameterStore store, Group group) {
    this(device, task, store, group, false);
  }

  /// Compiles the step.
  ///
  /// @param group the processes that share the batch
  /// @param fixed whether batch norms take the running statistics, which then stay as they are,
  ///   instead of those of the batch
  /// @throws org.pixelwake.base.InputException where they cannot share it equally
  TrainingStep(
      Device device, TrainingTask<L, ?> task, ParameterStore store, Group group, boolean fixed) {
    this.task = task;
    this.fixed = fixed;
    config = task.config();
    traced = trace(task, group, fixed);
    program = Program.compile(device, traced.graph, store, false);
    traced.loss.begin(program);
  }

  private static <L extends StepLosses> Traced<L> trace(
      TrainingTask<L, ?> task, Group group, boolean fixed) {
    RunConfig config = task.config();
    Graph graph = new Graph(task.network().layout(), true, config.storage(), group);
    if (fixed) {
      graph.fixStatistics();
    }
    Tensor step = StepState.tensor(graph);
    int batch = group.share(config.batch);
    graph.firstImage(group.rank() * batch);
    TaskData data = task.data();
    int capacity = StagedBatch.capacity(data.table(), data.train(), batch);
    StagedBatch hits = task.staged(graph, batch, capacity);
    TrainingTask.TracedLoss<L> loss = task.trace(graph, hits, step, batch);
    loss.losses().forEach(graph::sum);
    graph.differentiate(config.recompute);
    Tensor norm = graph.result("norm", Storage.F32, 1);
    task.rates(graph);
    graph.adamW(config.optimizer(), step, norm, config.ema > 0);
    return new Traced<>(graph, hits, step, loss, norm);
  }

  /// Returns the operations of a step, in the order in which they run, without a device.
  public static List<Operation> operations(TrainingTask<?, ?> task) {
    Traced<?> traced = trace(task, Group.single(), false);
    traced.close();
    return traced.graph.operations();
  }

  /// Runs a step on the given rows of the task's data, this process's part of the batch.
  ///
  /// @param index of the step, from 1
  public L run(int[] rows, long index, double learningRate) {
    return run(rows, index, learningRate, null);
  }

  /// Does the same as [#run(int[], long, double)] and times each operation.
  ///
  /// @param profiler of this step; null: nothing is timed
  public L run(int[] rows, long index, double learningRate, @Nullable Profiler profiler) {
    fill(rows, index, learningRate);
    if (profiler == null) {
      program.run();
    } else {
      profiler.run();
    }
    return traced.loss.read(program, program.download(traced.norm)[0]);
  }

  private void fill(int[] rows, long index, double learningRate) {
    traced.hits.upload(program, task.data().table(), rows, index);
    traced.loss.fill(program, rows, index);
    // The average follows quickly at first, or it would remember the random start (as TensorFlow's
    // ExponentialMovingAverage).
    double decay = Math.min(config.ema, (1.0 + index) / (10.0 + index));
    new StepState(config.seed, index, learningRate, config.beta1, config.beta2, decay)
        .upload(program, traced.step);
  }

  /// Times each operation of the steps that are run with it; to be closed before the step.
  public Profiler profiler() {
    return program.profiler();
  }

  /// Returns whether batch norms take the running statistics.
  boolean fixed() {
    return fixed;
  }

  /// Returns the operations, in the order in which they run.
  public List<Operation> operations() {
    return program.operations();
  }

  /// Returns where the intermediates lie.
  public MemoryPlan plan() {
    return program.plan();
  }

  @Override
  public void close() {
    program.close();
    traced.close();
  }
}
