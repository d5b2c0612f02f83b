package org.pixelwake.training;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.StepState;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.View;
import org.pixelwake.engine.op.Loss;
import org.pixelwake.engine.op.Rasterize;
import org.pixelwake.network.Network;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.training.target.ClusterQuantities;

/// The evaluation of an autoencoder of images.
final class ImageEvaluation extends Evaluation {
  private final StagedBatch hits;
  private final Tensor step;
  private final Tensor target;
  private final Tensor output;
  private final Tensor columns;

  ImageEvaluation(
      Device device,
      Network network,
      ParameterStore store,
      PretrainConfig config,
      @Nullable ClusterQuantities quantities,
      boolean averaged,
      int batch,
      int capacity) {
    super(config, quantities, averaged, batch);
    Graph graph = new Graph(network.layout(), false, Storage.F32);
    step = StepState.tensor(graph);
    hits = new StagedBatch(graph, network, batch, capacity);
    int side = config.side;
    target = graph.result("target", Storage.F32, batch, side, side, TARGETS);
    // Nothing is hidden, so that the two differ in the energies' encoding alone.
    boolean same = config.energies() == Rasterize.Energies.SQRT;
    Tensor image =
        same ? target : graph.intermediate("image", Storage.F32, batch, side, side, TARGETS);
    graph.add(
        new Rasterize.Forward(
            config.images(false), step, hits.tensors(), same ? null : image, target));
    View seen = network.encode(graph, image, null).getLast();
    Tensor decoded = network.decode(graph, seen);
    output =
        graph.materialise(View.of(decoded), graph.result("output", Storage.F32, decoded.shape()));
    Tensor losses = graph.result("losses", Storage.F32, 4);
    columns = graph.result("columns", Storage.F32, batch, Loss.COLUMNS);
    graph.add(new Loss.Autoencoder(config.lossWeights(), decoded, target, null, losses, columns));
    if (network.outputs() > 0) {
      int features = network.shape().top();
      Tensor pooled = graph.intermediate("features", Storage.F32, batch, features);
      tell(graph, network, graph.pool(seen, pooled));
    }
    compile(device, graph, store);
  }

  @Override
  StagedBatch hits() {
    return hits;
  }

  @Override
  Tensor step() {
    return step;
  }

  @Override
  void add(ClusterTable table, int[] rows, int first, int count, Sums sums) {
    float[] c = program().download(columns);
    sums.shown += shownError(program().download(target), program().download(output), count);
    for (int at = 0; at < count * Loss.COLUMNS; at += Loss.COLUMNS) {
      sums.image += c[at];
      sums.cluster += c[at + 1];
      sums.threshold += c[at + 2];
      sums.raw += c[at + 3];
      sums.zero += c[at + 4];
      sums.clusterIou += overlap(c[at + 5], c[at + 6]);
      sums.thresholdIou += overlap(c[at + 7], c[at + 8]);
    }
  }

  // Sum over the first `count` images of the mean squared error of the shown image.
  private double shownError(float[] targets, float[] outputs, int count) {
    int pixels = config.side * config.side;
    double sum = 0;
    for (int p = 0; p < count * pixels; p++) {
      for (int c = 0; c < TARGETS; c++) {
        double difference = show(outputs, p, c) - targets[TARGETS * p + c];
        sum += difference * difference;
      }
    }
    return sum / (TARGETS * pixels);
  }

  @Override
  void picture(ClusterTable table, int[] rows, int first, int count, Picture[] pictures) {
    int side = config.side;
    int area = side * side;
    float[] t = program().download(target);
    float[] o = program().download(output);
    for (int i = 0; i < count; i++) {
      float[] truth = Arrays.copyOfRange(t, i * area * TARGETS, (i + 1) * area * TARGETS);
      float[] shown = Arrays.copyOfRange(o, i * area * CHANNELS, (i + 1) * area * CHANNELS);
      pictures[first + i] = new Picture(side, truth, shown);
    }
  }
}
