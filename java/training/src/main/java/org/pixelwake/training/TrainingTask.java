package org.pixelwake.training;

import java.util.List;
import java.util.Map;
import java.util.function.LongToIntFunction;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.Program;
import org.pixelwake.engine.Tensor;
import org.pixelwake.network.Network;

/// A task that a network is trained for: the part of a run that differs from task to task.
/// [Training] does the rest.
///
/// A task belongs to one [Training], which closes it.
///
/// @param <L> losses of a step
/// @param <E> figures of an evaluation on held-out clusters
public abstract sealed class TrainingTask<L extends StepLosses, E> implements AutoCloseable
    permits Pretraining, Finetuning {
  private final Network network;

  TrainingTask(Network network) {
    this.network = network;
  }

  /// A task's part of a step that is compiled: what the host writes and reads beside the hits.
  interface TracedLoss<L> extends AutoCloseable {
    /// Returns the losses, to be summed over all processes.
    List<Tensor> losses();

    /// Copies to the device what stays the same in all steps.
    default void begin(Program program) {}

    /// Copies to the device what belongs to a batch.
    ///
    /// @param rows of the table, this process's part of the batch
    /// @param index of the step, from 1
    default void fill(Program program, int[] rows, long index) {}

    /// Reads the losses of the step that has just run.
    L read(Program program, double gradientNorm);

    @Override
    default void close() {}
  }

  /// Returns the configuration, in which nothing is open any more.
  public abstract RunConfig config();

  /// Returns the clusters.
  public abstract TaskData data();

  /// Returns the network that is trained.
  public final Network network() {
    return network;
  }

  /// Returns what is written down of every step, in the order of the columns.
  public abstract List<MetricColumn<L>> stepColumns();

  /// Returns what is written down of every evaluation, in the order of the columns.
  public abstract List<MetricColumn<E>> evaluationColumns();

  /// Returns the inputs of a step for the clusters of a batch.
  ///
  /// @param capacity hits that a batch may have
  StagedBatch staged(Graph graph, int batch, int capacity) {
    return new StagedBatch(graph, network, batch, capacity);
  }

  /// Adds the operations of a step to a graph, from the hits of a cluster to the gradient of the
  /// network's output.
  ///
  /// @param hits of the batch, as [#staged] has them
  /// @param step the state of the step
  /// @param batch this process's part of the batch
  abstract TracedLoss<L> trace(Graph graph, StagedBatch hits, Tensor step, int batch);

  /// Sets learning rates of parameters, where they differ.
  void rates(Graph graph) {}

  /// Returns the row of each cluster of a run, from its first batch on.
  LongToIntFunction order() {
    return new Shuffle(config().seed, data().train())::at;
  }

  /// Compiles what evaluates; of rank 0.
  ///
  /// @param store the parameters that are trained
  abstract void open(Device device, ParameterStore store);

  /// Looks at held-out clusters, with the moving averages of the parameters where there are any; of
  /// rank 0.
  abstract E evaluate();

  /// Readies the moving averages for being looked at or saved; of rank 0.
  void settle() {}

  /// Returns the figure that early stopping watches; larger is better.
  double watched(E evaluation) {
    return 0;
  }

  /// Returns after how many evaluations without a better one a run stops; 0: it does not.
  int patience() {
    return 0;
  }

  /// Adds to the metadata of a model what is needed to understand its outputs.
  void describe(Map<String, String> metadata) {}

  @Override
  public abstract void close();
}
