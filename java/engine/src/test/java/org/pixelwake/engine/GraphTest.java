package org.pixelwake.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pixelwake.engine.op.Convolution;
import org.pixelwake.engine.op.Optimizer;
import org.pixelwake.engine.plan.MemoryPlan;
import org.pixelwake.engine.plan.OptimizerPass;

/// Whole networks as programs on the CPU, their arena poisoned before each run.
final class GraphTest {
  private static final Optimizer.Attributes ADAMW =
      new Optimizer.Attributes(0.9f, 0.999f, 1e-6f, 0.1f, 0.5f);

  static List<SmallNets.Spec> nets() {
    return SmallNets.all();
  }

  /// A network with its optimizer, compiled, its parameters and inputs uploaded.
  static final class Run implements AutoCloseable {
    final Device device;
    final SmallNets.Net net;
    final TensorValues values;
    final ParameterStore store;
    final Tensor norm;
    final Program program;

    /// A step whose gradients can be read.
    Run(Device device, SmallNets.Spec spec, Storage storage, Predicate<String> trainable) {
      this(device, spec.trace(storage, trainable, true), ADAMW, OptimizerPass.GROUP_BYTES);
    }

    Run(Device device, SmallNets.Net net, Optimizer.Attributes adamW, long groupBytes) {
      this.device = device;
      this.net = net;
      norm = net.graph().result("norm", Storage.F32, 1);
      net.graph().adamW(adamW, net.step(), norm, true, groupBytes);
      values = net.draw(29);
      store = ParameterStore.forTraining(device, net.layout(), true);
      for (ParameterLayout.Entry entry : net.layout().entries()) {
        store.set(
            ParameterStore.Slab.PARAMETERS,
            entry.name(),
            floats(values.get(net.graph().parameter(entry.name()))));
      }
      store.copy(ParameterStore.Slab.PARAMETERS, ParameterStore.Slab.AVERAGE);
      store.copy(ParameterStore.Slab.STATE, ParameterStore.Slab.STATE_AVERAGE);
      program = Program.compile(device, net.graph(), store, false);
      upload();
    }

    void upload() {
      SmallNets.STEP.upload(program, net.step());
      upload(net.image());
      upload(net.target());
    }

    private void upload(Tensor tensor) {
      try (java.lang.foreign.Arena arena = java.lang.foreign.Arena.ofConfined()) {
        byte[] bytes = Bench.encode(tensor, values.get(tensor));
        java.lang.foreign.MemorySegment host = arena.allocate(bytes.length, 64);
        host.copyFrom(java.lang.foreign.MemorySegment.ofArray(bytes));
        program.upload(host, tensor);
      }
    }

    /// A step from the parameters of the start.
    void step() {
      program.poison();
      program.run();
    }

    double[] gradient(String name) {
      Tensor gradient = net.graph().gradient(net.graph().parameter(name));
      return doubles(program.download(Objects.requireNonNull(gradient, name)));
    }

    long optimizerCalls() {
      return net.graph().operations().stream()
          .filter(operation -> operation.family().equals("optimizer"))
          .count();
    }

    MemoryPlan.Placement placement(String name) {
      return program.plan().placements().stream()
          .filter(placement -> placement.name().equals(name))
          .findFirst()
          .orElseThrow();
    }

    /// Those of all learned parameters.
    float[][] gradients() {
      return net.learned().stream().map(n -> floats(gradient(n))).toArray(float[][]::new);
    }

    @Override
    public void close() {
      program.close();
      store.close();
    }
  }

  static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    Arrays.setAll(doubles, i -> values[i]);
    return doubles;
  }

  @ParameterizedTest
  @MethodSource("nets")
  void lossGradientsAndStatistics(SmallNets.Spec spec) {
    try (Device device = Device.cpu(2);
        Run run = new Run(device, spec, Storage.F32, name -> true)) {
      run.step();
      TensorValues v = run.values.copy();
      Reference.run(run.net.graph().operations().subList(0, run.net.forward()), v);
      double[] losses = v.get(run.net.losses());
      assertArrayEquals(losses, doubles(run.program.download(run.net.losses())), 1e-5);
      double squares = 0;
      for (String name : run.net.learned()) {
        double[] gradient = run.gradient(name);
        squares += GradientTest.dot(gradient, gradient);
        compareWithDifferences(run, name, gradient);
      }
      double norm = run.program.download(run.norm)[0];
      assertEquals(Math.sqrt(squares), norm, 1e-5 * norm);
      for (ParameterLayout.Entry entry : run.net.layout().entries()) {
        if (entry.group() == ParameterLayout.Group.STATE) {
          double[] expected = v.get(run.net.graph().parameter(entry.name()));
          double[] actual = doubles(store(run, entry.name()));
          assertArrayEquals(expected, actual, 1e-5, entry.name());
        }
      }
    }
  }

  private static float[] store(Run run, String name) {
    return run.store.get(ParameterStore.Slab.PARAMETERS, name);
  }

  private static void compareWithDifferences(Run run, String name, double[] gradient) {
    Tensor parameter = run.net.graph().parameter(name);
    Random random = new Random(name.hashCode());
    for (int k = 0; k < 3; k++) {
      double[] direction = GradientTest.direction(random, gradient.length, k);
      double expected = GradientTest.slope(run.net, run.values, parameter, direction);
      double scale = GradientTest.norm(gradient) * GradientTest.norm(direction);
      assertEquals(expected, GradientTest.dot(gradient, direction), 3e-5 * scale + 1e-7, name);
    }
  }

  /// bf16 has 8 bits of mantissa and every activation and gradient is rounded to it; the gradients
  /// of the whole network must still point where those of f32 do.
  @Test
  void bf16PointsTheSameWay() {
    SmallNets.Spec spec = SmallNets.blocks("bf16", true);
    try (Device device = Device.cpu(2);
        Run f32 = new Run(device, spec, Storage.F32, name -> true);
        Run bf16 = new Run(device, spec, Storage.BF16, name -> true)) {
      f32.step();
      bf16.step();
      double loss = f32.program.download(f32.net.losses())[0];
      assertEquals(loss, bf16.program.download(bf16.net.losses())[0], 0.02 * loss);
      double both = 0;
      double one = 0;
      double other = 0;
      for (String name : f32.net.learned()) {
        double[] a = f32.gradient(name);
        double[] b = bf16.gradient(name);
        both += GradientTest.dot(a, b);
        one += GradientTest.dot(a, a);
        other += GradientTest.dot(b, b);
      }
      double cosine = both / Math.sqrt(one * other);
      assertTrue(cosine > 0.99, "cosine " + cosine);
    }
  }

  @ParameterizedTest
  @MethodSource("nets")
  void stepIsThatOfAdamW(SmallNets.Spec spec) {
    try (Device device = Device.cpu(2);
        Run run = new Run(device, spec, Storage.F32, name -> true)) {
      run.step();
      double norm = run.program.download(run.norm)[0];
      for (ParameterLayout.Entry entry : run.net.layout().entries()) {
        if (entry.group() == ParameterLayout.Group.STATE) {
          checkAverage(run, entry.name());
          continue;
        }
        boolean decayed = entry.group() == ParameterLayout.Group.DECAYED;
        checkStep(run, entry.name(), decayed ? ADAMW.weightDecay() : 0, norm);
        checkAverage(run, entry.name());
      }
    }
  }

  private static void checkStep(Run run, String name, double decay, double norm) {
    StepState s = SmallNets.STEP;
    double clip = Math.min(1, ADAMW.clipNorm() / norm);
    double[] p = run.values.get(run.net.graph().parameter(name)).clone();
    double[] g = run.gradient(name);
    double bias1 = 1 - Math.pow(s.beta1(), (double) s.index());
    double bias2 = 1 - Math.pow(s.beta2(), (double) s.index());
    for (int i = 0; i < p.length; i++) {
      double m = (1 - s.beta1()) * clip * g[i];
      double v = (1 - s.beta2()) * clip * clip * g[i] * g[i];
      p[i] -= s.learningRate() * decay * p[i];
      p[i] -= s.learningRate() / bias1 * m / (Math.sqrt(v / bias2) + ADAMW.eps());
    }
    assertArrayEquals(p, doubles(store(run, name)), 1e-6, name);
  }

  private static void checkAverage(Run run, String name) {
    double keep = SmallNets.STEP.averageDecay();
    double[] before = run.values.get(run.net.graph().parameter(name));
    double[] after = doubles(store(run, name));
    double[] average = doubles(run.store.get(ParameterStore.Slab.AVERAGE, name));
    for (int i = 0; i < average.length; i++) {
      assertEquals(keep * before[i] + (1 - keep) * after[i], average[i], 1e-6, name);
    }
  }

  /// Gradients that die in the backward pass, in the arena: the memory of the one must not be that
  /// of another which still lives, and no parameter may change before its last reader.
  @ParameterizedTest
  @MethodSource("nets")
  void optimizerInTheBackwardPassTakesTheSameStep(SmallNets.Spec spec) {
    for (float clip : new float[] {0, ADAMW.clipNorm()}) {
      Optimizer.Attributes a = new Optimizer.Attributes(0.9f, 0.999f, 1e-6f, 0.1f, clip);
      try (Device device = Device.cpu(2);
          Run kept =
              new Run(device, spec.trace(Storage.F32, name -> true, true), a, Long.MAX_VALUE);
          Run one = new Run(device, spec.trace(Storage.F32, name -> true), a, 1)) {
        kept.step();
        one.step();
        assertTrue(one.optimizerCalls() > kept.optimizerCalls());
        double norm = kept.program.download(kept.norm)[0];
        assertEquals(norm, one.program.download(one.norm)[0], 1e-6 * norm);
        for (ParameterLayout.Entry entry : kept.net.layout().entries()) {
          for (ParameterStore.Slab slab :
              List.of(ParameterStore.Slab.PARAMETERS, ParameterStore.Slab.AVERAGE)) {
            float[] expected = kept.store.get(slab, entry.name());
            // The norm to clip by is added up in another order.
            assertArrayEquals(
                expected, one.store.get(slab, entry.name()), clip == 0 ? 0 : 1e-7f, entry.name());
          }
        }
      }
    }
  }

  /// Activations computed again are the same to the last bit, and so is everything that follows.
  @ParameterizedTest
  @MethodSource("nets")
  void recomputationChangesNothingButTheMemory(SmallNets.Spec spec) {
    for (Storage storage : Storage.values()) {
      try (Device device = Device.cpu(2);
          Run kept = new Run(device, spec.trace(storage, name -> true, true, 0), ADAMW, 1);
          Run again = new Run(device, spec.trace(storage, name -> true, true, 1), ADAMW, 1)) {
        kept.step();
        again.step();
        assertArrayEquals(kept.gradients(), again.gradients());
        for (ParameterLayout.Entry entry : kept.net.layout().entries()) {
          assertArrayEquals(
              doubles(store(kept, entry.name())), doubles(store(again, entry.name())));
        }
      }
    }
  }

  @Test
  void recomputationKeepsItsBudgetAndFreesMemory() {
    SmallNets.Spec spec = SmallNets.blocks("budget", true);
    long forward = flops(spec.trace(Storage.F32, name -> true).graph());
    long least = Long.MAX_VALUE;
    int most = 0;
    for (double share : new double[] {0, 0.02, 0.1, 0.3}) {
      SmallNets.Net net = spec.trace(Storage.F32, name -> true, false, share);
      assertTrue(flops(net.graph()) - forward <= 3 * share * forward, "share " + share);
      int operations = net.graph().operations().size();
      MemoryPlan plan = MemoryPlan.of(net.graph().operations(), new long[operations]);
      assertTrue(plan.arenaBytes() <= least, "share " + share);
      assertTrue(operations >= most, "share " + share);
      least = plan.arenaBytes();
      most = operations;
    }
    SmallNets.Net none = spec.trace(Storage.F32, name -> true);
    int operations = none.graph().operations().size();
    assertTrue(most > operations, "nothing was computed again");
    assertTrue(least < MemoryPlan.of(none.graph().operations(), new long[operations]).arenaBytes());
  }

  private static long flops(Graph graph) {
    return graph.operations().stream()
        .mapToLong(o -> o instanceof Convolution.Forward convolution ? convolution.flops() : 0)
        .sum();
  }

  @Test
  void gradientsLiveInTheArenaOnlyWhileTheyAreNeeded() {
    SmallNets.Spec spec = SmallNets.blocks("short lives", true);
    try (Device device = Device.cpu(1);
        Run clipped = new Run(device, spec.trace(Storage.F32, name -> true), ADAMW, 1);
        Run free =
            new Run(
                device,
                spec.trace(Storage.F32, name -> true),
                new Optimizer.Attributes(0.9f, 0.999f, 1e-6f, 0.1f, 0),
                1)) {
      int end = clipped.net.graph().operations().size() - 2;
      for (String name : clipped.net.learned()) {
        MemoryPlan.Placement waiting = clipped.placement("d(" + name + ")");
        assertEquals(end, waiting.last(), name);
        MemoryPlan.Placement early = free.placement("d(" + name + ")");
        assertTrue(early.last() <= early.first() + 8, early::toString);
      }
      assertTrue(free.program.plan().arenaBytes() <= clipped.program.plan().arenaBytes());
    }
  }

  @Test
  void frozenParametersStayAsTheyAre() {
    Predicate<String> trainable = name -> name.startsWith("b.") || name.startsWith("head");
    SmallNets.Spec spec = SmallNets.blocks("frozen", true);
    try (Device device = Device.cpu(2);
        Run all = new Run(device, spec, Storage.F32, name -> true);
        Run some = new Run(device, spec, Storage.F32, trainable)) {
      all.step();
      some.step();
      int learned = 0;
      for (String name : some.net.learned()) {
        if (trainable.test(name)) {
          assertArrayEquals(all.gradient(name), some.gradient(name), 1e-6, name);
          learned++;
        } else {
          assertNull(some.net.graph().gradient(some.net.graph().parameter(name)), name);
          double[] before = some.values.get(some.net.graph().parameter(name));
          assertArrayEquals(before, doubles(store(some, name)), name);
        }
      }
      assertTrue(learned > 10, learned + " learned");
      assertFalse(
          some.net.graph().operations().size() >= all.net.graph().operations().size(),
          "freezing must shorten the step");
    }
  }
}
