package org.pixelwake.engine.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pixelwake.engine.SmallNets;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.View;
import org.pixelwake.engine.op.Convolution;
import org.pixelwake.engine.op.Operation;

final class MemoryPlanTest {
  private static Tensor tensor(String name, Tensor.Role role, int elements) {
    return new Tensor(name, role, Storage.F32, 1, 1, 1, elements);
  }

  private static Tensor intermediate(String name, int elements) {
    return tensor(name, Tensor.Role.INTERMEDIATE, elements);
  }

  /// Reads up to three tensors and writes one, which may take the place of the addend.
  private static Operation operation(Tensor x, Tensor dy, Tensor addend, Tensor out) {
    Tensor weight = tensor("weight", Tensor.Role.PARAMETER, 1);
    Gradients.OfRaw of = Gradients.OfRaw.plain(dy);
    return new Convolution.Backward(
        new Convolution.Attributes(Convolution.Family.POINTWISE, 1, 1, false),
        View.of(x),
        weight,
        dy,
        of,
        addend,
        out,
        null,
        null,
        null);
  }

  /// A random program: each operation reads up to three earlier tensors.
  private static List<Operation> program(Random random, int length) {
    List<Tensor> written = new ArrayList<>();
    written.add(tensor("input", Tensor.Role.INPUT, 10));
    List<Operation> operations = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      Tensor addend = random.nextInt(3) > 0 ? recent(random, written) : null;
      // Often of the addend's size, so that it can be overwritten.
      int elements =
          addend != null && random.nextBoolean()
              ? Math.toIntExact(addend.elements())
              : 1 + random.nextInt(5000);
      Tensor out = intermediate("t" + i, elements);
      operations.add(operation(recent(random, written), recent(random, written), addend, out));
      written.add(out);
    }
    return operations;
  }

  private static Tensor recent(Random random, List<Tensor> written) {
    int back = random.nextInt(Math.min(written.size(), random.nextInt(8) == 0 ? 30 : 4));
    return written.get(written.size() - 1 - back);
  }

  private static long[] workspaces(Random random, int length) {
    long[] bytes = new long[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = random.nextInt(3) == 0 ? random.nextInt(20000) : 0;
    }
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 20, 60, 200})
  void everyReadSeesWhatWasWritten(int length) {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      List<Operation> operations = program(random, length);
      long[] workspaces = workspaces(random, length);
      MemoryPlan plan = MemoryPlan.of(operations, workspaces);
      play(operations, workspaces, plan);
      assertTrue(plan.arenaBytes() <= plan.naiveBytes(), "seed " + seed);
      checkPlacements(plan);
    }
  }

  private static void checkPlacements(MemoryPlan plan) {
    List<MemoryPlan.Placement> all = plan.placements();
    for (int i = 0; i < all.size(); i++) {
      MemoryPlan.Placement a = all.get(i);
      assertEquals(0, a.offset() % MemoryPlan.ALIGNMENT, a::toString);
      assertTrue(a.offset() + a.bytes() <= plan.arenaBytes(), a::toString);
      for (int j = 0; j < i; j++) {
        MemoryPlan.Placement b = all.get(j);
        boolean apart =
            a.last() < b.first()
                || b.last() < a.first()
                || a.offset() + a.bytes() <= b.offset()
                || b.offset() + b.bytes() <= a.offset();
        assertTrue(apart, () -> a + " and " + b);
      }
    }
  }

  /// Plays the program on an arena that knows who wrote each of its blocks last.
  private static void play(List<Operation> operations, long[] workspaces, MemoryPlan plan) {
    Object[] owner = new Object[Math.toIntExact(plan.arenaBytes() / MemoryPlan.ALIGNMENT)];
    for (int i = 0; i < operations.size(); i++) {
      Operation operation = operations.get(i);
      for (Tensor input : operation.inputs()) {
        checkOwner(owner, plan, input, i);
      }
      if (workspaces[i] > 0) {
        write(owner, plan.workspaceOffset(i), workspaces[i], "workspace " + i);
      }
      for (Tensor output : operation.outputs()) {
        if (output.role() == Tensor.Role.INTERMEDIATE) {
          write(owner, plan.offset(output, i), output.bytes(), output);
        }
      }
      // An operation reads until it ends, so nothing it writes lies over its inputs but in place.
      for (Tensor input : operation.inputs()) {
        boolean replaced = false;
        for (Tensor output : operation.outputs()) {
          replaced |=
              operation.inPlace(output) == input
                  && offset(plan, output, i) == offset(plan, input, i);
        }
        if (!replaced) {
          checkOwner(owner, plan, input, i);
        }
      }
    }
  }

  private static long offset(MemoryPlan plan, Tensor tensor, int operation) {
    return tensor.role() == Tensor.Role.INTERMEDIATE ? plan.offset(tensor, operation) : -1;
  }

  private static void write(Object[] owner, long offset, long bytes, Object who) {
    long blocks = Math.ceilDiv(bytes, MemoryPlan.ALIGNMENT);
    for (long block = 0; block < blocks; block++) {
      owner[Math.toIntExact(offset / MemoryPlan.ALIGNMENT + block)] = who;
    }
  }

  private static void checkOwner(Object[] owner, MemoryPlan plan, Tensor tensor, int operation) {
    if (tensor.role() != Tensor.Role.INTERMEDIATE) {
      return;
    }
    long first = plan.offset(tensor, operation) / MemoryPlan.ALIGNMENT;
    for (long block = 0; block < Math.ceilDiv(tensor.bytes(), MemoryPlan.ALIGNMENT); block++) {
      assertSame(
          tensor,
          owner[Math.toIntExact(first + block)],
          () -> tensor + " at operation " + operation);
    }
  }

  @Test
  void planIsDeterministic() {
    for (int seed = 0; seed < 20; seed++) {
      // Tensors are other objects each time, with other hash codes.
      List<List<MemoryPlan.Placement>> plans = new ArrayList<>();
      for (int k = 0; k < 2; k++) {
        Random random = new Random(seed);
        List<Operation> operations = program(random, 80);
        plans.add(MemoryPlan.of(operations, workspaces(random, 80)).placements());
      }
      assertEquals(plans.get(0), plans.get(1));
    }
  }

  @Test
  void outputTakesTheAddendsPlaceOnlyWhenNobodyReadsItLater() {
    Tensor input = tensor("input", Tensor.Role.INPUT, 10);
    Tensor a = intermediate("a", 100);
    Tensor b = intermediate("b", 100);
    Tensor c = intermediate("c", 100);
    Operation first = operation(input, input, null, a);
    Operation second = operation(input, input, a, b);
    MemoryPlan free = MemoryPlan.of(List.of(first, second), new long[2]);
    assertEquals(free.offset(a, 0), free.offset(b, 1));
    assertEquals(512, free.arenaBytes());
    Operation third = operation(a, b, null, c);
    MemoryPlan kept = MemoryPlan.of(List.of(first, second, third), new long[3]);
    assertNotEquals(kept.offset(a, 1), kept.offset(b, 1));
    // The operation reads it besides as its own dy.
    Operation twice = operation(input, a, a, b);
    MemoryPlan both = MemoryPlan.of(List.of(first, twice), new long[2]);
    assertNotEquals(both.offset(a, 1), both.offset(b, 1));
  }

  @Test
  void writtenAgainATensorBeginsAnotherLife() {
    Tensor input = tensor("input", Tensor.Role.INPUT, 10);
    Tensor weight = tensor("weight", Tensor.Role.PARAMETER, 100);
    Tensor y = intermediate("y", 100);
    Tensor large = intermediate("large", 1000);
    Tensor last = intermediate("last", 1);
    Convolution.Forward first =
        new Convolution.Forward(
            new Convolution.Attributes(Convolution.Family.POINTWISE, 1, 1, false),
            View.of(input),
            weight,
            null,
            y,
            null);
    List<Operation> operations =
        List.of(
            first,
            operation(input, y, null, large),
            operation(input, large, null, last),
            first.again(),
            operation(input, y, last, intermediate("end", 1)));
    MemoryPlan plan = MemoryPlan.of(operations, new long[5]);
    play(operations, new long[5], plan);
    assertEquals(2, plan.placements().stream().filter(p -> p.name().equals("y")).count());
    assertThrows(IllegalStateException.class, () -> plan.offset(y, 2));
    // Another operation must not write it.
    Operation other = operation(input, input, null, y);
    assertThrows(
        IllegalStateException.class, () -> MemoryPlan.of(List.of(first, other), new long[2]));
  }

  @Test
  void mistakesAreRefused() {
    Tensor input = tensor("input", Tensor.Role.INPUT, 10);
    Tensor a = intermediate("a", 100);
    Tensor b = intermediate("b", 100);
    Operation reader = operation(a, input, null, b);
    Operation writer = operation(input, input, null, a);
    assertThrows(
        IllegalStateException.class, () -> MemoryPlan.of(List.of(reader, writer), new long[2]));
    assertThrows(
        IllegalStateException.class, () -> MemoryPlan.of(List.of(writer, writer), new long[2]));
    MemoryPlan plan = MemoryPlan.of(List.of(writer), new long[1]);
    assertThrows(IllegalStateException.class, () -> plan.offset(b, 0));
  }

  /// Whole training steps of small networks, and the same with every activation that can be
  /// computed again dropped.
  @ParameterizedTest
  @ValueSource(doubles = {0, 1})
  void plansANetwork(double recomputed) {
    for (SmallNets.Spec spec : SmallNets.all()) {
      SmallNets.Net net = spec.trace(Storage.BF16, name -> true, false, recomputed);
      long[] workspaces = new long[net.graph().operations().size()];
      java.util.Arrays.fill(workspaces, 777);
      MemoryPlan plan = MemoryPlan.of(net.graph().operations(), workspaces);
      play(net.graph().operations(), workspaces, plan);
      assertTrue(plan.arenaBytes() < plan.naiveBytes(), plan.summary());
      Map<String, Integer> names = new HashMap<>();
      plan.placements().forEach(p -> names.merge(p.name(), 1, Integer::sum));
      assertTrue(names.keySet().stream().anyMatch(name -> name.endsWith("workspace")));
    }
  }
}
