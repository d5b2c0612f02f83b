package org.pixelwake.training;

import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.Program;
import org.pixelwake.engine.StepState;
import org.pixelwake.engine.Tensor;
import org.pixelwake.network.HitsArchitecture;
import org.pixelwake.network.Network;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.training.target.ClusterQuantities;

/// An autoencoder in evaluation mode: losses, overlaps and pictures of given clusters, which are
/// not turned.
///
/// Images are not masked. Of clusters as lists of hits, as many hits are hidden as in training, and
/// always the same ones: else there would be nothing to restore.
public abstract sealed class Evaluation implements AutoCloseable
    permits ImageEvaluation, HitsEvaluation {
  /// Figures over a set of clusters; every cluster counts the same. Overlaps of networks over hits
  /// are those of what was hidden: of the hits that were left out, among the places beside a hit
  /// that look empty, and of the threshold among the hits whose energy is hidden.
  ///
  /// @param total weighted loss, as in training
  /// @param image loss of the image, or of the energies and times of hidden hits
  /// @param cluster loss of the cluster mask, or of the places around hits
  /// @param threshold loss of the threshold mask, or of the threshold of hidden hits
  /// @param mse plain mean squared error over all pixels and channels of the image as it is shown:
  ///   the image head inside the masks that the mask heads predict ([#show])
  /// @param rawMse the same of the image head alone
  /// @param zeroMse the same of an all-zero image
  /// @param clusterIou mean over clusters of intersection over union of the cluster mask
  /// @param thresholdIou likewise of the threshold mask; an empty mask that is found empty counts 1
  /// @param features loss of the clusters' own quantities; NaN where the network does not tell them
  ///   or they are not known
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
      double features,
      int clusters) {}

  /// Images of one cluster, each (side, side) row by row.
  ///
  /// @param target (side, side, 3): energy, time of arrival, threshold map
  /// @param output (side, side, 5): reconstruction, logits of the cluster and the threshold mask
  public record Picture(int side, float[] target, float[] output) {}

  /// Channels of a picture's output.
  static final int CHANNELS = 5;

  /// Channels of a picture's target.
  static final int TARGETS = 3;

  final PretrainConfig config;
  final int batch;
  private final @Nullable ClusterQuantities quantities;
  private final boolean averaged;
  private @Nullable Program compiled;
  private ClusterQuantities.@Nullable Told told;

  Evaluation(
      PretrainConfig config, @Nullable ClusterQuantities quantities, boolean averaged, int batch) {
    this.config = config;
    this.quantities = quantities;
    this.averaged = averaged;
    this.batch = batch;
  }

  /// Compiles it.
  ///
  /// @param quantities of the clusters; null where they are not known
  /// @param averaged use the moving averages of parameters and running statistics
  /// @param batch clusters looked at in one run
  /// @param capacity hits that a batch may have
  static Evaluation of(
      Device device,
      Network network,
      ParameterStore store,
      PretrainConfig config,
      @Nullable ClusterQuantities quantities,
      boolean averaged,
      int batch,
      int capacity) {
    return network.shape() instanceof HitsArchitecture
        ? new HitsEvaluation(device, network, store, config, quantities, averaged, batch, capacity)
        : new ImageEvaluation(
            device, network, store, config, quantities, averaged, batch, capacity);
  }

  /// Figures over the given rows.
  public final Metrics metrics(ClusterTable table, int[] rows) {
    Sums sums = new Sums();
    for (int first = 0; first < rows.length; first += batch) {
      int count = Math.min(batch, rows.length - first);
      run(table, rows, first);
      add(table, rows, first, count, sums);
      if (told != null) {
        float[] figures = program().download(told.columns());
        for (int i = 0; i < count; i++) {
          sums.features += ClusterQuantities.Told.loss(figures, i);
        }
      }
    }
    return sums.mean(config, rows.length, told != null);
  }

  /// Images of the given rows.
  public final Picture[] pictures(ClusterTable table, int[] rows) {
    Picture[] pictures = new Picture[rows.length];
    for (int first = 0; first < rows.length; first += batch) {
      run(table, rows, first);
      picture(table, rows, first, Math.min(batch, rows.length - first), pictures);
    }
    return pictures;
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

  /// Traces the loss of the clusters' quantities, where the network tells them and they are known.
  ///
  /// @param embedding pooled features
  final void tell(Graph graph, Network network, Tensor embedding) {
    if (quantities != null && network.outputs() > 0) {
      told =
          ClusterQuantities.trace(
              graph, network, embedding, config.featureWeight, embedding.dim(0), false);
    }
  }

  /// Compiles what was traced.
  final void compile(Device device, Graph graph, ParameterStore store) {
    compiled = Program.compile(device, graph, store, averaged);
  }

  final Program program() {
    if (compiled == null) {
      throw new IllegalStateException("not compiled");
    }
    return compiled;
  }

  private void run(ClusterTable table, int[] rows, int first) {
    int[] part = StagedBatch.rows(rows, first, batch);
    hits().upload(program(), table, part, 0);
    if (told != null && quantities != null) {
      float[] values = new float[batch * ClusterQuantities.COUNT];
      quantities.copy(part, values);
      program().upload(values, told.values());
    }
    new StepState(config.seed, 0, 0, 0, 0, 0).upload(program(), step());
    program().run();
  }

  /// Returns the inputs of a batch.
  abstract StagedBatch hits();

  /// Returns the state of the step.
  abstract Tensor step();

  /// Adds the figures of the batch that has just run.
  ///
  /// @param count clusters of it that count
  abstract void add(ClusterTable table, int[] rows, int first, int count, Sums sums);

  /// Makes the pictures of the batch that has just run.
  ///
  /// @param pictures receives them, from `first` on
  abstract void picture(ClusterTable table, int[] rows, int first, int count, Picture[] pictures);

  /// Sums of figures over clusters.
  static final class Sums {
    double image;
    double cluster;
    double threshold;
    double shown;
    double raw;
    double zero;
    double clusterIou;
    double thresholdIou;
    double features;

    private Metrics mean(PretrainConfig config, int n, boolean told) {
      double total =
          config.imageWeight * image
              + config.clusterWeight * cluster
              + config.thresholdWeight * threshold
              + (told ? config.featureWeight * features : 0);
      return new Metrics(
          total / n,
          image / n,
          cluster / n,
          threshold / n,
          shown / n,
          raw / n,
          zero / n,
          clusterIou / n,
          thresholdIou / n,
          told ? features / n : Double.NaN,
          n);
    }
  }

  static double overlap(double intersection, double union) {
    return union == 0 ? 1 : intersection / union;
  }

  @Override
  public final void close() {
    if (compiled != null) {
      compiled.close();
      compiled = null;
    }
    hits().close();
  }
}
