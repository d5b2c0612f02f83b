package org.pixelwake.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.group.Group;
import org.pixelwake.engine.group.GroupException;
import org.pixelwake.engine.group.MpiLibrary;
import org.pixelwake.engine.op.Collective;
import org.pixelwake.engine.op.Operation;

/// What processes put together, and the interface to MPI. That networks train alike is tested with
/// them, in the module of training.
final class CollectiveTest {
  private static final int C = 5;

  @Test
  void statisticsOfPartsAreThoseOfTheWhole() {
    Random random = new Random(1);
    int ranks = 3;
    int count = 40;
    float[] all = new float[ranks * 2 * C];
    float[] expected = new float[2 * C];
    for (int c = 0; c < C; c++) {
      double[] whole = new double[ranks * count];
      for (int r = 0; r < ranks; r++) {
        double[] part = new double[count];
        for (int i = 0; i < count; i++) {
          part[i] = 3 * c + r + random.nextGaussian();
          whole[r * count + i] = part[i];
        }
        all[r * 2 * C + c] = (float) mean(part);
        all[r * 2 * C + C + c] = (float) variance(part);
      }
      expected[c] = (float) mean(whole);
      expected[C + c] = (float) variance(whole);
    }
    Tensor stats = new Tensor("stats", Tensor.Role.INTERMEDIATE, Storage.F32, 2, C);
    assertArrayEquals(expected, combined(new Collective.Statistics(stats), all, 2 * C), 1e-5f);
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static double variance(double[] values) {
    double mean = mean(values);
    double sum = 0;
    for (double value : values) {
      sum += (value - mean) * (value - mean);
    }
    return sum / values.length;
  }

  @Test
  void sumsAreRoundedOnce() {
    Tensor x = new Tensor("x", Tensor.Role.INTERMEDIATE, Storage.F32, 2);
    Collective sum = new Collective.Sum(List.of(x), Operation.Direction.BACKWARD);
    // In f32 the second would vanish beside the first.
    float[] all = {1e8f, 1, 1, 2, -1e8f, 3};
    assertArrayEquals(new float[] {1, 6}, combined(sum, all, 2));
  }

  private static float[] combined(Collective collective, float[] all, int count) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment whole = arena.allocate(4L * count);
      collective.combine(arena.allocateFrom(ValueLayout.JAVA_FLOAT, all), whole);
      return whole.toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  @Test
  void aBatchIsSharedEquallyOrNotAtAll() {
    Group three =
        new Group() {
          @Override
          public int rank() {
            return 1;
          }

          @Override
          public int size() {
            return 3;
          }

          @Override
          public void allGather(MemorySegment own, MemorySegment all) {
            for (int r = 0; r < 3; r++) {
              all.asSlice(r * own.byteSize(), own.byteSize()).copyFrom(own);
            }
            // Rank 2 has something else.
            all.setAtIndex(ValueLayout.JAVA_LONG, 2, 1);
          }

          @Override
          public void allToAll(MemorySegment parts, MemorySegment received) {
            throw new UnsupportedOperationException();
          }

          @Override
          public void barrier() {}
        };
    assertEquals(4, three.share(12));
    InputException e = assertThrows(InputException.class, () -> three.share(32));
    assertTrue(e.getMessage().contains("--batch 32"), e.getMessage());
    assertTrue(three.any(false));
    assertFalse(Group.single().any(false));
    three.same(1, "state", "Nothing");
    GroupException different =
        assertThrows(GroupException.class, () -> three.same(2, "state", "Nothing"));
    assertEquals(GroupException.Kind.DIFFERENT, different.kind());
    assertTrue(different.getMessage().contains("rank 2"), different.getMessage());
  }

  @Test
  void interfaceToMpiIsThatOfTheHeader() throws IOException {
    Header header = new Header("mpi.h");
    assertEquals(header.functions, MpiLibrary.FUNCTIONS);
    assertEquals(header.constants.get("PW_MPI_ABI_VERSION"), MpiLibrary.ABI_VERSION);
    assertEquals(5 * 4, header.structs.get("pw_mpi_place").byteSize());
  }
}
