package org.pixelwake.training.benchmark;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.pixelwake.base.Philox;
import org.pixelwake.base.Progress;
import org.pixelwake.base.Version;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.Profiler;
import org.pixelwake.engine.group.Group;
import org.pixelwake.engine.op.Operation;
import org.pixelwake.network.Network;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetInfo;
import org.pixelwake.timepix.dataset.ExponentialBins;
import org.pixelwake.timepix.dataset.SizeHistogram;
import org.pixelwake.training.PretrainConfig;
import org.pixelwake.training.Pretraining;
import org.pixelwake.training.TrainingData;
import org.pixelwake.training.TrainingStep;

/// Times training steps on made-up clusters and checks the losses of the steps it timed.
public final class StepBenchmark {
  private static final double LEARNING_RATE = 1e-3;
  private static final int HITS = 24;
  private static final int NEIGHBOURS = 8;

  private StepBenchmark() {}

  /// What was measured.
  ///
  /// @param seconds of each step timed
  /// @param losses of all steps, those of the warm-up first
  /// @param repeats whether the same steps from the same start gave the same losses to the last bit
  /// @param falls whether the last loss is below the first
  /// @param planBytes memory of the intermediates, gradients among them
  /// @param storeBytes memory of parameters, moments and running statistics
  /// @param operations every operation of a step with its time; empty where none was asked for
  public record Result(
      double[] seconds,
      double[] losses,
      boolean repeats,
      boolean falls,
      long planBytes,
      long storeBytes,
      List<Timed> operations) {
    /// Median step.
    public double medianSeconds() {
      return median(seconds);
    }

    /// Whether the losses are finite, repeat and fall.
    public boolean sound() {
      return repeats && falls && Arrays.stream(losses).allMatch(Double::isFinite);
    }
  }

  /// An operation and the time that it took, the median over the steps timed.
  public record Timed(Operation operation, double seconds) {}

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  /// Sets what a comparison with other libraries needs: the plain loss, no stochastic depth, no
  /// moving average, no clipping of the gradients and no random changes of the images.
  public static void prepare(PretrainConfig config) {
    config.dropPath = 0;
    config.ema = 0;
    config.clipNorm = 0;
    config.augment = false;
    config.maskFraction = 0;
    config.energyScale = 100;
    config.toaScale = 100;
    config.energyThreshold = 25;
    config.emptyWeight = 1;
    config.maskEmptyWeight = 1;
    config.diceWeight = 0;
  }

  /// The operations of the step that [#run] measures, without a device.
  public static List<Operation> operations(PretrainConfig config) {
    return TrainingStep.operations(task(config));
  }

  /// Measures.
  ///
  /// @param profile also time each operation, in the second run of the steps, the one that checks
  ///   the losses
  public static Result run(
      Device device,
      PretrainConfig config,
      int warmup,
      int steps,
      boolean profile,
      Progress progress) {
    Pretraining task = task(config);
    int[] rows = task.data().train();
    Network network = task.network();
    int all = warmup + steps;
    double[] losses = new double[all];
    double[] again = new double[all];
    double[] seconds = new double[steps];
    try (ParameterStore store = ParameterStore.forTraining(device, network.layout(), false);
        TrainingStep<Pretraining.Losses> step =
            new TrainingStep<>(device, task, store, Group.single())) {
      restart(network, store, config);
      for (int i = 0; i < all; i++) {
        long start = System.nanoTime();
        losses[i] = step.run(rows, i + 1, LEARNING_RATE).total();
        if (i >= warmup) {
          seconds[i - warmup] = (System.nanoTime() - start) * 1e-9;
        }
        progress.update(i + 1, 2L * all, "steps", "loss " + losses[i]);
      }
      restart(network, store, config);
      double[][] times = new double[steps][];
      try (Profiler profiler = profile ? step.profiler() : null) {
        for (int i = 0; i < all; i++) {
          again[i] = step.run(rows, i + 1, LEARNING_RATE, profiler).total();
          if (profiler != null && i >= warmup) {
            times[i - warmup] = profiler.seconds();
          }
          progress.update((long) all + i + 1, 2L * all, "steps", "loss " + again[i]);
        }
      }
      return new Result(
          seconds,
          losses,
          Arrays.equals(losses, again),
          losses[all - 1] < losses[0],
          step.plan().arenaBytes(),
          store.bytes(),
          profile ? timed(step.operations(), times) : List.of());
    }
  }

  private static void restart(Network network, ParameterStore store, PretrainConfig config) {
    store.clear(ParameterStore.Slab.FIRST_MOMENT);
    store.clear(ParameterStore.Slab.SECOND_MOMENT);
    network.initialise(store, config.seed);
  }

  private static List<Timed> timed(List<Operation> operations, double[][] times) {
    return IntStream.range(0, operations.size())
        .mapToObj(i ->
            new Timed(
                operations.get(i),
                median(Arrays.stream(times).mapToDouble(step -> step[i]).toArray())))
        .toList();
  }

  private static Pretraining task(PretrainConfig config) {
    ClusterTable table = clusters(config.batch, config.seed);
    int[] rows = IntStream.range(0, config.batch).toArray();
    SourceInfo source =
        new SourceInfo("made-up", "", "", "", 256, 256, true, EnergyUnit.KEV, Map.of());
    SizeHistogram sizes = SizeHistogram.of(ExponentialBins.POWERS_OF_TWO, table.sizes());
    return new Pretraining(
        config,
        new TrainingData(
            Path.of("made-up"),
            DatasetInfo.of(Version.CURRENT, source),
            table,
            rows,
            rows,
            sizes,
            sizes,
            0));
  }

  // Random walks over neighbouring pixels, of about the energies and times of electrons.
  private static ClusterTable clusters(int count, long seed) {
    List<Cluster> clusters = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int x = 128;
      int y = 128;
      Set<List<Integer>> walk = new LinkedHashSet<>();
      for (int k = 0; walk.size() < HITS; k++) {
        walk.add(List.of(x, y));
        int turn = (int) Math.floorMod(Philox.bits(seed, i, k), (long) NEIGHBOURS + 1);
        x += turn / 3 - 1;
        y += turn % 3 - 1;
      }
      short[] xs = new short[HITS];
      short[] ys = new short[HITS];
      float[] energy = new float[HITS];
      float[] toa = new float[HITS];
      int at = 0;
      for (List<Integer> pixel : walk) {
        xs[at] = pixel.get(0).shortValue();
        ys[at] = pixel.get(1).shortValue();
        energy[at] = (float) (5 + 60 * Philox.uniform(Philox.bits(seed, ~i, at)));
        toa[at] = 2 * at;
        at++;
      }
      clusters.add(new Cluster(0, 0, xs, ys, energy, toa));
    }
    return ClusterTable.of(clusters, 0);
  }
}
