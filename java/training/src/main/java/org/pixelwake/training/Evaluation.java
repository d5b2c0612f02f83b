package org.pixelwake.training;

import java.util.Arrays;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.Program;
import org.pixelwake.engine.StepState;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.View;
import org.pixelwake.engine.op.Loss;
import org.pixelwake.engine.op.Rasterize;
import org.pixelwake.network.Network;
import org.pixelwake.timepix.dataset.ClusterTable;

/// The autoencoder in evaluation mode: losses, overlaps and pictures of given clusters, neither
/// masked nor turned.
public final class Evaluation implements AutoCloseable {
  /// Figures over a set of clusters; every cluster counts the same.
  ///
  /// @param total weighted loss, as in training
  /// @param mse plain mean squared error over all pixels and channels of the image as it is shown:
  ///   the image head inside the masks that the mask heads predict ([#show])
  /// @param rawMse the same of the image head alone
  /// @param zeroMse the same of an all-zero image
  /// @param clusterIou mean over clusters of intersection over union of the cluster mask
  /// @param thresholdIou likewise of the threshold mask; an empty mask that is found empty counts 1
  public record Metrics(
      double total,
      double image,
      double cluster,
      double threshold,
      double mse,
      double rawMse,
      double zeroMse,
      double clusterIou,
      double thresholdIou,
      int clusters) {}

  /// Images of one cluster, each (side, side) row by row.
  ///
  /// @param target (side, side, 3): energy, time of arrival, threshold map
  /// @param output (side, side, 5): reconstruction, logits of the cluster and the threshold mask
  public record Picture(int side, float[] target, float[] output) {}

  private static final int CHANNELS = 5;

  private final PretrainConfig config;
  private final int batch;
  private final StagedBatch hits;
  private final Program program;
  private final Tensor step;
  private final Tensor target;
  private final Tensor output;
  private final Tensor columns;

  /// Compiles it.
  ///
  /// @param averaged use the moving averages of parameters and running statistics
  /// @param capacity hits that a batch may have
  public Evaluation(
      Device device,
      Network network,
      ParameterStore store,
      PretrainConfig config,
      boolean averaged,
      int batch,
      int capacity) {
    this.config = config;
    this.batch = batch;
    Graph graph = new Graph(network.layout(), false, Storage.F32);
    step = StepState.tensor(graph);
    hits = new StagedBatch(graph, network, batch, capacity);
    int side = config.side;
    target = graph.result("target", Storage.F32, batch, side, side, 3);
    // Nothing is hidden, so that the two differ in the energies' encoding alone.
    boolean same = config.energies() == Rasterize.Energies.SQRT;
    Tensor image = same ? target : graph.intermediate("image", Storage.F32, batch, side, side, 3);
    graph.add(
        new Rasterize.Forward(
            config.images(false), step, hits.tensors(), same ? null : image, target));
    Tensor decoded = network.decode(graph, network.encode(graph, image, null).getLast());
    output =
        graph.materialise(View.of(decoded), graph.result("output", Storage.F32, decoded.shape()));
    Tensor losses = graph.result("losses", Storage.F32, 4);
    columns = graph.result("columns", Storage.F32, batch, Loss.COLUMNS);
    graph.add(new Loss.Autoencoder(config.lossWeights(), decoded, target, null, losses, columns));
    program = Program.compile(device, graph, store, averaged);
  }

  /// Figures over the given rows.
  public Metrics metrics(ClusterTable table, int[] rows) {
    double[] sums = new double[Loss.COLUMNS];
    double clusterIou = 0;
    double thresholdIou = 0;
    double shown = 0;
    for (int first = 0; first < rows.length; first += batch) {
      int count = Math.min(batch, rows.length - first);
      run(table, rows, first);
      float[] c = program.download(columns);
      shown += shownError(program.download(target), program.download(output), count);
      for (int i = 0; i < count; i++) {
        int at = i * Loss.COLUMNS;
        for (int k = 0; k < Loss.COLUMNS; k++) {
          sums[k] += c[at + k];
        }
        clusterIou += overlap(c[at + 5], c[at + 6]);
        thresholdIou += overlap(c[at + 7], c[at + 8]);
      }
    }
    int n = rows.length;
    double total =
        config.imageWeight * sums[0]
            + config.clusterWeight * sums[1]
            + config.thresholdWeight * sums[2];
    return new Metrics(
        total / n,
        sums[0] / n,
        sums[1] / n,
        sums[2] / n,
        shown / n,
        sums[3] / n,
        sums[4] / n,
        clusterIou / n,
        thresholdIou / n,
        n);
  }

  /// The image as it is shown: energy and time inside the predicted cluster mask, the threshold map
  /// inside the predicted threshold mask, 0 elsewhere. The mask heads find edges that a squared
  /// error leaves blurred.
  ///
  /// @param output pixels of 5 channels, as the network writes them
  /// @param pixel index of a pixel in it
  /// @param channel of the image, 0 to 2
  public static float show(float[] output, int pixel, int channel) {
    int at = CHANNELS * pixel;
    float logit = output[at + (channel < 2 ? 3 : 4)];
    return logit > 0 ? output[at + channel] : 0;
  }

  /// The image head alone, whatever the masks.
  ///
  /// @param output pixels of 5 channels, as the network writes them
  /// @param pixel index of a pixel in it
  /// @param channel of the image, 0 to 2
  public static float raw(float[] output, int pixel, int channel) {
    return output[CHANNELS * pixel + channel];
  }

  /// Probability that a pixel belongs to a mask.
  ///
  /// @param output pixels of 5 channels, as the network writes them
  /// @param channel 3 for the cluster mask, 4 for the threshold mask
  public static float probability(float[] output, int pixel, int channel) {
    return (float) (1 / (1 + Math.exp(-output[CHANNELS * pixel + channel])));
  }

  // Sum over the first `count` images of the mean squared error of the shown image.
  private double shownError(float[] targets, float[] outputs, int count) {
    int pixels = config.side * config.side;
    double sum = 0;
    for (int p = 0; p < count * pixels; p++) {
      for (int c = 0; c < 3; c++) {
        double difference = show(outputs, p, c) - targets[3 * p + c];
        sum += difference * difference;
      }
    }
    return sum / (3 * pixels);
  }

  private static double overlap(double intersection, double union) {
    return union == 0 ? 1 : intersection / union;
  }

  /// Images of the given rows.
  public Picture[] pictures(ClusterTable table, int[] rows) {
    Picture[] pictures = new Picture[rows.length];
    int area = config.side * config.side;
    for (int first = 0; first < rows.length; first += batch) {
      run(table, rows, first);
      float[] t = program.download(target);
      float[] o = program.download(output);
      for (int i = 0; i < Math.min(batch, rows.length - first); i++) {
        float[] truth = Arrays.copyOfRange(t, i * area * 3, (i + 1) * area * 3);
        float[] shown = Arrays.copyOfRange(o, i * area * CHANNELS, (i + 1) * area * CHANNELS);
        pictures[first + i] = new Picture(config.side, truth, shown);
      }
    }
    return pictures;
  }

  private void run(ClusterTable table, int[] rows, int first) {
    hits.upload(program, table, StagedBatch.rows(rows, first, batch));
    new StepState(config.seed, 0, 0, 0, 0, 0).upload(program, step);
    program.run();
  }

  @Override
  public void close() {
    program.close();
    hits.close();
  }
}
