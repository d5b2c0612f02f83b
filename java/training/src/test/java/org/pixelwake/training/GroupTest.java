package org.pixelwake.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.engine.Backend;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.group.Group;
import org.pixelwake.engine.group.GroupException;
import org.pixelwake.engine.op.Collective;
import org.pixelwake.engine.op.Operation;
import org.pixelwake.engine.op.Optimizer;

/// Training by several processes, which are threads here: drop path, masks, rotations, clipping and
/// moving averages are on.
@Tag("slow")
final class GroupTest {
  private static final int STEPS = 50;

  @TempDir Path folder;
  private Path dataset = Path.of("");

  @BeforeEach
  void writeDataset() {
    dataset = MadeUpClusters.write(folder.resolve("data.parquet"), 90);
  }

  /// What one process of a run saw.
  private record Seen(List<Pretraining.Losses> losses, long digest) {}

  /// With a small learning rate, as roundings grow with it: see the next test.
  @Test
  void lossesAreThoseOfOneProcess() {
    PretrainConfig config = config(2e-5);
    Seen one = train(Group.single(), config, Device.Isa.BEST, STEPS);
    for (int size : new int[] {2, 3}) {
      List<Seen> ranks =
          LocalGroup.run(size, group -> train(group, config, Device.Isa.BEST, STEPS));
      for (Seen rank : ranks) {
        assertEquals(ranks.getFirst(), rank);
      }
      double difference = difference(one, ranks.getFirst(), STEPS);
      assertTrue(difference < 1e-5, size + " ranks: " + difference);
    }
  }

  /// With a large learning rate even one process comes to other losses once it rounds in another
  /// way, as AdamW divides small gradients by themselves. Several processes must not be further
  /// from one than its own kernels are from each other.
  @Test
  void differencesGrowLikeRoundingsOfOneProcess() {
    PretrainConfig config = config(5e-4);
    Seen one = train(Group.single(), config, Device.Isa.BEST, 12);
    double noise = 0;
    for (Device.Isa isa : new Device.Isa[] {Device.Isa.PORTABLE, Device.Isa.AVX2}) {
      noise = Math.max(noise, difference(one, train(Group.single(), config, isa, 12), 12));
    }
    Seen two = LocalGroup.run(2, group -> train(group, config, Device.Isa.BEST, 25)).getFirst();
    double difference = difference(one, two, 12);
    assertTrue(difference < 5 * noise, difference + ", roundings alone " + noise);
    // Or the comparison would say little.
    double fallen = two.losses().get(24).image() / two.losses().getFirst().image();
    assertTrue(fallen < 0.8, "the image's loss fell to " + fallen);
  }

  private static double difference(Seen a, Seen b, int steps) {
    double worst = 0;
    for (int i = 0; i < steps; i++) {
      Pretraining.Losses x = a.losses().get(i);
      Pretraining.Losses y = b.losses().get(i);
      worst = Math.max(worst, Math.abs(x.total() / y.total() - 1));
      worst = Math.max(worst, Math.abs(x.image() / y.image() - 1));
      worst = Math.max(worst, Math.abs(x.cluster() / y.cluster() - 1));
      worst = Math.max(worst, Math.abs(x.threshold() / y.threshold() - 1));
    }
    return worst;
  }

  private Seen train(Group group, PretrainConfig config, Device.Isa isa, int steps) {
    PretrainConfig own = config.copy(PretrainConfig.class);
    TrainingData data = TrainingData.load(dataset, own, Progress.NONE);
    Pretraining task = new Pretraining(own, data);
    int share = group.share(own.batch);
    Shuffle shuffle = new Shuffle(own.seed, data.train());
    List<Pretraining.Losses> losses = new ArrayList<>();
    try (Device device = Device.open(Backend.load("cpu"), 0, 1, isa);
        ParameterStore store = ParameterStore.forTraining(device, task.network().layout(), true);
        TrainingStep<Pretraining.Losses> step = new TrainingStep<>(device, task, store, group)) {
      task.network().initialise(store, own.seed);
      for (int i = 0; i < steps; i++) {
        long first = (long) i * own.batch + (long) group.rank() * share;
        int[] rows = new int[share];
        Arrays.setAll(rows, k -> shuffle.at(first + k));
        losses.add(step.run(rows, i + 1, own.learningRate));
      }
      return new Seen(losses, store.digest());
    }
  }

  @Test
  void parametersChangeBehindTheLastExchange() {
    LocalGroup.run(
        2,
        group -> {
          PretrainConfig config = config(1e-3);
          TrainingData data = TrainingData.load(dataset, config, Progress.NONE);
          Pretraining task = new Pretraining(config, data);
          for (float clip : new float[] {0, 1}) {
            config.clipNorm = clip;
            try (Device device = Device.cpu(1);
                ParameterStore store =
                    ParameterStore.forTraining(device, task.network().layout(), true);
                TrainingStep<Pretraining.Losses> step =
                    new TrainingStep<>(device, task, store, group)) {
              List<Operation> operations = step.operations();
              int lastExchange = last(operations, Collective.class);
              assertTrue(lastExchange > 0);
              for (Operation before : operations.subList(0, lastExchange)) {
                assertFalse(before instanceof Optimizer.AdamW, before.toString());
                assertFalse(before instanceof Optimizer.Average, before.toString());
              }
            }
          }
          return true;
        });
  }

  private static int last(List<Operation> operations, Class<?> kind) {
    for (int i = operations.size() - 1; i >= 0; i--) {
      if (kind.isInstance(operations.get(i))) {
        return i;
      }
    }
    return -1;
  }

  /// A run of two that loses one in the middle of a step leaves a checkpoint, from which two go on
  /// to the same bits as without the loss.
  @Test
  void lostProcessLeavesACheckpointToGoOnFrom() {
    PretrainConfig config = config(1e-3);
    config.steps = 6;
    config.evaluateEvery = 3;
    Path whole = folder.resolve("whole");
    List<Training.Outcome<?, ?>> done =
        LocalGroup.run(2, group -> pretrain(group, config, whole, false));
    assertTrue(done.stream().allMatch(Training.Outcome::finished));
    Path parts = folder.resolve("parts");
    LocalGroup.run(
        2,
        group -> {
          // In the fourth step or thereabouts: one has 100 exchanges and a few while statistics are
          // of the
          // batch, as they are in the first four.
          group.failAt(350);
          GroupException e =
              assertThrows(GroupException.class, () -> pretrain(group, config, parts, false));
          assertEquals(GroupException.Kind.LOST, e.kind());
          assertEquals(group.leads(), e.getMessage().contains("a checkpoint after step"));
          return true;
        });
    long reached = Training.resumable(parts, PretrainConfig.class).step();
    assertTrue(reached > 0 && reached < 6, reached + " steps");
    LocalGroup.run(2, group -> pretrain(group, config, parts, true));
    assertArrayEquals(read(Training.model(whole)), read(Training.model(parts)));
  }

  @Test
  void stopInOneStopsAllAfterTheSameStepAndOneGoesOnAlone() {
    PretrainConfig config = config(2e-5);
    config.steps = 5;
    Path run = folder.resolve("run");
    List<Training.Outcome<?, ?>> stopped =
        LocalGroup.run(
            2,
            group -> {
              int[] asked = new int[1];
              try (Device device = Device.cpu(1);
                  var training = start(group, device, config, run, false)) {
                return training.run(
                    new Training.Listener<>() {}, () -> ++asked[0] == 3 && !group.leads());
              }
            });
    for (Training.Outcome<?, ?> outcome : stopped) {
      assertFalse(outcome.finished());
      assertEquals(2, outcome.step());
    }
    assertEquals(2, Training.resumable(run, PretrainConfig.class).step());
    assertTrue(pretrain(Group.single(), config, run, true).finished());
  }

  @Test
  void batchThatCannotBeSharedIsRefused() {
    LocalGroup.run(
        2,
        group -> {
          PretrainConfig config = config(1e-3);
          config.batch = 7;
          InputException e =
              assertThrows(
                  InputException.class,
                  () -> pretrain(group, config, folder.resolve("none"), false));
          assertTrue(e.getMessage().contains("Give a multiple of 2"), e.getMessage());
          return true;
        });
    assertFalse(Files.exists(folder.resolve("none")));
  }

  @Test
  void processesWithOtherSettingsAreNoticed() {
    LocalGroup.run(
        2,
        group -> {
          PretrainConfig config = config(group.leads() ? 1e-3 : 2e-3);
          GroupException e =
              assertThrows(
                  GroupException.class,
                  () -> pretrain(group, config, folder.resolve("none"), false));
          assertEquals(GroupException.Kind.DIFFERENT, e.kind());
          return true;
        });
    assertFalse(Files.exists(folder.resolve("none")));
  }

  private Training.Outcome<?, ?> pretrain(
      Group group, PretrainConfig config, Path run, boolean resume) {
    try (Device device = Device.cpu(1);
        var training = start(group, device, config, run, resume)) {
      return training.run(new Training.Listener<>() {}, () -> false);
    }
  }

  private Training<Pretraining.Losses, Evaluation.Metrics> start(
      Group group, Device device, PretrainConfig config, Path run, boolean resume) {
    PretrainConfig own =
        resume
            ? Training.resumable(run, PretrainConfig.class).config()
            : config.copy(PretrainConfig.class);
    Pretraining task = Pretraining.load(dataset, own, Progress.NONE);
    return resume
        ? Training.resume(device, task, run, group)
        : Training.start(device, task, run, group);
  }

  private static PretrainConfig config(double learningRate) {
    PretrainConfig config = new PretrainConfig();
    config.arch = "efficientnet_w0.2_d0.3";
    config.side = 32;
    config.batch = 24;
    config.minBin = 5;
    config.heldOut = 0.2;
    config.learningRate = learningRate;
    config.maskFraction = 0.25f;
    config.pictures = 0;
    config.validate();
    return config;
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
