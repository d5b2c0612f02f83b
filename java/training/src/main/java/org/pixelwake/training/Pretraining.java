package org.pixelwake.training;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.Progress;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.Program;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.op.Loss;
import org.pixelwake.engine.op.Rasterize;
import org.pixelwake.network.Network;

/// The task of pretraining: an autoencoder learns to restore images of clusters, part of whose hits
/// are hidden, and the masks of the cluster and of its hits above a threshold.
public final class Pretraining extends TrainingTask<Pretraining.Losses, Evaluation.Metrics> {
  /// The losses of a step.
  ///
  /// @param total weighted sum of the three parts
  /// @param image weighted squared error of the image
  /// @param cluster loss of the cluster mask
  /// @param threshold loss of the threshold mask
  /// @param gradientNorm norm of all gradients before clipping
  public record Losses(
      double total, double image, double cluster, double threshold, double gradientNorm)
      implements StepLosses {}

  private static final List<MetricColumn<Losses>> STEP =
      List.of(
          new MetricColumn<>("loss", Losses::total),
          new MetricColumn<>("image_loss", Losses::image),
          new MetricColumn<>("cluster_loss", Losses::cluster),
          new MetricColumn<>("threshold_loss", Losses::threshold),
          new MetricColumn<>("gradient_norm", Losses::gradientNorm));

  private static final List<MetricColumn<Evaluation.Metrics>> EVALUATION =
      List.of(
          new MetricColumn<>("heldout_loss", Evaluation.Metrics::total),
          new MetricColumn<>("heldout_image_loss", Evaluation.Metrics::image),
          new MetricColumn<>("heldout_cluster_loss", Evaluation.Metrics::cluster),
          new MetricColumn<>("heldout_threshold_loss", Evaluation.Metrics::threshold),
          new MetricColumn<>("heldout_mse", Evaluation.Metrics::mse),
          new MetricColumn<>("heldout_raw_mse", Evaluation.Metrics::rawMse),
          new MetricColumn<>("heldout_zero_mse", Evaluation.Metrics::zeroMse),
          new MetricColumn<>("heldout_cluster_iou", Evaluation.Metrics::clusterIou),
          new MetricColumn<>("heldout_threshold_iou", Evaluation.Metrics::thresholdIou));

  private static final int EVALUATION_BATCH = 16;

  private final PretrainConfig config;
  private final TrainingData data;
  private final int[] evaluated;
  private final int[] pictured;
  private @Nullable Evaluation evaluation;

  /// @param config in which no scale is open, as [TrainingData#load] leaves it
  public Pretraining(PretrainConfig config, TrainingData data) {
    super(network(config));
    this.config = config;
    this.data = data;
    evaluated = data.heldOutSample(config.evaluateClusters);
    pictured = data.pictured(config.pictures);
  }

  /// Loads a data set for it.
  ///
  /// @param config whose open scales are filled in from the data
  public static Pretraining load(Path dataset, PretrainConfig config, Progress progress) {
    return new Pretraining(config, TrainingData.load(dataset, config, progress));
  }

  static Network network(PretrainConfig config) {
    return Network.autoencoder(config.shape(0));
  }

  @Override
  public PretrainConfig config() {
    return config;
  }

  @Override
  public TrainingData data() {
    return data;
  }

  @Override
  public List<MetricColumn<Losses>> stepColumns() {
    return STEP;
  }

  @Override
  public List<MetricColumn<Evaluation.Metrics>> evaluationColumns() {
    return EVALUATION;
  }

  /// Returns the rows of the pictured clusters.
  public int[] pictured() {
    return pictured.clone();
  }

  /// Returns the pictured clusters as the network sees and returns them now; of rank 0.
  public Evaluation.Picture[] pictures() {
    return evaluation().pictures(data.table(), pictured);
  }

  @Override
  TracedLoss<Losses> trace(Graph graph, Rasterize.Hits hits, Tensor step, int batch) {
    int side = config.side;
    Tensor image = graph.intermediate("image", config.storage(), batch, side, side, 3);
    Tensor target = graph.intermediate("target", config.storage(), batch, side, side, 3);
    graph.add(new Rasterize.Forward(config.images(true), step, hits, image, target));
    Tensor output = network().decode(graph, network().encode(graph, image, step).getLast());
    Tensor doutput = graph.intermediate("doutput", config.storage(), output.shape());
    Tensor losses = graph.result("losses", Storage.F32, 4);
    Tensor columns = graph.result("columns", Storage.F32, batch, Loss.COLUMNS);
    graph.add(
        new Loss.Autoencoder(
            config.lossWeights(), config.batch, output, target, doutput, losses, columns));
    return new TracedLoss<>() {
      @Override
      public Tensor losses() {
        return losses;
      }

      @Override
      public Losses read(Program program, double gradientNorm) {
        float[] l = program.download(losses);
        return new Losses(l[0], l[1], l[2], l[3], gradientNorm);
      }
    };
  }

  @Override
  void open(Device device, ParameterStore store) {
    evaluation =
        new Evaluation(
            device,
            network(),
            store,
            config,
            config.ema > 0,
            EVALUATION_BATCH,
            StagedBatch.capacity(data.table(), data.heldOut(), EVALUATION_BATCH));
  }

  @Override
  Evaluation.Metrics evaluate() {
    return evaluation().metrics(data.table(), evaluated);
  }

  private Evaluation evaluation() {
    if (evaluation == null) {
      throw new IllegalStateException("only rank 0 evaluates, while it trains");
    }
    return evaluation;
  }

  @Override
  public void close() {
    if (evaluation != null) {
      evaluation.close();
      evaluation = null;
    }
  }
}
