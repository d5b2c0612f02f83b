package org.pixelwake.benchmarks;

import java.util.Map;

/// Whether a measured operation computed what it should: nobody is to measure a wrong or empty
/// kernel.
final class Agreement {
  /// Largest error relative to the largest value: of f32 with its sums in another order.
  private static final double TOLERANCE = 2e-4;

  private Agreement() {}

  /// Compares all results of a task.
  ///
  /// @throws IllegalStateException where one is missing, superfluous, of another size or wrong
  static void require(String task, Map<String, float[]> results, Map<String, float[]> expected) {
    if (!results.keySet().equals(expected.keySet())) {
      throw new IllegalStateException(
          task + " gives " + results.keySet() + "; expected: " + expected.keySet());
    }
    results.forEach((name, values) ->
        require(task + ": " + name, values, expected.getOrDefault(name, new float[0])));
  }

  private static void require(String name, float[] values, float[] expected) {
    if (values.length != expected.length) {
      throw new IllegalStateException(
          name + " has " + values.length + " values; expected: " + expected.length);
    }
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < values.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      // A NaN stays one.
      difference = Math.max(difference, Math.abs(values[i] - expected[i]));
    }
    // All zero would agree with an empty kernel.
    if (!(largest > 0) || !(difference <= TOLERANCE * largest)) {
      throw new IllegalStateException(
          "%s is wrong by %.3g, where the largest value is %.3g"
              .formatted(name, difference, largest));
    }
  }
}
