package org.pixelwake.benchmarks;

/// An array of a problem, the same for all contestants.
///
/// @param activation whether it is (n, h, w, c), which each contestant arranges as it likes; else a
///   parameter in PyTorch's order
/// @param shape its dimensions
/// @param data its elements, in this order
record ProblemArray(boolean activation, int[] shape, float[] data) {
  static int elements(int... shape) {
    int product = 1;
    for (int side : shape) {
      product = Math.multiplyExact(product, side);
    }
    return product;
  }

  long[] longShape() {
    long[] copy = new long[shape.length];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = shape[i];
    }
    return copy;
  }
}
