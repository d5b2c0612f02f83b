package org.pixelwake.training;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.Group;
import org.pixelwake.engine.Loss;
import org.pixelwake.engine.MemoryPlan;
import org.pixelwake.engine.Operation;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.Program;
import org.pixelwake.engine.Rasterize;
import org.pixelwake.engine.StepState;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.View;
import org.pixelwake.network.Network;

/// One optimizer step of a classifier, compiled: hits to images, forward, loss, backward, AdamW.
/// Where several processes train together, each does it on its part of the batch, and all come to
/// the same parameters and losses, those of the whole batch.
public final class FinetuneStep implements AutoCloseable {
  /// What a step reports.
  ///
  /// @param total weighted sum of the two parts
  /// @param classes cross-entropy
  /// @param values Huber's loss of the regressions
  /// @param accuracy part of this process's clusters whose class has the largest logit; NaN without
  ///   classes
  /// @param gradientNorm norm of all gradients before clipping
  public record Losses(
      double total, double classes, double values, double accuracy, double gradientNorm) {
    /// Whether all that must be are finite.
    public boolean finite() {
      return Double.isFinite(total + gradientNorm);
    }
  }

  // The graph of a step and what the host reads and writes of it.
  private record Traced(
      Graph graph,
      HitBatch hits,
      Tensor step,
      @Nullable Tensor labels,
      @Nullable Tensor values,
      @Nullable Tensor classWeights,
      Tensor losses,
      Tensor columns,
      Tensor norm) {}

  private static final int CORRECT = 2;

  private final FinetuneConfig config;
  private final FinetuneData data;
  private final int targetColumns;
  private final Traced traced;
  private final Program program;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment labels;
  private final float[] values;

  /// Compiles the step.
  ///
  /// @param group the processes that share the batch
  /// @throws org.pixelwake.base.InputException where they cannot share it equally
  public FinetuneStep(
      Device device,
      Network network,
      ParameterStore store,
      FinetuneConfig config,
      FinetuneData data,
      Group group) {
    this.config = config;
    this.data = data;
    int share = group.share(config.batch);
    targetColumns = TargetScale.columns(data.targets());
    traced = trace(network, config, data, group);
    program = Program.compile(device, traced.graph, store, false);
    labels = arena.allocate(ValueLayout.JAVA_INT, share);
    values = new float[share * targetColumns];
    if (traced.classWeights != null) {
      program.upload(data.classWeights(config.classWeighting()), traced.classWeights);
    }
  }

  private static Traced trace(
      Network network, FinetuneConfig config, FinetuneData data, Group group) {
    Graph graph = new Graph(network.layout(), true, config.storage(), group);
    Tensor step = StepState.tensor(graph);
    int batch = group.share(config.batch);
    graph.firstImage(group.rank() * batch);
    HitBatch hits = new HitBatch(graph, batch, data.capacity(batch));
    int side = config.side;
    Tensor image = graph.intermediate("image", config.storage(), batch, side, side, 3);
    graph.add(new Rasterize.Forward(config.images(true), step, hits.tensors(), image, null));
    View top;
    if (config.frozen) {
      graph.trainable(name -> !LayerRates.ofEncoder(name));
      top = graph.evaluating(() -> network.encode(graph, image, step).getLast());
    } else {
      top = network.encode(graph, image, step).getLast();
    }
    Tensor features =
        graph.intermediate("features", Storage.F32, batch, network.architecture().top());
    Tensor output = graph.intermediate("output", Storage.F32, batch, network.outputs());
    network.classify(graph, top, features, output, step);
    int classes = data.classes().size();
    int targets = network.outputs() - classes;
    // i32 travels as f32: the engine only needs to know how many bytes there are.
    Tensor labels = classes > 0 ? graph.input("labels", Storage.F32, batch) : null;
    Tensor weights = classes > 0 ? graph.input("class weights", Storage.F32, classes) : null;
    Tensor values = targets > 0 ? graph.input("values", Storage.F32, batch, targets) : null;
    Tensor doutput = graph.intermediate("doutput", Storage.F32, output.shape());
    Tensor losses = graph.result("losses", Storage.F32, 3);
    Tensor columns = graph.result("columns", Storage.F32, batch, Loss.SUPERVISED_COLUMNS);
    graph.add(
        new Loss.Supervised(
            config.supervision(classes, targets),
            output,
            labels,
            values,
            weights,
            doutput,
            losses,
            columns));
    graph.sum(losses);
    graph.differentiate(config.recompute);
    Tensor norm = graph.result("norm", Storage.F32, 1);
    graph.rates(LayerRates.of(network.layout(), config.layerDecay));
    graph.adamW(config.optimizer(), step, norm, config.ema > 0);
    return new Traced(graph, hits, step, labels, values, weights, losses, columns, norm);
  }

  /// Runs a step on the given rows of the data, this process's part of the batch.
  ///
  /// @param index of the step, from 1
  public Losses run(int[] rows, long index, double learningRate) {
    fill(rows, index);
    // As in pretraining: the average follows quickly at first.
    double decay = Math.min(config.ema, (1.0 + index) / (10.0 + index));
    new StepState(config.seed, index, learningRate, config.beta1, config.beta2, decay)
        .upload(program, traced.step);
    program.run();
    return losses();
  }

  private void fill(int[] rows, long index) {
    traced.hits.clear();
    for (int i = 0; i < rows.length; i++) {
      traced.hits.add(data.table(), rows[i]);
      labels.setAtIndex(ValueLayout.JAVA_INT, i, data.label(rows[i]));
      fillValues(rows[i], i * targetColumns, index);
    }
    traced.hits.upload(program);
    if (traced.labels != null) {
      program.upload(labels, traced.labels);
    }
    if (traced.values != null) {
      program.upload(values, traced.values);
    }
  }

  private void fillValues(int row, int first, long index) {
    int at = first;
    for (TargetScale scale : data.targets()) {
      float value = scale.target().of(data.table(), row);
      if (scale.target() == Target.PHI && config.augment) {
        value = Turn.azimuth(config.seed, row, index, value);
      }
      scale.encode(value, values, at);
      at += scale.columns();
    }
  }

  private Losses losses() {
    float[] l = program.download(traced.losses);
    double correct = 0;
    float[] columns = program.download(traced.columns);
    for (int i = CORRECT; i < columns.length; i += Loss.SUPERVISED_COLUMNS) {
      correct += columns[i];
    }
    // Of this process's part: an exchange here would come after the parameters have changed, and
    // leave half a step behind where it fails.
    double images = (double) columns.length / Loss.SUPERVISED_COLUMNS;
    double accuracy = traced.labels == null ? Double.NaN : correct / images;
    return new Losses(l[0], l[1], l[2], accuracy, program.download(traced.norm)[0]);
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
    arena.close();
  }
}
