package org.pixelwake.network.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pixelwake.base.InputException;

class TensorMapTest {
  private final TensorMap map =
      new TensorMap(
          "weights.pth",
          List.of(
              NamedTensor.ofFloats("features.0.weight", new float[] {1, 2, 3, 4}, 2, 2),
              NamedTensor.ofLongs("features.0.steps", new long[] {9}),
              NamedTensor.ofFloats("heads.bias", new float[] {5}, 1)),
          Map.of());

  @Test
  void looksUpByNameAndShape() {
    assertArrayEquals(new float[] {1, 2, 3, 4}, map.floats("features.0.weight", 2, 2));
    assertArrayEquals(new long[] {9}, map.longs("features.0.steps"));
    assertEquals(
        List.of("features.0.weight", "features.0.steps", "heads.bias"), List.copyOf(map.names()));
    assertTrue(map.find("none").isEmpty());
  }

  @Test
  void failuresNameFileTensorAndDifference() {
    String missing =
        assertThrows(InputException.class, () -> map.floats("features.1.weight", 2, 2))
            .getMessage();
    assertTrue(missing.startsWith("weights.pth: tensor 'features.1.weight': is missing"), missing);
    assertTrue(missing.contains("nearest is 'features.0.weight'"), missing);
    String shape =
        assertThrows(InputException.class, () -> map.floats("features.0.weight", 4)).getMessage();
    assertTrue(shape.contains("has shape [2, 2] where [4] is expected"), shape);
    String type =
        assertThrows(InputException.class, () -> map.floats("features.0.steps")).getMessage();
    assertTrue(type.contains("has type I64 where a floating-point type"), type);
  }

  @Test
  void dataMustHaveTheSizeOfTheShape() {
    MemorySegment three = MemorySegment.ofArray(new byte[3]);
    assertThrows(
        IllegalArgumentException.class,
        () -> new NamedTensor("a", Dtype.F32, new long[] {1}, three));
    assertThrows(
        IllegalArgumentException.class,
        () -> new NamedTensor("a", Dtype.U8, new long[] {-3}, three));
  }
}
