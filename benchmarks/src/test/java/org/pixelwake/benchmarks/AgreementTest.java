package org.pixelwake.benchmarks;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AgreementTest {
  private static final Map<String, float[]> EXPECTED = Map.of("y", new float[] {100, -1, 0});

  @Test
  void roundingIsAllowed() {
    assertDoesNotThrow(
        () -> Agreement.require("task", Map.of("y", new float[] {100.01f, -1, 0}), EXPECTED));
  }

  @ParameterizedTest
  @ValueSource(floats = {0, 99.9f, Float.NaN, Float.POSITIVE_INFINITY})
  void aWrongValueIsRefused(float wrong) {
    refused(Map.of("y", new float[] {wrong, -1, 0}));
  }

  @Test
  void aMissingResultIsRefused() {
    refused(Map.of());
    refused(Map.of("dx", new float[] {100, -1, 0}));
  }

  @Test
  void aShorterResultIsRefused() {
    refused(Map.of("y", new float[] {100, -1}));
  }

  @Test
  void nothingIsProvedByZeros() {
    Map<String, float[]> zeros = Map.of("y", new float[3]);
    assertThrows(IllegalStateException.class, () -> Agreement.require("task", zeros, zeros));
  }

  private static void refused(Map<String, float[]> results) {
    assertThrows(IllegalStateException.class, () -> Agreement.require("task", results, EXPECTED));
  }
}
