package org.pixelwake.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.engine.Backend;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.group.Group;

class PretrainingTest {
  private static final String TINY = "efficientnet_w0.2_d0.3";
  private static final String HITS = "hits_w16_d2";

  @TempDir Path folder;

  /// Losses by step.
  private static final class Losses
      implements Training.Listener<Pretraining.Losses, Evaluation.Metrics> {
    final List<Double> steps = new ArrayList<>();
    final List<Double> features = new ArrayList<>();
    final List<Evaluation.Metrics> evaluations = new ArrayList<>();
    int checkpoints;

    @Override
    public void onStep(long step, long total, Pretraining.Losses losses, double rate) {
      steps.add(losses.total());
      features.add(losses.features());
    }

    @Override
    public void onEvaluation(long step, Evaluation.Metrics metrics) {
      evaluations.add(metrics);
    }

    @Override
    public void onCheckpoint(long step, Path path) {
      checkpoints++;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {TINY, HITS})
  void resumedRunEndsInTheSameBits(String arch) {
    Path dataset = dataset();
    Losses whole = new Losses();
    byte[] expected = run(dataset, folder.resolve("whole"), config(arch), whole, 2);
    Losses parts = new Losses();
    Path run = folder.resolve("parts");
    PretrainConfig config = config(arch);
    TrainingData data = TrainingData.load(dataset, config, Progress.NONE);
    try (Device device = device(2);
        var first = Training.start(device, new Pretraining(config, data), run, Group.single())) {
      var outcome = first.run(parts, () -> parts.steps.size() == 5);
      assertFalse(outcome.finished());
      assertEquals(5, outcome.step());
    }
    var from = Training.resumable(run, PretrainConfig.class);
    assertEquals(5, from.step());
    TrainingData again = TrainingData.load(from.dataset(), from.config(), Progress.NONE);
    // Another number of threads, because that must not matter either.
    try (Device device = device(1);
        var second =
            Training.resume(device, new Pretraining(from.config(), again), run, Group.single())) {
      assertTrue(second.run(parts, () -> false).finished());
    }
    assertEquals(whole.steps, parts.steps);
    assertEquals(whole.evaluations.getLast(), parts.evaluations.getLast());
    assertArrayEquals(expected, read(Training.model(run)));
  }

  @ParameterizedTest
  @ValueSource(strings = {TINY, HITS})
  void lossFalls(String arch) {
    Losses losses = new Losses();
    run(dataset(), folder.resolve("run"), config(arch), losses, 2);
    assertEquals(12, losses.steps.size());
    assertTrue(losses.steps.getLast() < losses.steps.getFirst(), losses.steps::toString);
    assertTrue(losses.checkpoints >= 1);
  }

  /// Whatever stands behind it, the encoder learns the clusters' own quantities where they weigh.
  @ParameterizedTest
  @ValueSource(strings = {TINY, HITS})
  void quantitiesOfClustersAreLearned(String arch) {
    Path dataset = dataset();
    PretrainConfig config = config(arch);
    config.featureWeight = 2;
    config.steps = 60;
    // So few steps do not get over the change of statistics, which is no part of this.
    config.fixedStatistics = 0;
    Losses losses = new Losses();
    run(dataset, folder.resolve("with"), config, losses, 2);
    double before = mean(losses.features.subList(0, 10));
    double after = mean(losses.features.subList(50, 60));
    assertTrue(after < 0.7 * before, before + " to " + after);
    Evaluation.Metrics last = losses.evaluations.getLast();
    double restored = last.image() + last.cluster() + last.threshold();
    assertEquals(restored + 2 * last.features(), last.total(), 1e-6);
    config.featureWeight = 0;
    config.steps = 1;
    Losses without = new Losses();
    run(dataset, folder.resolve("without"), config, without, 2);
    assertTrue(Double.isNaN(without.evaluations.getLast().features()));
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  @Test
  void quantitiesWeighWithNetworksOverHitsAlone() {
    for (String arch : List.of(TINY, HITS)) {
      PretrainConfig config = config(arch);
      TrainingData.load(dataset(), config, Progress.NONE);
      assertEquals(arch.equals(HITS) ? 1 : 0, config.featureWeight);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"canvas", "hits"})
  void allEnergiesAtTheDetectorsResolution(String pool) {
    Path dataset = dataset();
    PretrainConfig config = config();
    config.maxScale = 1;
    config.stemStride = 1;
    config.pool = pool;
    config.energyEncoding = "all";
    config.toaScale = 0;
    Losses losses = new Losses();
    Path run = folder.resolve("run");
    run(dataset, run, config.copy(PretrainConfig.class), losses, 2);
    assertTrue(losses.steps.getLast() < losses.steps.getFirst(), losses.steps::toString);
    TrainingData data = TrainingData.load(dataset, config, Progress.NONE);
    int[] rows = data.heldOutSample(config.evaluateClusters);
    try (Device device = device(2);
        TrainedModel model = TrainedModel.read(device, run);
        Evaluation evaluation = model.evaluation(data.table(), rows, 3)) {
      Evaluation.Metrics metrics = evaluation.metrics(data.table(), rows);
      assertEquals(losses.evaluations.getLast().total(), metrics.total(), 1e-5);
    }
  }

  @Test
  void poolingIsOverTheCanvasOrOverHits() {
    PretrainConfig config = config();
    config.pool = "edges";
    InputException e = assertThrows(InputException.class, config::validate);
    assertTrue(e.getMessage().contains("Use one of canvas, hits"), e.getMessage());
  }

  @Test
  void timesHaveNoChannelBesideAllEnergies() {
    Path dataset = dataset();
    PretrainConfig config = config();
    config.energyEncoding = "all";
    InputException e =
        assertThrows(InputException.class, () -> TrainingData.load(dataset, config, Progress.NONE));
    assertTrue(e.getMessage().contains("--toa-scale 0"), e.getMessage());
  }

  @Test
  void onlyTheNewestCheckpointIsKept() throws Exception {
    train(dataset(), folder.resolve("run"), 4, new Losses(), 1);
    try (Stream<Path> left = Files.list(folder.resolve("run/checkpoints"))) {
      assertEquals(List.of("step-000000004"), left.map(p -> p.getFileName().toString()).toList());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {TINY, HITS})
  void modelIsUsableAlone(String arch) {
    Path dataset = dataset();
    Losses losses = new Losses();
    PretrainConfig config = config(arch);
    config.steps = 4;
    config.featureWeight = 0;
    run(dataset, folder.resolve("run"), config, losses, 2);
    TrainingData data = TrainingData.load(dataset, config, Progress.NONE);
    int[] rows = data.heldOutSample(config.evaluateClusters);
    try (Device device = device(2);
        TrainedModel model = TrainedModel.read(device, folder.resolve("run"));
        Evaluation evaluation = model.evaluation(data.table(), rows, 3)) {
      assertEquals(4, model.step());
      Evaluation.Metrics metrics = evaluation.metrics(data.table(), rows);
      // Batches of 3 instead of 16, so the sums round differently.
      assertEquals(losses.evaluations.getLast().total(), metrics.total(), 1e-5);
      Evaluation.Picture[] pictures = evaluation.pictures(data.table(), rows);
      assertEquals(rows.length, pictures.length);
      for (int i = 0; i < rows.length; i++) {
        // The whole cluster is in the picture, at whatever scale.
        int inside = 0;
        for (int p = 0; p < config.side * config.side; p++) {
          inside += pictures[i].target()[3 * p] > 0 ? 1 : 0;
        }
        assertTrue(inside >= Math.min(data.table().size(rows[i]), 3), rows[i] + ": " + inside);
      }
    }
  }

  @Test
  void folderWithoutCheckpointIsRefused() {
    InputException e =
        assertThrows(
            InputException.class,
            () -> Training.resumable(folder.resolve("none"), PretrainConfig.class));
    assertTrue(e.getMessage().contains("holds no checkpoint"), e.getMessage());
  }

  /// Over 200 steps, in which roundings that differ from the first step on grow into other paths:
  /// so f32 itself is run with learning rates a thousandth apart, and bf16 must stay within the
  /// noise that this shows.
  @Tag("slow")
  @Test
  void bf16TrainsLikeF32() {
    Path dataset = dataset();
    double[][] f32 = new double[3][];
    for (int i = 0; i < f32.length; i++) {
      f32[i] = windows(dataset, "f32", 1 + 1e-3 * (i - 1));
    }
    double[] bf16 = windows(dataset, "bf16", 1);
    double[] mean = new double[bf16.length];
    double variance = 0;
    for (int w = 0; w < mean.length; w++) {
      for (double[] run : f32) {
        mean[w] += run[w] / f32.length;
      }
      for (double[] run : f32) {
        variance += Math.pow(run[w] / mean[w] - 1, 2) / (mean.length * (f32.length - 1));
      }
    }
    double noise = Math.sqrt(variance);
    assertTrue(noise < 0.1, "noise of f32: " + noise);
    for (int w = 0; w < mean.length; w++) {
      assertEquals(mean[w], bf16[w], 3 * noise * mean[w], "steps from " + 20 * w + " on");
    }
    // Or the comparison would say little.
    assertTrue(mean[9] < 0.7 * mean[0], () -> Arrays.toString(mean));
  }

  /// Mean losses of every 20 of 200 steps.
  private double[] windows(Path dataset, String precision, double factor) {
    PretrainConfig config = config();
    config.steps = 200;
    config.evaluateEvery = 200;
    config.learningRate *= factor;
    config.precision = precision;
    Losses losses = new Losses();
    run(dataset, folder.resolve(precision + factor), config, losses, 2);
    double[] means = new double[10];
    for (int i = 0; i < 200; i++) {
      means[i / 20] += losses.steps.get(i) / 20;
    }
    return means;
  }

  private byte[] train(Path dataset, Path run, long steps, Losses losses, int threads) {
    PretrainConfig config = config();
    config.steps = steps;
    return run(dataset, run, config, losses, threads);
  }

  private static byte[] run(
      Path dataset, Path run, PretrainConfig config, Losses losses, int threads) {
    TrainingData data = TrainingData.load(dataset, config, Progress.NONE);
    try (Device device = device(threads);
        var training = Training.start(device, new Pretraining(config, data), run, Group.single())) {
      var outcome = training.run(losses, () -> false);
      assertTrue(outcome.finished());
      assertNotNull(outcome.evaluation());
    }
    return read(Training.model(run));
  }

  private static Device device(int threads) {
    return Device.open(Backend.load("cpu"), 0, threads, Device.Isa.BEST);
  }

  private static PretrainConfig config() {
    return config(TINY);
  }

  private static PretrainConfig config(String arch) {
    PretrainConfig config = new PretrainConfig();
    config.arch = arch;
    config.side = 32;
    config.batch = 6;
    config.steps = 12;
    config.minBin = 5;
    config.heldOut = 0.2;
    config.evaluateEvery = 4;
    config.learningRate = 3e-3;
    config.maskFraction = 0.25f;
    config.pictures = 2;
    config.validate();
    return config;
  }

  private Path dataset() {
    return MadeUpClusters.write(folder.resolve("data.parquet"), 90);
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
