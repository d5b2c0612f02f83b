package org.pixelwake.training.benchmark;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.pixelwake.base.Philox;
import org.pixelwake.base.Progress;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.ParameterLayout;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.ParameterStore.Slab;
import org.pixelwake.engine.Program;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.network.Encoder;
import org.pixelwake.network.Network;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.training.FinetuneConfig;
import org.pixelwake.training.FinetuneData;
import org.pixelwake.training.Predictor;
import org.pixelwake.training.PretrainConfig;
import org.pixelwake.training.TaskData;

/// Times inference and checks what comes of it.
///
/// Of a network over images the encoder alone ([Encoder]), on made-up images and weights; its
/// embeddings are checked against the network whose batch norms are not folded in. Of a network
/// over hits the whole way from clusters to the outputs of a classifier ([Predictor]), with random
/// weights; its embeddings are checked against plain loops in double precision ([PlainHits]).
public final class EncoderBenchmark {
  private static final int CHANNELS = 3;

  // Of the images, pixels that are not empty.
  private static final double FILLED = 0.3;

  /// Largest error of all embeddings together that is only rounding.
  private static final double TOLERANCE = 1e-5;

  private static final double TOLERANCE_BF16 = 0.02;
  private static final int CHECKED_HITS = 5000;

  private EncoderBenchmark() {}

  /// What was measured.
  ///
  /// @param seconds of each run of a batch, images or hits copied in and results copied out
  /// @param error norm of the difference of all embeddings over their own
  /// @param tolerance error that rounding explains
  public record Result(double[] seconds, double error, double tolerance) {
    /// Median run.
    public double medianSeconds() {
      return StepBenchmark.median(seconds);
    }

    /// Whether the embeddings are right.
    public boolean sound() {
      // NaN is not.
      return error <= tolerance;
    }
  }

  /// Measures.
  ///
  /// @param warmup seconds before
  /// @param seconds timed
  public static Result run(
      Device device, Workload work, double warmup, double seconds, Progress progress) {
    return work.overHits()
        ? overHits(device, work, warmup, seconds, progress)
        : overImages(device, work.config(), warmup, seconds, progress);
  }

  private static Result overHits(
      Device device, Workload work, double warmup, double seconds, Progress progress) {
    FinetuneConfig config = work.classifier();
    FinetuneData data = work.labelled();
    Network network = Network.classifier(config.shape(0), data.classes().size());
    try (ParameterStore store = ParameterStore.forInference(device, network.layout())) {
      network.initialise(store, config.seed);
      int[] checked = sample(data.table());
      double[][] expected = expected(store, config, data.table(), checked);
      try (Predictor predictor =
          new Predictor(
              device, network, store, config, false, config.batch, data.classes(), List.of(), 1)) {
        double error = error(expected, predictor.embed(data.table(), checked));
        Runnable predict = () -> predictor.predict(data.table(), data.train());
        repeat(predict, warmup, Progress.NONE);
        double[] times = repeat(predict, seconds, progress);
        error = Math.max(error, error(expected, predictor.embed(data.table(), checked)));
        return new Result(times, error, TOLERANCE);
      }
    }
  }

  // Clusters of a few thousand hits in all, which plain loops compute in seconds; one at least.
  private static int[] sample(ClusterTable table) {
    int count = Math.max(1, (int) ((long) table.count() * CHECKED_HITS / table.hitCount()));
    return TaskData.sample(IntStream.range(0, table.count()).toArray(), count);
  }

  private static double[][] expected(
      ParameterStore store, FinetuneConfig config, ClusterTable table, int[] rows) {
    PlainHits plain = new PlainHits(store, config);
    return Arrays.stream(rows).mapToObj(row -> plain.embed(table, row)).toArray(double[][]::new);
  }

  private static Result overImages(
      Device device, PretrainConfig config, double warmup, double seconds, Progress progress) {
    Network network = Network.classifier(config.shape(0), 1);
    float[] images = images(config);
    try (ParameterStore store = ParameterStore.forInference(device, network.layout())) {
      network.initialise(store, config.seed);
      drawBatchNorms(network, store, config.seed);
      float[] expected = unfolded(device, network, store, images, config);
      try (Encoder encoder =
          Encoder.of(
              device,
              network,
              store,
              Slab.PARAMETERS,
              config.side,
              config.batch,
              config.storage())) {
        double error = error(expected, encoder.embed(images));
        repeat(() -> encoder.embed(images), warmup, Progress.NONE);
        double[] times = repeat(() -> encoder.embed(images), seconds, progress);
        error = Math.max(error, error(expected, encoder.embed(images)));
        double tolerance = config.storage() == Storage.F32 ? TOLERANCE : TOLERANCE_BF16;
        return new Result(times, error, tolerance);
      }
    }
  }

  // So that a mix-up in folding them shows.
  private static void drawBatchNorms(Network network, ParameterStore store, long seed) {
    for (ParameterLayout.Entry entry : network.layout().entries()) {
      String name = entry.name();
      if (name.matches("features.*\\.1\\.weight")) {
        draw(store, name, seed, 0.6, 1.4);
      } else if (name.matches("features.*\\.1\\.bias")) {
        draw(store, name, seed, -0.3, 0.3);
      } else if (name.endsWith("running_mean")) {
        draw(store, name, seed, -0.2, 0.2);
      } else if (name.endsWith("running_var")) {
        draw(store, name, seed, 0.5, 1.5);
      }
    }
  }

  private static void draw(
      ParameterStore store, String name, long seed, double least, double most) {
    float[] values = store.get(Slab.PARAMETERS, name);
    for (int i = 0; i < values.length; i++) {
      double drawn = Philox.uniform(Philox.bits(seed, name.hashCode(), i));
      values[i] = (float) (least + (most - least) * drawn);
    }
    store.set(Slab.PARAMETERS, name, values);
  }

  // Most pixels are empty, as in images of tracks.
  private static float[] images(PretrainConfig config) {
    float[] values = new float[config.batch * config.side * config.side * CHANNELS];
    for (int i = 0; i < values.length; i++) {
      double drawn = Philox.uniform(Philox.bits(config.seed, 0, i));
      values[i] = drawn < FILLED ? (float) (drawn / FILLED) : 0;
    }
    return values;
  }

  private static float[] unfolded(
      Device device, Network network, ParameterStore store, float[] images, PretrainConfig config) {
    Graph graph = new Graph(network.layout(), false, Storage.F32);
    Tensor image =
        graph.input("images", Storage.F32, config.batch, config.side, config.side, CHANNELS);
    int width = network.architecture().top();
    Tensor embedding = graph.result("embedding", Storage.F32, config.batch, width);
    graph.pool(network.encode(graph, image, null).getLast(), embedding);
    try (Program program = Program.compile(device, graph, store, false)) {
      program.upload(images, image);
      program.run();
      return program.download(embedding);
    }
  }

  // Seconds of every run in that time, of one at least.
  private static double[] repeat(Runnable run, double seconds, Progress progress) {
    DoubleStream.Builder times = DoubleStream.builder();
    int runs = 0;
    long begin = System.nanoTime();
    double passed;
    do {
      long start = System.nanoTime();
      run.run();
      times.add((System.nanoTime() - start) * 1e-9);
      passed = (System.nanoTime() - begin) * 1e-9;
      long tenths = Math.round(10 * seconds);
      long done = Math.min(Math.round(10 * passed), tenths);
      progress.update(done, tenths, "tenths of a second", ++runs + " runs");
    } while (passed < seconds);
    return times.build().toArray();
  }

  private static double error(double[][] expected, float[][] actual) {
    double squares = 0;
    double errors = 0;
    for (int i = 0; i < expected.length; i++) {
      for (int k = 0; k < expected[i].length; k++) {
        squares += expected[i][k] * expected[i][k];
        errors += Math.pow(actual[i][k] - expected[i][k], 2);
      }
    }
    return Math.sqrt(errors / squares);
  }

  private static double error(float[] expected, float[] actual) {
    double squares = 0;
    double errors = 0;
    for (int i = 0; i < expected.length; i++) {
      squares += (double) expected[i] * expected[i];
      errors += Math.pow((double) actual[i] - expected[i], 2);
    }
    return Math.sqrt(errors / squares);
  }
}
