package org.pixelwake.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pixelwake.engine.op.Operation;

/// Tensors with room for more hits than a batch has: rows behind the last hit are neither read nor
/// written, and the results are those of tensors without such rows.
final class HitsTest {
  /// Rows behind the last hit.
  private static final int SPARE = 5;

  /// The byte that fills outputs before an operation runs.
  private static final byte POISON = 0x5a;

  /// The tensors with a row for every hit, by their names in the table's cases.
  private static final Set<String> OF_HITS =
      Set.of(
          "x",
          "y",
          "energy",
          "toa",
          "neighbours",
          "cluster",
          "features",
          "moments",
          "dy",
          "dx",
          "addend");

  static List<Devices.Choice> devices() {
    return Devices.all();
  }

  /// The cases of the table with spare rows.
  private static List<OperationCases.Case> cases() {
    return OperationCases.table().stream()
        .filter(line -> new Spec(line).family().equals("hits"))
        .map(OperationCases::parse)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("devices")
  void rowsBehindTheLastHitAreNeitherReadNorWritten(Devices.Choice choice) {
    Assumptions.assumeTrue(choice.absent() == null, choice + ": " + choice.absent());
    List<OperationCases.Case> cases = cases();
    assertTrue(cases.size() > 20, cases.size() + " cases");
    try (Device device = choice.open(2)) {
      for (OperationCases.Case one : cases) {
        checkSpareRows(device, one);
      }
    }
  }

  private static void checkSpareRows(Device device, OperationCases.Case one) {
    TensorValues reference = one.inputs().copy();
    Reference.run(one.operation(), reference);
    Wide wide = new Wide(one, false);
    Map<Tensor, byte[]> results = wide.run(device);
    assertEquals(one.operation().outputs().size(), results.size());
    for (Tensor output : one.operation().outputs()) {
      byte[] bytes = results.get(wide.of(output));
      int own = Math.toIntExact(output.bytes());
      String where = one.line() + ": " + output;
      assertArrayEquals(
          wide.before(output, own, bytes.length),
          Arrays.copyOfRange(bytes, own, bytes.length),
          where + " behind the last hit");
      byte[] found = Arrays.copyOf(bytes, own);
      if (reference.raw(output) instanceof int[] numbers) {
        int[] integers = new int[numbers.length];
        ByteBuffer.wrap(found).order(ByteOrder.nativeOrder()).asIntBuffer().get(integers);
        assertArrayEquals(numbers, integers, where);
      } else {
        Closeness.check(output, reference.get(output), Bench.decode(output, found), false);
      }
    }
  }

  /// Then nothing is written for hits, and all sums are 0.
  @ParameterizedTest
  @MethodSource("devices")
  void aBatchOfEmptyClustersHasSumsOfZero(Devices.Choice choice) {
    Assumptions.assumeTrue(choice.absent() == null, choice + ": " + choice.absent());
    try (Device device = choice.open(2)) {
      for (OperationCases.Case one : cases()) {
        Wide wide = new Wide(one, true);
        Map<Tensor, byte[]> results = wide.run(device);
        for (Tensor output : one.operation().outputs()) {
          byte[] found = results.get(wide.of(output));
          byte[] expected = new byte[found.length];
          if (OF_HITS.contains(output.name())) {
            expected = wide.before(output, 0, found.length);
          } else if (output.name().equals("largest")) {
            Arrays.fill(expected, (byte) 0xff); // -1: there is no hit
          }
          assertArrayEquals(expected, found, one.line() + ": " + output);
        }
      }
    }
  }

  /// A case whose tensors have spare rows, which hold NaN and numbers of no row.
  private static final class Wide {
    private final Map<Tensor, Tensor> tensors = new LinkedHashMap<>();
    private final Map<Tensor, Tensor> aliases = new HashMap<>();
    private final TensorValues values = new TensorValues();
    private final Operation operation;

    /// @param empty whether none of the rows is a hit
    Wide(OperationCases.Case one, boolean empty) {
      for (Tensor tensor : one.operation().inputs()) {
        Tensor to = widened(tensor, one.inputs().raw(tensor));
        tensors.put(tensor, to);
        boolean offsets = empty && tensor.name().equals("offsets");
        values.put(
            to, offsets ? new int[tensor.dim(0)] : value(tensor, to, one.inputs().raw(tensor)));
      }
      for (Tensor tensor : one.operation().outputs()) {
        tensors.put(tensor, widened(tensor, null));
      }
      one.aliases().forEach((output, input) -> aliases.put(of(output), of(input)));
      operation = (Operation) replaced(one.operation());
    }

    Tensor of(Tensor tensor) {
      return tensors.get(tensor);
    }

    Map<Tensor, byte[]> run(Device device) {
      return new Bench(operation, values, aliases).run(device, POISON);
    }

    /// Returns the bytes of an output before the operation ran.
    byte[] before(Tensor output, int from, int end) {
      Tensor input = aliases.get(of(output));
      if (input != null) {
        return Arrays.copyOfRange(Bench.encode(input, values.raw(input)), from, end);
      }
      byte[] poison = new byte[end - from];
      Arrays.fill(poison, POISON);
      return poison;
    }

    private static Tensor widened(Tensor tensor, Object value) {
      if (!OF_HITS.contains(tensor.name())) {
        return tensor;
      }
      int[] shape = tensor.shape();
      // Places are i16, whose tensor is as large as they need.
      shape[0] =
          value instanceof short[] places
              ? Math.ceilDiv(places.length + SPARE, 2)
              : shape[0] + SPARE;
      return new Tensor(tensor.name(), tensor.role(), tensor.storage(), shape);
    }

    private static Object value(Tensor from, Tensor to, Object value) {
      if (from == to) {
        return value;
      }
      int elements = Math.toIntExact(to.elements());
      return switch (value) {
        case double[] reals -> {
          double[] all = Arrays.copyOf(reals, elements);
          Arrays.fill(all, reals.length, elements, Double.NaN);
          yield all;
        }
        case int[] numbers -> {
          int[] all = Arrays.copyOf(numbers, elements);
          Arrays.fill(all, numbers.length, elements, Integer.MAX_VALUE);
          yield all;
        }
        case short[] places -> {
          // In reach of the last hit, so that a hit there would be its neighbour.
          short[] all = Arrays.copyOf(places, places.length + SPARE);
          for (int i = places.length; i < all.length; i++) {
            all[i] = (short) (all[i - 1] + 1);
          }
          yield all;
        }
        default -> throw new IllegalArgumentException(from + " holds " + value);
      };
    }

    // The record with the widened tensors in the places of the others.
    private Object replaced(Object value) {
      if (value instanceof Tensor tensor) {
        return tensors.getOrDefault(tensor, tensor);
      }
      if (!(value instanceof Record)) {
        return value;
      }
      try {
        RecordComponent[] components = value.getClass().getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        Object[] parts = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
          types[i] = components[i].getType();
          parts[i] = replaced(components[i].getAccessor().invoke(value));
        }
        return value.getClass().getDeclaredConstructor(types).newInstance(parts);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
