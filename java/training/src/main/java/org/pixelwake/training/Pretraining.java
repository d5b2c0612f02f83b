package org.pixelwake.training;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.Progress;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.Program;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.View;
import org.pixelwake.engine.op.Loss;
import org.pixelwake.engine.op.Rasterize;
import org.pixelwake.network.Network;
import org.pixelwake.training.target.ClusterQuantities;

/// The task of pretraining: an autoencoder learns to restore images of clusters, part of whose hits
/// are hidden, and the masks of the cluster and of its hits above a threshold; or, over hits, the
/// energies, times and places of hidden ones. With [PretrainConfig#featureWeight] it also learns to
/// tell the cluster's own quantities from its features.
public final class Pretraining extends TrainingTask<Pretraining.Losses, Evaluation.Metrics> {
  /// The losses of a step.
  ///
  /// @param total weighted sum of the parts
  /// @param image weighted squared error of the image, or Huber's loss of hidden hits
  /// @param cluster loss of the cluster mask, or of the places around hits
  /// @param threshold loss of the threshold mask
  /// @param features loss of the clusters' own quantities; 0 where they are not learned
  /// @param gradientNorm norm of all gradients before clipping
  public record Losses(
      double total,
      double image,
      double cluster,
      double threshold,
      double features,
      double gradientNorm)
      implements StepLosses {}

  private static final List<MetricColumn<Losses>> STEP =
      List.of(
          new MetricColumn<>("loss", Losses::total),
          new MetricColumn<>("image_loss", Losses::image),
          new MetricColumn<>("cluster_loss", Losses::cluster),
          new MetricColumn<>("threshold_loss", Losses::threshold),
          new MetricColumn<>("gradient_norm", Losses::gradientNorm));

  private static final MetricColumn<Losses> FEATURES =
      new MetricColumn<>("feature_loss", Losses::features);

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

  private static final MetricColumn<Evaluation.Metrics> HELD_OUT_FEATURES =
      new MetricColumn<>("heldout_feature_loss", Evaluation.Metrics::features);

  private static final int EVALUATION_BATCH = 16;

  private final PretrainConfig config;
  private final TrainingData data;
  private final int[] evaluated;
  private final int[] pictured;
  private final @Nullable ClusterQuantities quantities;
  private @Nullable Evaluation evaluation;

  /// @param config in which no scale is open, as [TrainingData#load] leaves it
  public Pretraining(PretrainConfig config, TrainingData data) {
    super(network(config));
    this.config = config;
    this.data = data;
    evaluated = data.heldOutSample(config.evaluateClusters);
    pictured = data.pictured(config.pictures);
    quantities =
        config.tellsQuantities()
            ? new ClusterQuantities(
                data.table(), data.info().sources(), data.train(), data.heldOut())
            : null;
  }

  /// Loads a data set for it.
  ///
  /// @param config whose open scales are filled in from the data
  public static Pretraining load(Path dataset, PretrainConfig config, Progress progress) {
    return new Pretraining(config, TrainingData.load(dataset, config, progress));
  }

  static Network network(PretrainConfig config) {
    return Network.autoencoder(
        config.shape(0), config.tellsQuantities() ? ClusterQuantities.COUNT : 0);
  }

  private static <T> List<T> with(List<T> columns, T another, boolean wanted) {
    return wanted ? Stream.concat(columns.stream(), Stream.of(another)).toList() : columns;
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
    return with(STEP, FEATURES, config.tellsQuantities());
  }

  @Override
  public List<MetricColumn<Evaluation.Metrics>> evaluationColumns() {
    return with(EVALUATION, HELD_OUT_FEATURES, config.tellsQuantities());
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
  StagedBatch staged(Graph graph, int batch, int capacity) {
    return config.overHits()
        ? new StagedBatch(graph, batch, capacity, HitHiding.of(config, true))
        : super.staged(graph, batch, capacity);
  }

  @Override
  TracedLoss<Losses> trace(Graph graph, StagedBatch hits, Tensor step, int batch) {
    int features = network().shape().top();
    Tensor embedding =
        config.overHits() || quantities != null
            ? graph.intermediate("features", Storage.F32, batch, features)
            : null;
    Tensor losses = graph.result("losses", Storage.F32, 4);
    if (config.overHits()) {
      restoreHits(graph, hits, step, Objects.requireNonNull(embedding), losses);
    } else {
      restoreImages(graph, hits.tensors(), step, embedding, losses);
    }
    ClusterQuantities known = quantities;
    ClusterQuantities.Told told =
        known == null || embedding == null
            ? null
            : ClusterQuantities.trace(
                graph, network(), embedding, config.featureWeight, config.batch, true);
    float[] values = new float[told == null ? 0 : batch * ClusterQuantities.COUNT];
    return new TracedLoss<>() {
      @Override
      public List<Tensor> losses() {
        return told == null ? List.of(losses) : List.of(losses, told.losses());
      }

      @Override
      public void fill(Program program, int[] rows, long index) {
        if (told != null && known != null) {
          known.copy(rows, values);
          program.upload(values, told.values());
        }
      }

      @Override
      public Losses read(Program program, double gradientNorm) {
        float[] l = program.download(losses);
        float[] t = told == null ? new float[3] : program.download(told.losses());
        return new Losses(l[0] + t[0], l[1], l[2], l[3], t[2], gradientNorm);
      }
    };
  }

  private void restoreImages(
      Graph graph, Rasterize.Hits hits, Tensor step, @Nullable Tensor embedding, Tensor losses) {
    int batch = hits.offsets().dim(0) - 1;
    int side = config.side;
    Tensor image = graph.intermediate("image", config.storage(), batch, side, side, 3);
    Tensor target = graph.intermediate("target", config.storage(), batch, side, side, 3);
    graph.add(new Rasterize.Forward(config.images(true), step, hits, image, target));
    View seen = network().encode(graph, image, step).getLast();
    Tensor output = network().decode(graph, seen);
    Tensor doutput = graph.intermediate("doutput", config.storage(), output.shape());
    Tensor columns = graph.result("columns", Storage.F32, batch, Loss.COLUMNS);
    graph.add(
        new Loss.Autoencoder(
            config.lossWeights(), config.batch, output, target, doutput, losses, columns));
    if (embedding != null) {
      // Behind the decoder, whose backward pass adds the gradient that comes from here.
      graph.pool(seen, embedding);
    }
  }

  private void restoreHits(
      Graph graph, StagedBatch hits, Tensor step, Tensor embedding, Tensor losses) {
    int batch = embedding.dim(0);
    Network.Seen seen = ClusterEncoder.traceHidden(graph, network(), config, hits, step, embedding);
    int capacity = seen.rows().capacity();
    Tensor output = graph.intermediate("output", Storage.F32, capacity, Loss.HIT_HEADS);
    network().restore(graph, seen, output);
    Tensor doutput = graph.intermediate("doutput", Storage.F32, output.shape());
    Tensor columns = graph.result("columns", Storage.F32, batch, Loss.HIT_COLUMNS);
    graph.add(
        new Loss.OfHits(
            config.hitWeights(),
            config.batch,
            hits.tensors().offsets(),
            output,
            hits.target(),
            doutput,
            losses,
            columns));
  }

  @Override
  void open(Device device, ParameterStore store) {
    evaluation =
        Evaluation.of(
            device,
            network(),
            store,
            config,
            quantities,
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
