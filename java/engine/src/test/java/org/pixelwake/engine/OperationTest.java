package org.pixelwake.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.pixelwake.engine.op.BatchNorm;
import org.pixelwake.engine.op.Collective;
import org.pixelwake.engine.op.Convolution;
import org.pixelwake.engine.op.Operation;

/// Every case of the table on every device: against the reference, twice, and on the CPU twice with
/// two threads too, all of whose bits must be equal.
@Tag("slow")
final class OperationTest {
  private static final Map<String, Device> OPEN = new HashMap<>();

  private static Device device(Devices.Choice choice, int threads) {
    return OPEN.computeIfAbsent(choice + "/" + threads, key -> choice.open(threads));
  }

  @AfterAll
  static void closeDevices() {
    OPEN.values().forEach(Device::close);
    OPEN.clear();
  }

  @TestFactory
  Stream<DynamicNode> operations() {
    List<OperationCases.Case> cases =
        OperationCases.lines().stream().map(OperationCases::parse).toList();
    Map<String, TensorValues> references = new HashMap<>();
    return Devices.all().stream()
        .map(choice -> {
          if (choice.absent() != null) {
            return DynamicTest.dynamicTest(
                choice.toString(), () -> Assumptions.abort(choice + ": " + choice.absent()));
          }
          Stream<DynamicNode> tests =
              cases.stream()
                  .map(one ->
                      DynamicTest.dynamicTest(
                          choice + ": " + one.line(),
                          () ->
                              check(
                                  choice,
                                  one,
                                  references.computeIfAbsent(
                                      one.line() + " " + choice.rounds(),
                                      key -> reference(one, choice.rounds())))));
          return DynamicContainer.dynamicContainer(choice.toString(), tests);
        });
  }

  private static TensorValues reference(OperationCases.Case one, boolean rounds) {
    TensorValues v = one.inputs().copy();
    Reference.run(one.operation(), v, rounds);
    return v;
  }

  private static void check(
      Devices.Choice choice, OperationCases.Case one, TensorValues reference) {
    try {
      Bench bench = new Bench(one.operation(), one.inputs(), one.aliases());
      Map<Tensor, byte[]> first = bench.run(device(choice, 1), (byte) 0xff);
      Map<String, Map<Tensor, byte[]>> others = new LinkedHashMap<>();
      others.put("a second run", bench.run(device(choice, 1), (byte) 0x5a));
      if (choice.backend().equals("cpu")) { // the others know no threads
        others.put("two threads", bench.run(device(choice, 2), (byte) 0xff));
        others.put("a second run of two threads", bench.run(device(choice, 2), (byte) 0x5a));
      }
      boolean bf16 =
          Stream.concat(one.operation().inputs().stream(), one.operation().outputs().stream())
              .anyMatch(t -> t.storage() == Storage.BF16);
      first.forEach((tensor, bytes) -> {
        if (reference.raw(tensor) instanceof int[] numbers) {
          IntBuffer found = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).asIntBuffer();
          assertEquals(IntBuffer.wrap(numbers), found, tensor.toString());
        } else {
          Closeness.check(tensor, reference.get(tensor), Bench.decode(tensor, bytes), bf16);
        }
        others.forEach((what, all) ->
            assertArrayEquals(bytes, all.get(tensor), tensor + ": " + what + " differs"));
      });
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(
          e.getMessage()
              + System.lineSeparator()
              + "  on "
              + choice
              + ": mvn -pl java/engine test -Dtest=OperationTest -Dpixelwake.seed="
              + OperationCases.SEED
              + " -Dpixelwake.case=\""
              + one.line()
              + "\"",
          e);
    }
  }

  /// The table is only worth something if it holds every record.
  @Test
  void tableHoldsEveryOperation() {
    Set<Class<?>> seen = new HashSet<>();
    List<String> table = OperationCases.table();
    for (String line : table) {
      seen.add(OperationCases.parse(line).operation().getClass());
    }
    // What several processes do together is tested with several (CollectiveTest).
    seen.add(Collective.class);
    assertEquals(Reference.operations(Operation.class), seen);
    assertEquals(table.size(), new HashSet<>(table).size(), "a line stands twice in the table");
  }

  /// The same arithmetic without fusion: the transform written out, then a convolution of a plain
  /// tensor. In f32 both round alike up to the order of additions.
  @TestFactory
  List<DynamicTest> fusedEqualsUnfused() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Devices.Choice choice : Devices.all()) {
      tests.add(DynamicTest.dynamicTest(choice.toString(), () -> compareUnfused(choice)));
    }
    return tests;
  }

  private static void compareUnfused(Devices.Choice choice) {
    Assumptions.assumeTrue(choice.absent() == null, choice + ": " + choice.absent());
    for (String shape :
        List.of(
            "pointwise forward n2h9w7c21o5",
            "depthwise forward n2h9w7c21 k5",
            "depthwise forward n2h5w7c9 k3s2t1",
            "dense forward n2h9w7c21o5 k3s2t1")) {
      for (String transform : List.of("bn_silu", "bn_silu_gate")) {
        String line = shape + " f32 " + transform + " stats";
        compareUnfused(choice, OperationCases.parse(line));
      }
    }
  }

  private static void compareUnfused(Devices.Choice choice, OperationCases.Case one) {
    Convolution.Forward fused = (Convolution.Forward) one.operation();
    Device device = device(choice, 2);
    Map<Tensor, byte[]> expected =
        new Bench(fused, one.inputs(), Map.of()).run(device, (byte) 0xff);
    Tensor transformed =
        new Tensor("transformed", Tensor.Role.INTERMEDIATE, Storage.F32, fused.x().data().shape());
    // The transform as a pass of its own, then the convolution of a plain tensor.
    List<Operation> unfused =
        List.of(
            new BatchNorm.Apply(fused.x(), transformed),
            new Convolution.Forward(
                fused.attributes(),
                View.of(transformed),
                fused.weight(),
                fused.bias(),
                fused.y(),
                fused.stats()));
    TensorValues values = one.inputs().copy();
    Map<Tensor, byte[]> actual = Map.of();
    for (Operation operation : unfused) {
      actual = new Bench(operation, values, Map.of()).run(device, (byte) 0xff);
      actual.forEach((tensor, bytes) -> values.put(tensor, Bench.decode(tensor, bytes)));
    }
    assertTrue(actual.containsKey(fused.y()) && actual.containsKey(fused.stats()));
    actual.forEach((tensor, bytes) ->
        Closeness.check(
            tensor,
            Bench.decode(tensor, expected.get(tensor)),
            Bench.decode(tensor, bytes),
            false));
  }
}
