package org.pixelwake.training.benchmark;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.pixelwake.base.Progress;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.Profiler;
import org.pixelwake.engine.group.Group;
import org.pixelwake.engine.op.Operation;
import org.pixelwake.network.Network;
import org.pixelwake.training.StepLosses;
import org.pixelwake.training.TrainingStep;
import org.pixelwake.training.TrainingTask;

/// Times training steps on made-up clusters and checks the losses of the steps it timed.
public final class StepBenchmark {
  private static final double LEARNING_RATE = 1e-3;

  private StepBenchmark() {}

  /// What was measured.
  ///
  /// @param seconds of each step timed
  /// @param losses of all steps, those of the warm-up first
  /// @param repeats whether the same steps from the same start gave the same losses to the last bit
  /// @param falls whether the last loss is below the first
  /// @param planBytes memory of the intermediates, gradients among them
  /// @param storeBytes memory of parameters, moments and running statistics
  /// @param allocatedBytes memory that Java allocated in the median step
  /// @param operations every operation of a step with its time; empty where none was asked for
  public record Result(
      double[] seconds,
      double[] losses,
      boolean repeats,
      boolean falls,
      long planBytes,
      long storeBytes,
      long allocatedBytes,
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

  /// The operations of the step that [#run] measures, without a device.
  public static List<Operation> operations(Workload work) {
    try (TrainingTask<?, ?> task = work.task()) {
      return TrainingStep.operations(task);
    }
  }

  /// Measures.
  ///
  /// @param profile also time each operation, in the second run of the steps, the one that checks
  ///   the losses
  public static Result run(
      Device device, Workload work, int warmup, int steps, boolean profile, Progress progress) {
    try (TrainingTask<?, ?> task = work.task()) {
      return run(device, task, warmup, steps, profile, progress);
    }
  }

  private static <L extends StepLosses> Result run(
      Device device,
      TrainingTask<L, ?> task,
      int warmup,
      int steps,
      boolean profile,
      Progress progress) {
    long seed = task.config().seed;
    int[] rows = task.data().train();
    Network network = task.network();
    int all = warmup + steps;
    double[] losses = new double[all];
    double[] again = new double[all];
    double[] seconds = new double[steps];
    long[] allocated = new long[steps];
    try (ParameterStore store = ParameterStore.forTraining(device, network.layout(), false);
        TrainingStep<L> step = new TrainingStep<>(device, task, store, Group.single())) {
      restart(network, store, seed);
      for (int i = 0; i < all; i++) {
        long before = ThreadHeap.allocated();
        long start = System.nanoTime();
        losses[i] = step.run(rows, i + 1, LEARNING_RATE).total();
        if (i >= warmup) {
          seconds[i - warmup] = (System.nanoTime() - start) * 1e-9;
          allocated[i - warmup] = ThreadHeap.allocated() - before;
        }
        progress.update(i + 1, 2L * all, "steps", "loss " + losses[i]);
      }
      restart(network, store, seed);
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
      Arrays.sort(allocated);
      return new Result(
          seconds,
          losses,
          Arrays.equals(losses, again),
          losses[all - 1] < losses[0],
          step.plan().arenaBytes(),
          store.bytes(),
          allocated[steps / 2],
          profile ? timed(step.operations(), times) : List.of());
    }
  }

  private static void restart(Network network, ParameterStore store, long seed) {
    store.clear(ParameterStore.Slab.FIRST_MOMENT);
    store.clear(ParameterStore.Slab.SECOND_MOMENT);
    network.initialise(store, seed);
  }

  private static List<Timed> timed(List<Operation> operations, double[][] times) {
    return IntStream.range(0, operations.size())
        .mapToObj(i ->
            new Timed(
                operations.get(i),
                median(Arrays.stream(times).mapToDouble(step -> step[i]).toArray())))
        .toList();
  }
}
