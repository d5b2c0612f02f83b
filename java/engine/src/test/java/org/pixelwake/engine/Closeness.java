package org.pixelwake.engine;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.Set;

/// How near a result must be to the reference.
///
/// f32: the norm of the difference, over that of the reference, at most 1e-5, and no element off by
/// more than 1e-4 of the largest. bf16: inputs are exact in the storage, so each element may be off
/// by its own rounding (2^-8 of it, and as much of the root mean square, as products may be rounded
/// too); what stays in f32 beside it (sums over such elements) by 5e-3 in the norm.
final class Closeness {
  private Closeness() {}

  /// Tensors made of rows of different meaning and size, which are compared one by one.
  private static final Set<String> ROWS =
      Set.of("stats", "sums", "gate_sums", "pooled", "coef", "bn");

  static void check(Tensor tensor, double[] expected, double[] actual, boolean reduced) {
    int rows = ROWS.contains(tensor.name()) ? tensor.dim(0) : 1;
    int length = expected.length / rows;
    for (int row = 0; row < rows; row++) {
      checkRow(tensor, row, expected, actual, row * length, length, reduced);
    }
  }

  private static void checkRow(
      Tensor tensor,
      int row,
      double[] expected,
      double[] actual,
      int from,
      int length,
      boolean reduced) {
    double squares = 0;
    double error = 0;
    double largest = 0;
    for (int i = from; i < from + length; i++) {
      squares += expected[i] * expected[i];
      error += (actual[i] - expected[i]) * (actual[i] - expected[i]);
      largest = Math.max(largest, Math.abs(expected[i]));
    }
    if (reduced && tensor.name().equals("stats")) {
      // Means and deviations may be nearly nothing beside the values they are of, which are
      // rounded.
      for (int i = 0; i < length; i++) {
        double other = row == 0 ? 1 : expected[i] * expected[i];
        squares += other * expected[length + i];
        largest = Math.max(largest, Math.sqrt(other * expected[length + i]));
      }
    }
    double rms = Math.sqrt(squares / length);
    double relative = Math.sqrt(error) / Math.max(Math.sqrt(squares), 1e-6);
    boolean bf16 = tensor.storage() == Storage.BF16;
    double limit = bf16 || reduced ? 5e-3 : 1e-5;
    // NaN fails the comparison too.
    if (!(relative <= limit)) {
      String worst = worst(expected, actual, from, length);
      fail("%s row %d: relative error %.3g, %s".formatted(tensor, row, relative, worst));
    }
    for (int i = from; i < from + length; i++) {
      double allowed =
          bf16 ? (Math.abs(expected[i]) + rms) / 256 : (reduced ? 2e-2 : 1e-4) * largest + 1e-6;
      if (!(Math.abs(actual[i] - expected[i]) <= allowed)) {
        fail(
            "%s row %d: element %d is %.8g, not %.8g, beyond %.3g; %s"
                .formatted(
                    tensor,
                    row,
                    i - from,
                    actual[i],
                    expected[i],
                    allowed,
                    worst(expected, actual, from, length)));
      }
    }
  }

  private static String worst(double[] expected, double[] actual, int from, int length) {
    int worst = from;
    int wrong = 0;
    for (int i = from; i < from + length; i++) {
      double error = Math.abs(actual[i] - expected[i]);
      wrong += error <= 1e-3 * Math.abs(expected[i]) + 1e-6 ? 0 : 1;
      if (Double.isNaN(error) || error > Math.abs(actual[worst] - expected[worst])) {
        worst = i;
        if (Double.isNaN(error)) {
          break;
        }
      }
    }
    return "element %d is %.8g, not %.8g (%d of %d seen are off)"
        .formatted(worst - from, actual[worst], expected[worst], wrong, length);
  }
}
