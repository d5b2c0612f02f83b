package org.pixelwake.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.engine.Backend;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.ParameterStore.Slab;
import org.pixelwake.engine.group.Group;
import org.pixelwake.timepix.dataset.ClusterTable;

/// Batch norms that take their running statistics in the last steps.
final class FixedStatisticsTest {
  private static final String NORM = "features.1.0.block.0.1.";
  private static final Training.Listener<Object, Object> DEAF = new Training.Listener<>() {};

  @TempDir Path folder;

  private static PretrainConfig config(double fixed) {
    PretrainConfig config = new PretrainConfig();
    config.arch = "efficientnet_w0.2_d0.3";
    config.side = 32;
    config.batch = 6;
    config.steps = 8;
    config.minBin = 5;
    config.heldOut = 0.2;
    config.evaluateEvery = 4;
    config.learningRate = 3e-3;
    config.fixedStatistics = fixed;
    config.validate();
    return config;
  }

  private Path dataset() {
    return MadeUpClusters.write(folder.resolve("data.parquet"), 90);
  }

  private static Device device() {
    return Device.open(Backend.load("cpu"), 0, 1, Device.Isa.BEST);
  }

  private static Pretraining task(Path dataset, PretrainConfig config) {
    return new Pretraining(config, TrainingData.load(dataset, config, Progress.NONE));
  }

  private static void train(Path dataset, PretrainConfig config, Path run) {
    try (Device device = device();
        var training = Training.start(device, task(dataset, config), run, Group.single())) {
      assertTrue(training.run(DEAF, () -> false).finished());
    }
  }

  /// A network whose statistics are fixed is trained as it is evaluated: the loss of a step is that
  /// of the evaluation before it. It learns the scales and leaves the statistics alone.
  @Test
  void lossOfAStepIsThatOfTheEvaluation() {
    PretrainConfig config = config(0);
    config.maskFraction = 0;
    config.augment = false;
    config.dropPath = 0;
    Pretraining task = task(dataset(), config);
    int[] rows = Arrays.copyOf(task.data().train(), config.batch);
    ClusterTable table = task.data().table();
    try (Device device = device();
        ParameterStore store = ParameterStore.forTraining(device, task.network().layout(), true)) {
      task.network().initialise(store, 1);
      try (var step = new TrainingStep<>(device, task, store, Group.single())) {
        for (int i = 1; i <= 5; i++) {
          step.run(rows, i, 1e-3);
        }
      }
      int capacity = StagedBatch.capacity(table, rows, rows.length);
      try (Evaluation evaluation =
              Evaluation.of(
                  device, task.network(), store, config, null, false, rows.length, capacity);
          var step = new TrainingStep<>(device, task, store, Group.single(), true)) {
        double expected = evaluation.metrics(table, rows).total();
        float[] statistics = store.get(Slab.STATE, NORM + "running_var");
        float[] averages = store.get(Slab.STATE_AVERAGE, NORM + "running_var");
        float[] scales = store.get(Slab.PARAMETERS, NORM + "weight");
        assertEquals(expected, step.run(rows, 6, 1e-3).total(), 1e-5 * expected);
        assertArrayEquals(statistics, store.get(Slab.STATE, NORM + "running_var"));
        assertArrayEquals(averages, store.get(Slab.STATE_AVERAGE, NORM + "running_var"));
        assertFalse(Arrays.equals(scales, store.get(Slab.PARAMETERS, NORM + "weight")));
      }
    }
  }

  /// Before, at and behind the step from which on they are fixed, the fifth of eight.
  @Test
  void resumedRunsEndInTheSameBits() throws IOException {
    Path dataset = dataset();
    Path whole = folder.resolve("whole");
    train(dataset, config(0.5), whole);
    byte[] expected = Files.readAllBytes(Training.model(whole));
    for (int stop : new int[] {3, 4, 5, 6}) {
      Path parts = folder.resolve("parts" + stop);
      PretrainConfig config = config(0.5);
      try (Device device = device();
          var first = Training.start(device, task(dataset, config), parts, Group.single())) {
        assertEquals(stop, first.run(DEAF, () -> first.step() == stop).step());
      }
      PretrainConfig again = Training.resumable(parts, PretrainConfig.class).config();
      try (Device device = device();
          var second = Training.resume(device, task(dataset, again), parts, Group.single())) {
        assertTrue(second.run(DEAF, () -> false).finished());
      }
      assertArrayEquals(expected, Files.readAllBytes(Training.model(parts)), "stopped at " + stop);
    }
  }

  /// Two processes, whose gradients of scales and shifts are each of their own clusters alone.
  @Test
  void processesTrainTogether() {
    Path dataset = dataset();
    List<double[]> losses =
        IntStream.of(1, 2)
            .mapToObj(size -> LocalGroup.run(size, group -> losses(dataset, group)).getFirst())
            .toList();
    for (int i = 0; i < losses.getFirst().length; i++) {
      double one = losses.getFirst()[i];
      assertEquals(one, losses.getLast()[i], 1e-5 * one, "step " + (i + 1));
    }
  }

  private double[] losses(Path dataset, Group group) {
    PretrainConfig config = config(0.5);
    config.learningRate = 2e-5;
    return losses(dataset, config, folder.resolve("run" + group.size()), group);
  }

  private static double[] losses(Path dataset, PretrainConfig config, Path run, Group group) {
    double[] losses = new double[(int) config.steps];
    Training.Listener<Pretraining.Losses, Object> listener =
        new Training.Listener<>() {
          @Override
          public void onStep(long step, long total, Pretraining.Losses of, double rate) {
            losses[(int) step - 1] = of.total();
          }
        };
    try (Device device = device();
        var training = Training.start(device, task(dataset, config), run, group)) {
      assertTrue(training.run(listener, () -> false).finished());
    }
    return losses;
  }

  /// Runs of versions that did not know of it go on without.
  @Test
  void earlierRunsHaveNone() {
    assertEquals(0.25, new PretrainConfig().fixedStatistics);
    assertEquals(0, new FinetuneConfig().fixedStatistics);
    String json = new PretrainConfig().toJson();
    String without = json.replaceAll("\"fixed-statistics\":[0-9.]*,", "");
    assertNotEquals(json, without);
    assertEquals(0, RunConfig.fromJson("earlier", without, PretrainConfig.class).fixedStatistics);
    PretrainConfig config = config(0);
    config.fixedStatistics = 1;
    InputException e = assertThrows(InputException.class, config::validate);
    assertTrue(e.getMessage().contains("--fixed-statistics"), e.getMessage());
  }

  /// One cluster in a hundred is a disc of high energies. With the statistics of batches, a batch
  /// that holds one is normalised by it, which the running statistics do not do: in evaluation its
  /// activations grow from layer to layer, and the network is not the one that was trained.
  @Tag("slow")
  @Test
  void evaluationIsNoWorseThanTraining() {
    Path dataset = MadeUpClusters.write(folder.resolve("rare.parquet"), 600, 100);
    double without = worse(dataset, 0);
    double with = worse(dataset, 0.25);
    assertTrue(with < 1.08, with + " times the loss of training, with fixed statistics");
    assertTrue(without > 1.15, without + " times without: this shows nothing");
  }

  /// The loss of the clusters that were trained on, in evaluation, over that of the last steps.
  private double worse(Path dataset, double fixed) {
    PretrainConfig config = config(fixed);
    config.balance = false;
    config.dropPath = 0;
    config.batch = 8;
    config.steps = 400;
    config.evaluateEvery = 400;
    config.ema = 0.95;
    config.learningRate = 8e-3;
    Path run = folder.resolve("worse" + fixed);
    double[] losses = losses(dataset, config, run, Group.single());
    double trained = Arrays.stream(losses).skip(320).average().orElseThrow();
    TrainingData data = TrainingData.load(dataset, config, Progress.NONE);
    try (Device device = device();
        TrainedModel model = TrainedModel.read(device, run);
        Evaluation evaluation = model.evaluation(data.table(), data.train(), 10)) {
      return evaluation.metrics(data.table(), data.train()).total() / trained;
    }
  }
}
