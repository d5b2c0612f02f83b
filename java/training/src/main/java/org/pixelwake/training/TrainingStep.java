package org.pixelwake.training;

import java.util.List;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.Group;
import org.pixelwake.engine.Loss;
import org.pixelwake.engine.MemoryPlan;
import org.pixelwake.engine.Operation;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.Profiler;
import org.pixelwake.engine.Program;
import org.pixelwake.engine.Rasterize;
import org.pixelwake.engine.StepState;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.network.Network;
import org.pixelwake.timepix.dataset.ClusterTable;

/// One optimizer step of the autoencoder, compiled: hits to images, forward, loss, backward, AdamW.
/// Where several processes train together, each does it on its part of the batch, and all come to
/// the same parameters and losses, those of the whole batch.
public final class TrainingStep implements AutoCloseable {
  /// What a step reports.
  ///
  /// @param total weighted sum of the three parts
  /// @param image weighted squared error of the image
  /// @param cluster loss of the cluster mask
  /// @param threshold loss of the threshold mask
  /// @param gradientNorm norm of all gradients before clipping
  public record Losses(
      double total, double image, double cluster, double threshold, double gradientNorm) {
    /// Whether all of them are finite.
    public boolean finite() {
      return Double.isFinite(total + gradientNorm);
    }
  }

  // The graph of a step and what the host reads and writes of it.
  private record Traced(Graph graph, HitBatch hits, Tensor step, Tensor losses, Tensor norm) {}

  private final PretrainConfig config;
  private final Traced traced;
  private final Program program;

  /// Compiles the step.
  ///
  /// @param capacity hits that a batch may have
  public TrainingStep(
      Device device, Network network, ParameterStore store, PretrainConfig config, int capacity) {
    this(device, network, store, config, capacity, Group.single());
  }

  /// Compiles the step.
  ///
  /// @param capacity hits that this process's part of a batch may have
  /// @param group the processes that share the batch
  /// @throws org.pixelwake.base.InputException where they cannot share it equally
  public TrainingStep(
      Device device,
      Network network,
      ParameterStore store,
      PretrainConfig config,
      int capacity,
      Group group) {
    this.config = config;
    traced = trace(network, config, capacity, group);
    program = Program.compile(device, traced.graph, store, false);
  }

  private static Traced trace(Network network, PretrainConfig config, int capacity, Group group) {
    Graph graph = new Graph(network.layout(), true, config.storage(), group);
    Tensor step = StepState.tensor(graph);
    int batch = group.share(config.batch);
    graph.firstImage(group.rank() * batch);
    HitBatch hits = new HitBatch(graph, batch, capacity);
    int side = config.side;
    Tensor image = graph.intermediate("image", config.storage(), batch, side, side, 3);
    Tensor target = graph.intermediate("target", config.storage(), batch, side, side, 3);
    graph.add(new Rasterize.Forward(config.images(true), step, hits.tensors(), image, target));
    Tensor output = network.decode(graph, network.encode(graph, image, step).getLast());
    Tensor doutput = graph.intermediate("doutput", config.storage(), output.shape());
    Tensor losses = graph.result("losses", Storage.F32, 4);
    Tensor columns = graph.result("columns", Storage.F32, batch, Loss.COLUMNS);
    graph.add(
        new Loss.Autoencoder(
            config.lossWeights(), config.batch, output, target, doutput, losses, columns));
    graph.sum(losses);
    graph.differentiate(config.recompute);
    Tensor norm = graph.result("norm", Storage.F32, 1);
    graph.adamW(config.optimizer(), step, norm, config.ema > 0);
    return new Traced(graph, hits, step, losses, norm);
  }

  /// The operations of a step, in the order in which they run, without a device.
  ///
  /// @param capacity hits that a batch may have
  public static List<Operation> operations(Network network, PretrainConfig config, int capacity) {
    Traced traced = trace(network, config, capacity, Group.single());
    traced.hits.close();
    return traced.graph.operations();
  }

  /// Runs a step on the given rows of a table, this process's part of the batch.
  ///
  /// @param index of the step, from 1
  public Losses run(ClusterTable table, int[] rows, long index, double learningRate) {
    fill(table, rows);
    return run(index, learningRate);
  }

  /// Copies a batch to the device.
  public void fill(ClusterTable table, int[] rows) {
    traced.hits.clear();
    for (int row : rows) {
      traced.hits.add(table, row);
    }
    traced.hits.upload(program);
  }

  /// Runs a step on the batch that is on the device.
  public Losses run(long index, double learningRate) {
    prepare(index, learningRate);
    program.run();
    return losses();
  }

  /// As [#run(ClusterTable, int[], long, double)], timing each operation.
  ///
  /// @param profiler of this step
  public Losses run(
      ClusterTable table, int[] rows, long index, double learningRate, Profiler profiler) {
    fill(table, rows);
    prepare(index, learningRate);
    profiler.run();
    return losses();
  }

  /// Times each operation of the steps that are run with it; to be closed before the step.
  public Profiler profiler() {
    return program.profiler();
  }

  private void prepare(long index, double learningRate) {
    // The average follows quickly at first, or it would remember the random start (as TensorFlow's
    // ExponentialMovingAverage).
    double decay = Math.min(config.ema, (1.0 + index) / (10.0 + index));
    new StepState(config.seed, index, learningRate, config.beta1, config.beta2, decay)
        .upload(program, traced.step);
  }

  private Losses losses() {
    float[] l = program.download(traced.losses);
    return new Losses(l[0], l[1], l[2], l[3], program.download(traced.norm)[0]);
  }

  /// The operations, in the order in which they run.
  public List<Operation> operations() {
    return program.operations();
  }

  /// Where the intermediates lie.
  public MemoryPlan plan() {
    return program.plan();
  }

  @Override
  public void close() {
    program.close();
    traced.hits.close();
  }
}
