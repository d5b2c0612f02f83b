package org.pixelwake.training;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.StepState;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.op.Hits;
import org.pixelwake.engine.op.Loss;
import org.pixelwake.network.Network;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.training.target.ClusterQuantities;

/// The evaluation of an autoencoder over hits.
///
/// Its pictures show the cluster at the detector's resolution in the middle of the image; what lies
/// outside is cut off. Hits that the network sees are shown as they are, hidden ones with the
/// energy and time that it gives them, and places beside hits that look empty with the mean of what
/// the hits around them say.
final class HitsEvaluation extends Evaluation {
  private static final int HEADS = Loss.HIT_HEADS;
  private static final int TIME = 1;
  private static final int FIRST_PLACE = 2;
  private static final int THRESHOLD = HEADS - 1;
  // A logit that leaves no doubt.
  private static final float SURE = 20;

  private final StagedBatch hits;
  private final Tensor step;
  private final Tensor output;
  private final Tensor columns;

  HitsEvaluation(
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
    hits = new StagedBatch(graph, batch, capacity, HitHiding.of(config, false));
    int features = network.shape().top();
    Tensor embedding = graph.intermediate("features", Storage.F32, batch, features);
    Network.Seen seen = ClusterEncoder.traceHidden(graph, network, config, hits, step, embedding);
    output = graph.result("output", Storage.F32, capacity, HEADS);
    network.restore(graph, seen, output);
    columns = graph.result("columns", Storage.F32, batch, Loss.HIT_COLUMNS);
    graph.add(
        new Loss.OfHits(
            config.hitWeights(),
            0,
            hits.tensors().offsets(),
            output,
            hits.target(),
            null,
            graph.result("losses", Storage.F32, 4),
            columns));
    tell(graph, network, embedding);
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
    Picture[] pictures = new Picture[first + count];
    picture(table, rows, first, count, pictures);
    float[] said = program().download(output);
    MemorySegment asked = hits.buffers().target();
    for (int i = 0; i < count; i++) {
      int at = i * Loss.HIT_COLUMNS;
      sums.image += c[at];
      sums.cluster += c[at + 1];
      sums.threshold += c[at + 2];
      Picture picture = pictures[first + i];
      int pixels = picture.side() * picture.side();
      for (int p = 0; p < pixels; p++) {
        for (int k = 0; k < TARGETS; k++) {
          float truth = picture.target()[TARGETS * p + k];
          double shown = show(picture.output(), p, k) - truth;
          double raw = raw(picture.output(), p, k) - truth;
          sums.shown += shown * shown / (TARGETS * pixels);
          sums.raw += raw * raw / (TARGETS * pixels);
          sums.zero += (double) truth * truth / (TARGETS * pixels);
        }
      }
      sums.clusterIou += overlap(said, asked, i, FIRST_PLACE, THRESHOLD);
      sums.thresholdIou += overlap(said, asked, i, THRESHOLD, HEADS);
    }
  }

  // Intersection over union of what was asked in some columns of a cluster's hits.
  private double overlap(float[] said, MemorySegment asked, int cluster, int from, int to) {
    int both = 0;
    int either = 0;
    for (int hit = hits.start(cluster); hit < hits.start(cluster + 1); hit++) {
      for (int k = from; k < to; k++) {
        int at = hit * HEADS + k;
        float truth = asked.getAtIndex(ValueLayout.JAVA_FLOAT, at);
        if (!Float.isNaN(truth)) {
          both += said[at] > 0 && truth > 0 ? 1 : 0;
          either += said[at] > 0 || truth > 0 ? 1 : 0;
        }
      }
    }
    return overlap(both, either);
  }

  @Override
  void picture(ClusterTable table, int[] rows, int first, int count, Picture[] pictures) {
    float[] said = program().download(output);
    for (int i = 0; i < count; i++) {
      pictures[first + i] = picture(table, rows[first + i], i, said);
    }
  }

  private Picture picture(ClusterTable table, int row, int cluster, float[] said) {
    Canvas canvas = new Canvas(table, row, config.side);
    float[] target = new float[canvas.side * canvas.side * TARGETS];
    for (int i = table.start(row); i < table.end(row); i++) {
      int pixel = canvas.pixel(table.x()[i], table.y()[i]);
      if (pixel >= 0) {
        float energy = table.energy()[i];
        target[TARGETS * pixel] = Math.max(target[TARGETS * pixel], root(energy));
        target[TARGETS * pixel + 1] = time(table.toa()[i]);
        target[TARGETS * pixel + 2] =
            Math.max(target[TARGETS * pixel + 2], energy > config.energyThreshold ? 1 : 0);
      }
    }
    return new Picture(canvas.side, target, restored(canvas, cluster, said));
  }

  private float[] restored(Canvas canvas, int cluster, float[] said) {
    int pixels = canvas.side * canvas.side;
    float[] shown = new float[pixels * CHANNELS];
    float[] places = new float[pixels];
    int[] votes = new int[pixels];
    HitHiding.Buffers b = hits.buffers();
    for (int p = 0; p < pixels; p++) {
      Arrays.fill(shown, CHANNELS * p + TARGETS, CHANNELS * (p + 1), -SURE);
    }
    for (int hit = hits.start(cluster); hit < hits.start(cluster + 1); hit++) {
      int x = b.x().getAtIndex(ValueLayout.JAVA_SHORT, hit);
      int y = b.y().getAtIndex(ValueLayout.JAVA_SHORT, hit);
      for (int k = 0; k < Hits.NEIGHBOURS; k++) {
        int at = hit * HEADS + FIRST_PLACE + k;
        int pixel = canvas.pixel(x + k % 3 - 1, y + k / 3 - 1);
        if (pixel >= 0 && !Float.isNaN(b.target().getAtIndex(ValueLayout.JAVA_FLOAT, at))) {
          places[pixel] += said[at];
          votes[pixel]++;
        }
      }
      int own = canvas.pixel(x, y);
      if (own >= 0) {
        boolean masked = b.hidden().getAtIndex(ValueLayout.JAVA_FLOAT, hit) > 0;
        show(shown, own, hit, masked, said);
      }
    }
    for (int p = 0; p < pixels; p++) {
      if (votes[p] > 0) {
        shown[CHANNELS * p + TARGETS] = places[p] / votes[p];
      }
    }
    return shown;
  }

  private void show(float[] shown, int pixel, int hit, boolean masked, float[] said) {
    HitHiding.Buffers b = hits.buffers();
    float energy = b.energy().getAtIndex(ValueLayout.JAVA_FLOAT, hit);
    int at = CHANNELS * pixel;
    int head = hit * HEADS;
    boolean above = energy > config.energyThreshold;
    float threshold = masked ? said[head + THRESHOLD] : above ? SURE : -SURE;
    shown[at] = masked ? (float) Math.min(1, Math.exp(said[head] / 2)) : root(energy);
    shown[at + 1] =
        masked ? said[head + TIME] : time(b.toa().getAtIndex(ValueLayout.JAVA_FLOAT, hit));
    shown[at + 2] = 1;
    shown[at + 3] = SURE;
    shown[at + 4] = threshold;
  }

  private float root(float energy) {
    return (float) Math.min(1, Math.sqrt(Math.max(0, energy) / config.energyScale));
  }

  private float time(float toa) {
    return config.toaScale > 0
        ? (float) Math.min(1, Math.sqrt(Math.max(0, toa) / config.toaScale))
        : 0;
  }

  // The pixels of a picture, with the middle of a cluster in its middle.
  private static final class Canvas {
    final int side;
    private final int left;
    private final int bottom;

    Canvas(ClusterTable table, int row, int side) {
      this.side = side;
      int[] x = range(table.x(), table.start(row), table.end(row));
      int[] y = range(table.y(), table.start(row), table.end(row));
      left = (x[0] + x[1] + 1 - side) / 2;
      bottom = (y[0] + y[1] + 1 - side) / 2;
    }

    private static int[] range(short[] values, int from, int to) {
      int least = values[from];
      int most = least;
      for (int i = from; i < to; i++) {
        least = Math.min(least, values[i]);
        most = Math.max(most, values[i]);
      }
      return new int[] {least, most};
    }

    /// Returns the index of a pixel; -1 where it lies outside.
    int pixel(int x, int y) {
      int column = x - left;
      int row = y - bottom;
      boolean inside = column >= 0 && column < side && row >= 0 && row < side;
      return inside ? row * side + column : -1;
    }
  }
}
